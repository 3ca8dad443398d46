import {fault} from '../../fault.ts';
import {failed, ok, type Result} from '../../result.ts';
import type {Client} from './client.ts';
import {links, text} from './tree.ts';

/** One resource as it was read. */
export interface Resource {
  readonly path: string;
  readonly body: unknown;
}

const concurrency = 4;
// Dell pages its inventory by 50.
const mostPages = 16;

/**
 * Every member of a collection; none where there is no such collection. What a BMC says of who may use it is read whole
 * or not at all: more members than any real one has, and pages that lead back to themselves, are a fault.
 */
export async function membersOf(
  client: Client,
  collection: string | undefined,
  most: number,
): Promise<Result<readonly Resource[]>> {
  const paths = new Set<string>();
  const pages = new Set<string>();
  for (let next = collection; next !== undefined;) {
    if (pages.has(next) || pages.size === mostPages) return endless(next);
    pages.add(next);
    const page = await client.find(next);
    if (!page.ok) return page;
    for (const path of links(page.value?.body, 'Members')) paths.add(path);
    if (paths.size > most) return endless(next);
    next = text(page.value?.body, 'Members@odata.nextLink');
  }
  return readAll(client, [...paths]);
}

/** Reads resources, a few at a time; one that is linked and gone is left out. */
export async function readAll(client: Client, paths: readonly string[]): Promise<Result<readonly Resource[]>> {
  const found: Resource[] = [];
  for (let at = 0; at < paths.length; at += concurrency) {
    const several = paths.slice(at, at + concurrency);
    const replies = await Promise.all(several.map((path) => client.find(path)));
    for (const [index, reply] of replies.entries()) {
      if (!reply.ok) return reply;
      if (reply.value !== undefined) found.push({path: several[index] as string, body: reply.value.body});
    }
  }
  return ok(found);
}

/** What a collection calls a member: the last part of its path. */
export const idOf = (path: string): string => short(path.split('/').findLast((part) => part !== '') ?? '');

const longest = 128;

/** A name or a version as a BMC gives it. One that was cut equals no other. */
export const short = (name: string): string => (name.length > longest ? `${name.slice(0, longest)}…` : name);

const endless = (at: string): Result<never> =>
  failed(fault('bmc.refused', `the BMC lists more at ${at.slice(0, 200)} than any real one has`));
