import {readFile} from 'node:fs/promises';
import type {Sha256} from '../brand.ts';
import type {Clock} from '../clock.ts';
import {fault} from '../fault.ts';
import {assemble} from '../plan/assemble.ts';
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
  const changed = differences(saved.value, now);
  if (changed.length === 0) return ok(now);
  return failed(
    fault('plan.stale', `changed since ${file}: ${changed.map(({fact}) => fact).join(', ')}`, {
      detail: {changed: changed.map(({fact, before, now}) => ({fact, before, now}))},
    }),
  );
}

async function readPlan(file: string): Promise<Result<Plan>> {
  try {
    const plan = JSON.parse(await readFile(file, 'utf8')) as Partial<Plan>;
    if (plan.version === 1 && plan.facts && plan.digest) return ok(plan as Plan);
    return failed(fault('plan.unreadable', `${file} is no plan of this version of rebuild`));
  } catch (error) {
    return failed(fault('plan.unreadable', `${file}: ${error instanceof Error ? error.message : 'unreadable'}`));
  }
}
