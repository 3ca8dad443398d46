import {createHash} from 'node:crypto';
import {constants} from 'node:fs';
import {open} from 'node:fs/promises';
import type {Sha256} from '../brand.ts';
import {fault, type Fault} from '../fault.ts';
import type {Difference} from '../plan/difference.ts';
import {maxPlanBytes, parsePlan, planOf} from '../plan/document.ts';
import type {PlanDocument} from '../plan/document-schema.ts';
import type {Plan} from '../plan/plan.ts';
import {failed, ok, type Result} from '../result.ts';

export interface SavedPlan {
  readonly plan: Plan;
  /** With what was expected to move, as it was then. */
  readonly document: PlanDocument;
  /** Digest of the file itself. */
  readonly file: Sha256;
}

/** A saved plan that is whole. Fault: `plan.unreadable`. */
export async function readPlan(file: string): Promise<Result<SavedPlan>> {
  const refused = (says: string) => failed(fault('plan.unreadable', `${file}: ${says}`));
  try {
    await using handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
    const {size} = await handle.stat();
    if (size > maxPlanBytes) return refused('it is too large for a plan');
    const bytes = await handle.readFile();
    const parsed = parsePlan(new TextDecoder('utf-8', {fatal: true}).decode(bytes));
    if ('wrong' in parsed) return refused(parsed.wrong);
    const {document} = parsed;
    return ok({plan: planOf(document), document, file: createHash('sha256').update(bytes).digest('hex') as Sha256});
  } catch (error) {
    return refused(error instanceof Error && 'code' in error ? String(error.code) : 'unreadable');
  }
}

/** A plan that may be run: none of its steps found a fault. */
export function runnable(plan: Plan): Result<Plan> {
  const [first] = plan.errors;
  return first ? failed(first.fault) : ok(plan);
}

/** A saved plan that may be run. Fault: `plan.faulty`, whatever has become of its errors since. */
export function sound(file: string, {plan}: SavedPlan): Result<Plan> {
  const [first] = plan.errors;
  if (!first) return ok(plan);
  const where = first.step === undefined ? '' : ` at ${first.step}`;
  return failed(fault('plan.faulty', `${file} was saved with an error${where}: ${first.fault.code}`));
}

/** That a saved plan no longer fits, and by which facts. */
export const staleFault = (stale: readonly Difference[], since: string): Fault =>
  fault('plan.stale', `changed since ${since}: ${namesOf(stale)}`, {
    detail: {changed: stale.map(({about, name, before, now}) => ({about, fact: name, before, now}))},
  });

const mostNamed = 5;

/** The first few: all of them are told with what they were and are. */
const namesOf = (stale: readonly Difference[]): string =>
  [
    ...stale.slice(0, mostNamed).map(({about, name}) => nameOf(about, name)),
    ...(stale.length > mostNamed ? [`and ${stale.length - mostNamed} more`] : []),
  ].join(', ');

const nameOf = (about: Difference['about'], name: string): string =>
  about === 'fact' || about === name ? name : `${about} ${name}`;
