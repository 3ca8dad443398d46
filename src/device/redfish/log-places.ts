import {ok, type Result} from '../../result.ts';
import type {Client} from './client.ts';
import {idOf} from './members.ts';
import {flag, link, links} from './tree.ts';

/** Where a log's entries are listed, and what it is called. */
export interface LogPlace {
  /** The last part of the service's path: `Sel`, `IML`. */
  readonly id: string;
  readonly owner: string;
  readonly entries: string;
}

// Dumps and traces are no logs of events.
const noEvents = /dump|crash|post|journal|debug|telemetry|fault/i;
const mostServices = 16;

/** The logs that are switched on, of managers, systems and chassis, in the order of their owners. */
export async function logPlaces(
  client: Client,
  owners: readonly (string | undefined)[],
): Promise<Result<readonly LogPlace[]>> {
  const found: LogPlace[] = [];
  const seen = new Set<string>();
  for (const owner of owners) {
    if (owner === undefined) continue;
    const about = await client.get(owner);
    if (!about.ok) return about;
    const services = link(about.value.body, 'LogServices');
    const listed = services === undefined ? ok(undefined) : await client.find(services);
    if (!listed.ok) return listed;
    for (const path of links(listed.value?.body, 'Members').slice(0, mostServices)) {
      const id = idOf(path);
      if (seen.has(path) || noEvents.test(id)) continue;
      seen.add(path);
      const service = await client.find(path);
      if (!service.ok) return service;
      const entries = link(service.value?.body, 'Entries');
      if (entries === undefined || flag(service.value?.body, 'ServiceEnabled') === false) continue;
      found.push({id, owner, entries});
    }
  }
  return ok(found);
}
