import {createHash} from 'node:crypto';
import {constants} from 'node:fs';
import {open} from 'node:fs/promises';
import type {Sha256} from '../brand.ts';
import type {Clock} from '../clock.ts';
import {fault} from '../fault.ts';
import {assemble} from '../plan/assemble.ts';
import {maxPlanBytes, parsePlan} from '../plan/parse-plan.ts';
import {gather} from '../plan/gather.ts';
import type {Plan} from '../plan/plan.ts';
import {differences} from '../plan/stale.ts';
import {failed, ok, type Result} from '../result.ts';
import type {Runbook} from '../runbook/runbook.ts';
import {kinds} from '../step/registry.ts';
import type {Look} from '../step/world.ts';

/** Reads the facts and assembles the plan. What it is given cannot change anything. */
export async function makePlan(look: Look, runbook: Runbook, digest: Sha256, clock: Clock): Promise<Result<Plan>> {
  const found = await gather(look, kinds);
  return found.ok ? ok(assemble(runbook, digest, found.value, kinds, clock.now())) : found;
}

/** A plan that may be run: none of its steps found a fault. */
export function runnable(plan: Plan): Result<Plan> {
  const [first] = plan.errors;
  return first ? failed(first.fault) : ok(plan);
}

/** The saved plan, if it still fits what was read now. */
export async function stillFits(file: string, now: Plan): Promise<Result<Plan>> {
  const saved = await readPlan(file);
  if (!saved.ok) return saved;
  const changed = differences(saved.value.plan, now);
  if (changed.length === 0) return ok(now);
  return failed(
    fault('plan.stale', `changed since ${file}: ${changed.map(({fact}) => fact).join(', ')}`, {
      detail: {changed: changed.map(({fact, before, now}) => ({fact, before, now}))},
    }),
  );
}

/** A saved plan that is whole, and the SHA-256 of its file. Fault: `plan.unreadable`. */
export async function readPlan(file: string): Promise<Result<{readonly plan: Plan; readonly file: Sha256}>> {
  const refused = (says: string) => failed(fault('plan.unreadable', `${file}: ${says}`));
  try {
    await using handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
    const {size} = await handle.stat();
    if (size > maxPlanBytes) return refused('it is too large for a plan');
    const bytes = await handle.readFile();
    const parsed = parsePlan(new TextDecoder('utf-8', {fatal: true}).decode(bytes));
    if ('wrong' in parsed) return refused(parsed.wrong);
    return ok({plan: parsed.plan, file: createHash('sha256').update(bytes).digest('hex') as Sha256});
  } catch (error) {
    return refused(error instanceof Error && 'code' in error ? String(error.code) : 'unreadable');
  }
}
