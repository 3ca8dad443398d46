import type {Item} from '../../evidence/item.ts';
import {itemOf, mayComeYet, mostTries, triesAt, type Lack} from '../../evidence/outcome.ts';
import {ok, type Result} from '../../result.ts';
import {outline, takeItem, type Asked, type Asking} from './item.ts';
import {takeMemory} from './memory.ts';
import {interrupted} from '../interrupted.ts';
import type {Hand} from '../step.ts';
import type {World} from '../world.ts';
import type {Vault} from '../world/evidence.ts';

/** Items in a row that the host did not answer before it is taken for gone. */
const patience = 3;

export interface Taking {
  readonly items: readonly Item[];
  /** Our clock's milliseconds at which the rest is left. */
  readonly until: number;
  /** A person answers for it if the capture is not whole. */
  readonly accepted: boolean;
}

/**
 * Takes the items in their order from the running old system. What ends by its limits, by the whole time or by a host that
 * does not answer is kept and marked, and what need not be asked for again is not. A host that lets nobody in is a fault,
 * until it has once let us in: from then on that is one more answer that did not come.
 */
export async function takeLive(
  world: World,
  vault: Vault,
  {items, until, accepted}: Taking,
  hand: Hand,
): Promise<Result<void>> {
  const {suspect, clock} = world;
  const left = items.filter(({id}) => mayComeYet(id, vault.held, accepted));
  if (left.length === 0) return ok(undefined);
  let offset: number | null = vault.held.find(({clockOffset}) => clockOffset !== null)?.clockOffset ?? null;
  const leave = (item: Item, lack: Lack, reason: string, facts: Asked = nobody): Promise<Result<void>> =>
    vault.record({...outline(item, facts, world, offset), complete: false, lack, reason});

  const entered = await suspect.enter(hand.signal);
  if (hand.signal.aborted) return interrupted();
  if (!entered.ok) {
    const before = vault.held.some(({id}) => items.some((item) => item.id === itemOf(id)));
    if (!before || entered.fault.code === 'ssh.host-key-differs') return entered;
    for (const item of left) {
      const recorded = await leave(item, 'lost', `not asked: ${entered.fault.code}`);
      if (!recorded.ok) return recorded;
    }
    return ok(undefined);
  }
  const facts = entered.value;
  await hand.note('our tools run in the old system’s memory, hashed there', {
    sealed: facts.sealed,
    tool: {...facts.tool},
    script: facts.script,
  });
  let silent = 0;
  for (const [index, item] of left.entries()) {
    if (hand.signal.aborted) return interrupted();
    hand.progress({says: item.what, done: index, of: left.length, unit: 'items'});
    const tries = triesAt(item.id, vault.held) + 1;
    const final: Asking['final'] = (lack) => tries >= mostTries || (accepted && lack !== 'lost');
    if (silent >= patience || clock.ticks() >= until) {
      const skipped =
        silent >= patience
          ? await leave(item, 'lost', 'not asked: the host had stopped answering', facts)
          : await leave(item, 'time', 'its time was over', facts);
      if (!skipped.ok) return skipped;
      continue;
    }
    const taken = await (item.form === 'lime' ? takeMemory : takeItem)(
      item,
      {suspect, facts, vault, offset, until, final},
      world,
      hand,
    );
    if (!taken.ok) return taken;
    offset ??= taken.value.offset;
    silent = taken.value.answered ? 0 : silent + 1;
  }
  if (hand.signal.aborted) return interrupted();
  const gone = await suspect.leave(hand.signal);
  if (!gone.ok) await hand.note(`our tools may still lie in the old system’s memory: ${gone.fault.says}`);
  return ok(undefined);
}

/** Where nothing of ours was let in. */
const nobody: Asked = {tool: {name: 'none', version: 'none', sha256: null}, argv: []};
