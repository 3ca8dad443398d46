import {z} from 'zod';
import {ok, type Result} from '../../result.ts';
import {standingText, superseded, verdictData, verdictsIn, type Verdict} from './verdict.ts';
import type {Hand, Proof} from '../step.ts';
import type {World} from '../world.ts';

const words = z
  .string()
  .trim()
  .regex(/^[^\p{C}]{1,200}$/u, {error: 'expected one line of text'});

export const waiver = z.strictObject({
  by: words.describe('Who answers for it.'),
  reason: words.describe('Why nothing need be kept.'),
});

export const acceptance = z.strictObject({
  by: words.describe('Who answers for it.'),
  reason: words.describe('Why what came is enough.'),
});

/** A person's name and word for going on without evidence, or with less than was promised. */
export type Answerable = z.infer<typeof waiver>;

/** Nothing is kept but the inventory, and the name of who answers for that. */
export async function waived(world: World, {by, reason}: Answerable, hand: Hand): Promise<Result<Proof>> {
  const system = await world.bmc.system();
  if (!system.ok) return system;
  const drives = await world.bmc.drives();
  if (!drives.ok) return drives;
  const {vendor, model, serial} = system.value;
  await hand.note(`inventory of ${[vendor, model, serial].filter(Boolean).join(' ')}`, {
    system: {...system.value},
    drives: (drives.value ?? []).map((drive) => ({...drive})),
  });
  const verdict: Verdict = {profile: 'none', standing: {is: 'waived', by, reason}};
  const all = superseded(verdictsIn(world.earlier('evidence.capture')), [verdict]);
  return ok({says: standingText(verdict), data: verdictData(all)});
}
