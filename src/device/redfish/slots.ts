import type {Clock} from '../../clock.ts';
import {ok, type Result} from '../../result.ts';
import type {Client, Write} from './client.ts';
import type {Machine} from './machine.ts';
import {slot, type Slot} from './slot.ts';
import {link, links, member, text} from './tree.ts';

// Lenovo lists ten.
const mostSlots = 32;
// It takes effect after a few seconds.
const revealMs = 5_000;

/**
 * Every virtual media slot of the machine, the system's before its manager's: iDRAC 6.00 and later list both and boot
 * from the system's; Supermicro links one collection from both places.
 */
export async function readSlots(client: Client, machine: Machine): Promise<Result<readonly Slot[]>> {
  const seen = new Set<string>();
  const slots: Slot[] = [];
  for (const owner of [machine.system, machine.manager]) {
    if (owner === undefined) continue;
    const about = await client.get(owner);
    if (!about.ok) return about;
    const at = link(about.value.body, 'VirtualMedia');
    if (at === undefined) continue;
    const collection = await client.find(at);
    if (!collection.ok) return collection;
    for (const path of links(collection.value?.body, 'Members').slice(0, mostSlots)) {
      if (seen.has(path)) continue;
      seen.add(path);
      // A member that is listed and gone is no slot (Cisco lists slots of consoles that are not open).
      const reply = await client.find(path);
      if (!reply.ok) return reply;
      if (reply.value !== undefined) slots.push(slot(path, reply.value.body, reply.value.headers['allow']));
    }
  }
  return ok(slots);
}

/** The action that would reveal slots, where they are hidden now. */
export async function hidden(client: Client, {profile, manager}: Machine): Promise<Result<Write | undefined>> {
  if (profile.reveal === undefined || manager === undefined) return ok(undefined);
  const about = await client.get(manager);
  if (!about.ok) return about;
  const {action, body, status, off} = profile.reveal;
  if (member(about.value.body, ...status) !== off) return ok(undefined);
  const reference =
    text(about.value.body, 'Actions', 'Oem', action, 'target') ?? text(about.value.body, 'Actions', action, 'target');
  return ok(reference === undefined ? undefined : {method: 'POST', reference, body});
}

/** Reveals slots that are hidden. Its answer says little; whether slots are there afterwards is what counts. */
export async function reveal(
  client: Client,
  machine: Machine,
  clock: Clock,
  signal: AbortSignal,
): Promise<Result<void>> {
  const write = await hidden(client, machine);
  if (!write.ok) return write;
  if (write.value === undefined) return ok(undefined);
  const done = await client.write(write.value, signal);
  if (done.ok) await clock.sleep(revealMs, signal);
  return done.ok ? ok(undefined) : done;
}
