import {ok, type Result} from '../../result.ts';
import type {DriveFacts} from '../../step/world.ts';
import type {Client} from './client.ts';
import {link, links, list, number, text} from './tree.ts';

const mostControllers = 64;
const mostDrives = 512;
const concurrency = 4;

/**
 * Drives with a serial number, as the BMC sees them. Undefined where it shows none: many BMCs see only what hangs on
 * their vendor's RAID controller, some only while the host is on, so an empty list would say more than they know.
 */
export async function readDrives(client: Client, system: string): Promise<Result<readonly DriveFacts[] | undefined>> {
  const about = await client.get(system);
  if (!about.ok) return about;
  const controllers = await membersOf(client, link(about.value.body, 'Storage'));
  if (!controllers.ok) return controllers;
  const paths = [...new Set(controllers.value.flatMap((controller) => links(controller, 'Drives')))];
  const drives = await readAll(client, paths.slice(0, mostDrives));
  if (!drives.ok) return drives;
  const simple = await membersOf(client, link(about.value.body, 'SimpleStorage'));
  if (!simple.ok) return simple;
  const devices = simple.value.flatMap((controller) => list(controller, 'Devices'));
  const found = new Map(
    [...drives.value, ...devices].flatMap((body) => drive(body) ?? []).map((each) => [each.serial, each]),
  );
  return ok(found.size === 0 ? undefined : [...found.values()]);
}

async function membersOf(client: Client, collection: string | undefined): Promise<Result<readonly unknown[]>> {
  if (collection === undefined) return ok([]);
  const reply = await client.find(collection);
  if (!reply.ok) return reply;
  return readAll(client, links(reply.value?.body, 'Members').slice(0, mostControllers));
}

/** Reads resources, a few at a time; one that is linked and gone is left out. */
async function readAll(client: Client, paths: readonly string[]): Promise<Result<readonly unknown[]>> {
  const bodies: unknown[] = [];
  for (let at = 0; at < paths.length; at += concurrency) {
    const replies = await Promise.all(paths.slice(at, at + concurrency).map((path) => client.find(path)));
    for (const reply of replies) {
      if (!reply.ok) return reply;
      if (reply.value !== undefined) bodies.push(reply.value.body);
    }
  }
  return ok(bodies);
}

function drive(body: unknown): DriveFacts | undefined {
  const serial = text(body, 'SerialNumber')?.trim();
  if (serial === undefined || serial === '') return undefined;
  return {
    serial,
    vendor: text(body, 'Manufacturer')?.trim() ?? '',
    model: text(body, 'Model')?.trim() ?? '',
    sizeBytes: number(body, 'CapacityBytes') ?? 0,
  };
}
