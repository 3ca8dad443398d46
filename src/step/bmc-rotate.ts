import {z} from 'zod';
import {fault} from '../fault.ts';
import {failed, ok, type Result} from '../result.ts';
import type {BmcPassword} from './bmc/state.ts';
import type {Hand, Step} from './step.ts';
import type {Look, World} from './world.ts';

const params = z.strictObject({});

type Facts = {readonly holds: BmcPassword};

export const bmcRotate: Step<z.infer<typeof params>, Facts> = {
  kind: 'bmc.rotate',
  summary:
    'Changes the BMC’s password to the one that bmc.newpassword names, shown by a new login; the old one must be refused.',
  irreversible: false,
  heldUntil: [],
  params,

  check: (_, {bmc}) =>
    bmc.newpassword === undefined
      ? [{path: [], says: 'needs bmc.newpassword: where the new password comes from'}]
      : bmc.newpassword === bmc.password
        ? [{path: [], says: 'bmc.newpassword names the same secret as bmc.password'}]
        : [],

  async probe(look) {
    const holds = await holding(look, 'password');
    return holds.ok ? ok({holds: holds.value}) : holds;
  },

  plan: (_, {holds}) => [
    {
      id: 'password',
      says: 'the BMC’s password -> the one that bmc.newpassword names',
      certainty: holds === 'newpassword' ? {is: 'not', because: 'already so'} : {is: 'will'},
      undo: false,
      irreversible: false,
      seconds: {from: 2, to: 60},
    },
  ],

  async apply(world, _, hand) {
    const changed = await hand.once(
      'password',
      // A controller that died between the change and its proof cannot know; the BMC takes one of them.
      async () => {
        const holds = await holding(world, 'newpassword');
        return holds.ok ? ok(holds.value === 'newpassword' ? 'present' : 'absent') : holds;
      },
      async () => {
        const holds = await holding(world, 'password');
        if (!holds.ok || holds.value === 'newpassword') return holds.ok ? ok(undefined) : holds;
        return world.bmc.changePassword(hand.signal);
      },
    );
    if (!changed.ok) return changed;
    const old = await world.bmc.takes('password');
    if (!old.ok) return old;
    if (old.value)
      return failed(
        fault('bmc.rotation-failed', 'the BMC still takes the old password beside the new one', {
          state: 'both passwords hold',
        }),
      );
    const ended = await endOthers(world, hand);
    if (!ended.ok) return ended;
    return ok({says: 'changed', data: {oldRefused: true, sessionsEnded: ended.value}});
  },

  async verify(look) {
    const taken = await look.bmc.takes('newpassword');
    if (!taken.ok) return taken;
    return taken.value
      ? ok({says: 'a new login was taken with the new password', data: {}})
      : failed(fault('bmc.rotation-failed', 'the BMC does not take the new password'));
  },
};

/** Which of the two the BMC takes; the one that is likelier is tried first, since a login that fails counts. */
async function holding({bmc}: Look, likelier: BmcPassword): Promise<Result<BmcPassword>> {
  const first = await bmc.takes(likelier);
  if (!first.ok || first.value) return first.ok ? ok(likelier) : first;
  const other = likelier === 'newpassword' ? 'password' : 'newpassword';
  const second = await bmc.takes(other);
  if (!second.ok || second.value) return second.ok ? ok(other) : second;
  return failed(
    fault('bmc.rotation-failed', 'the BMC takes neither bmc.password nor bmc.newpassword in a new login', {
      state: 'which password holds is not known',
    }),
  );
}

/** What was begun with the old password ends with it: some BMCs let sessions live on. */
async function endOthers({bmc}: World, hand: Hand): Promise<Result<number>> {
  const state = await bmc.state('access');
  if (!state.ok) return state;
  const others = state.value.sessions.filter(({own}) => !own);
  for (const {id, user} of others) {
    const ended = await bmc.endSession(id, hand.signal);
    if (!ended.ok) return ended;
    await hand.note(`a session of ${user || 'nobody that is named'} that outlived the old password: ended`);
  }
  return ok(others.length);
}
