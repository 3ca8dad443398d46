import {ok, type Result} from '../../result.ts';
import type {BmcSubscription} from '../../step/bmc/state.ts';
import type {Client} from './client.ts';
import {idOf, membersOf, short, type Resource} from './members.ts';
import {link, text} from './tree.ts';

// bmcweb takes 20 of each kind, iLO 4 to 8.
const mostSubscriptions = 128;

/** Everyone to whom the BMC reports what happens. A BMC without an event service reports to nobody. */
export async function readSubscriptions(
  client: Client,
  root: unknown,
): Promise<Result<readonly (BmcSubscription & Resource)[]>> {
  const at = link(root, 'EventService');
  const service = at === undefined ? ok(undefined) : await client.find(at);
  if (!service.ok) return service;
  const members = await membersOf(client, link(service.value?.body, 'Subscriptions'), mostSubscriptions);
  if (!members.ok) return members;
  return ok(
    members.value.map((member) => ({
      ...member,
      id: idOf(member.path),
      destination: short(text(member.body, 'Destination') ?? ''),
    })),
  );
}
