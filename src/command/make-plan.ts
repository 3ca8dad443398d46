import type {Clock} from '../clock.ts';
import {assemble} from '../plan/assemble.ts';
import {gather} from '../plan/gather.ts';
import type {Plan} from '../plan/plan.ts';
import type {Tell} from '../progress.ts';
import {ok, type Result} from '../result.ts';
import {kinds} from '../step/registry.ts';
import type {Look} from '../step/world.ts';
import type {Subject} from './subject.ts';

/** Reads the facts and assembles the plan. What it is given cannot change anything. */
export async function makePlan(
  look: Look,
  {runbook, digest}: Pick<Subject, 'runbook' | 'digest'>,
  clock: Clock,
  tell: Tell = () => {},
): Promise<Result<Plan>> {
  const of = runbook.steps.length;
  const reading = (done: number): void => tell({says: 'reading what the plan needs', done, of, unit: 'items'});
  reading(0);
  const found = await gather(look, kinds, reading);
  return found.ok ? ok(assemble(runbook, digest, found.value, kinds, clock.now())) : found;
}
