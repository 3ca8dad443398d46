import type {Custody} from '../evidence/custody.ts';
import type {Item} from '../evidence/item.ts';
import {fault} from '../fault.ts';
import {failed, ok, type Result} from '../result.ts';
import {outline, takeItem} from './evidence-item.ts';
import {isMemory, takeMemory} from './evidence-memory.ts';
import {interrupted} from './interrupted.ts';
import type {Hand} from './step.ts';
import type {Vault, World} from './world.ts';

/** Items in a row that the host did not answer before it is taken for gone. */
const patience = 3;

export interface Taking {
  readonly items: readonly Item[];
  /** Our clock's milliseconds at which the rest is left. */
  readonly until: number;
}

/**
 * Takes the items in their order from the running old system. What ends by its limits, or by the whole time, is kept and
 * marked; only a host that does not answer is a fault, and what an earlier attempt has taken whole is not taken again.
 */
export async function takeLive(world: World, vault: Vault, {items, until}: Taking, hand: Hand): Promise<Result<void>> {
  const {suspect, clock} = world;
  const entered = await suspect.enter(hand.signal);
  if (!entered.ok) return entered;
  const facts = entered.value;
  await hand.note('our tools run in the old system’s memory, hashed there', {
    sealed: facts.sealed,
    tool: {...facts.tool},
    script: facts.script,
  });
  const left = items.filter((item) => !isTaken(vault.held, item));
  let offset: number | null = vault.held.find(({clockOffset}) => clockOffset !== null)?.clockOffset ?? null;
  let silent = 0;
  let missing = 0;
  for (const [index, item] of left.entries()) {
    if (hand.signal.aborted) return interrupted();
    hand.progress({says: item.what, done: index, of: left.length, unit: 'items'});
    if (silent >= patience) {
      missing++;
      continue;
    }
    const taken =
      clock.ticks() >= until
        ? await vault.record({...outline(item, facts, world, offset), complete: false, reason: 'its time was over'})
        : await (item.form === 'lime' ? takeMemory : takeItem)(
            item,
            {suspect, facts, vault, offset, until},
            world,
            hand,
          );
    if (!taken.ok) return taken;
    if (taken.value === undefined) continue;
    offset ??= taken.value.offset;
    silent = taken.value.answered ? 0 : silent + 1;
    if (!taken.value.answered) missing++;
  }
  if (hand.signal.aborted) return interrupted();
  const gone = await suspect.leave(hand.signal);
  if (!gone.ok) await hand.note(`our tools may still lie in the old system’s memory: ${gone.fault.says}`);
  return missing === 0
    ? ok(undefined)
    : failed(fault('evidence.incomplete', `the old system did not answer for ${missing} of ${left.length} items`));
}

/** What came whole, or was ended by its own limits, is as good as it gets. */
const isTaken = (held: readonly Custody[], {id, form}: Item): boolean =>
  held.some(
    (record) =>
      (form === 'lime' ? isMemory(record.id) : record.id.replace(/^\d+-/, '') === id) &&
      !record.reason?.startsWith('the host did not answer'),
  );
