import type {Clock} from '../../clock.ts';
import {fault} from '../../fault.ts';
import {failed, ok, type Result} from '../../result.ts';
import type {BmcScreen} from '../../step/world/bmc.ts';
import type {Client} from './client.ts';
import {insistently} from './insist.ts';
import type {Machine} from './machine.ts';
import {pictureOf} from './picture.ts';
import {screenService, screenTarget} from './screen-request.ts';
import {member} from './tree.ts';

/** What the path of an action is made of on every BMC seen; it is kept in the custody record. */
const plainPath = /^\/redfish\/v1\/[\w./-]{1,300}$/;

/**
 * The host's screen by the vendor's action, which may be sent twice: a BMC that has trouble is asked three times more. One
 * that is away is not waited for: what the host itself can tell goes meanwhile. No fault holds anything of the picture.
 * Faults: `bmc.screen-not-shown`, `bmc.screen-unreadable`, `bmc.refused` (the machine is off, the answer is too long).
 */
export async function takeScreen(
  client: Client,
  {manager, profile}: Machine,
  clock: Clock,
  signal: AbortSignal,
): Promise<Result<BmcScreen>> {
  const {screen} = profile;
  if (screen === undefined || manager === undefined) return notShown(`no way to it is known (profile ${profile.name})`);
  const about = await client.get(manager, signal);
  if (!about.ok) return about;
  const path = screenService(screen, {path: manager, body: about.value.body});
  const service = path === manager ? about : await client.find(path, signal);
  if (!service.ok) return service;
  const target = service.value && screenTarget(screen, {path, body: service.value.body});
  if (target === undefined) return notShown(`it does not offer ${screen.action}`);
  if (!plainPath.test(target)) return failed(fault('bmc.refused', `the BMC offers ${screen.action} at an odd place`));
  const write = {method: 'POST', reference: target, body: screen.body, wants: screen.picture} as const;
  const done = await insistently(client, write, clock, signal);
  if (!done.ok) return done;
  if (!done.value.accepted) {
    const {reply, refusal} = done.value;
    // What older firmware answers to an action that it does not know.
    if ([404, 405, 501].includes(reply.status)) return notShown(`it answers ${reply.status} to ${screen.action}`);
    const refused = refusal();
    return !refused.ok && refused.fault.code === 'bmc.feature-missing' ? notShown(refused.fault.says) : refused;
  }
  const picture = pictureOf(member(done.value.reply.body, ...screen.picture));
  return picture
    ? ok({...picture, asked: target})
    : failed(fault('bmc.screen-unreadable', 'what the BMC sent as a picture of the screen is neither PNG nor JPEG'));
}

const notShown = (why: string): Result<never> =>
  failed(fault('bmc.screen-not-shown', `this BMC shows no picture of the host’s screen: ${why}`));
