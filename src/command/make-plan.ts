import type {Sha256} from '../brand.ts';
import type {Clock} from '../clock.ts';
import {assemble} from '../plan/assemble.ts';
import {gather} from '../plan/gather.ts';
import type {Plan} from '../plan/plan.ts';
import {ok, type Result} from '../result.ts';
import type {Runbook} from '../runbook/runbook.ts';
import {kinds} from '../step/registry.ts';
import type {Look} from '../step/world.ts';

/** Reads the facts and assembles the plan. What it is given cannot change anything. */
export async function makePlan(look: Look, runbook: Runbook, digest: Sha256, clock: Clock): Promise<Result<Plan>> {
  const found = await gather(look, kinds);
  return found.ok ? ok(assemble(runbook, digest, found.value, kinds, clock.now())) : found;
}
