import {fault, type Fault} from '../../fault.ts';
import {failed, ok, type Result} from '../../result.ts';
import type {Deviation, Mend} from './deviation.ts';
import type {BmcState} from './state.ts';
import {interrupted} from '../interrupted.ts';
import type {Hand} from '../step.ts';
import type {World} from '../world.ts';

export const unmendable = (all: readonly Deviation[]): readonly Deviation[] =>
  all.filter(({mend}) => mend === undefined);

export const deviates = (all: readonly Deviation[]): Fault =>
  fault(
    'bmc.deviates',
    all.length === 1 ? (all[0]?.says ?? '') : `${all.length} deviations, the first: ${all[0]?.says}`,
    {
      detail: {deviations: all.map(({says}) => says)},
    },
  );

/**
 * Everything but this session is ended, whoever's it is: what was stolen may be our own password. Ways from the host are
 * closed before accounts are removed, so that nothing comes back over them.
 */
export async function mendAll(
  world: World,
  {accounts, sessions}: BmcState,
  all: readonly Deviation[],
  hand: Hand,
): Promise<Result<readonly string[]>> {
  const stays = unmendable(all);
  if (stays.length > 0) return failed(deviates(stays));
  const others = sessions.filter(({own}) => !own);
  const wanted: readonly Deviation[] = [
    ...all.filter(({mend}) => mend?.is !== 'end session'),
    ...others.map(({id, user, from}): Deviation => ({
      says: `${user || 'nobody that is named'} was logged in${from && ` from ${from}`}`,
      mend: {is: 'end session', id},
    })),
  ];
  if (all.some(({mend}) => mend?.is === 'remove account') && !accounts.some(({own}) => own))
    return failed(fault('bmc.deviates', 'it does not list the account that this run logs in with; none is removed'));
  const done: string[] = [];
  for (const kind of order) {
    for (const {says, mend} of wanted) {
      if (mend?.is !== kind) continue;
      if (hand.signal.aborted) return interrupted();
      hand.progress({says, done: done.length, of: wanted.length, unit: 'items'});
      const mended = await perform(world, mend, hand.signal);
      if (!mended.ok) return mended;
      await hand.note(`${says}: ${mended.value}`);
      done.push(says);
    }
  }
  return ok(done);
}

const order: readonly Mend['is'][] = ['close way', 'remove account', 'end session', 'remove subscription', 'eject'];

const said = (done: Result<unknown>, says: string): Result<string> => (done.ok ? ok(says) : done);

async function perform({bmc}: World, mend: Mend, signal: AbortSignal): Promise<Result<string>> {
  switch (mend.is) {
    case 'remove account': {
      const removed = await bmc.removeAccount(mend.id, signal);
      return removed.ok ? ok(removed.value) : removed;
    }
    case 'end session':
      return said(await bmc.endSession(mend.id, signal), 'ended');
    case 'remove subscription':
      return said(await bmc.removeSubscription(mend.id, signal), 'removed');
    case 'close way':
      return said(await bmc.closeWay(mend.name, signal), 'closed');
    case 'eject':
      return said(await bmc.eject(signal), 'ejected');
    default:
      return mend satisfies never;
  }
}
