import type {Clock} from '../../clock.ts';
import {fault} from '../../fault.ts';
import {until} from '../../pace.ts';
import {failed, ok, type Result} from '../../result.ts';
import {bootPlan, holds, type Boot} from './boot-request.ts';
import type {Client} from './client.ts';
import {insistently} from './insist.ts';
import type {Machine} from './machine.ts';

const settle = {everyMs: 1_000, deadlineMs: 30_000} as const;

/** Sets the override and reads it back where it was written: a settings object shows on the system only after a reset. */
export async function setBoot(
  client: Client,
  {profile, system}: Machine,
  want: Boot,
  clock: Clock,
  signal: AbortSignal,
): Promise<Result<void>> {
  const now = await client.get(system, signal);
  if (!now.ok) return now;
  const plan = bootPlan(profile, system, now.value.body, want);
  if (plan.is === 'already') return ok(undefined);
  if (plan.is === 'impossible')
    return failed(
      fault('bmc.feature-missing', 'the BMC offers no virtual CD as boot target', {
        detail: {offered: [...plan.offered]},
      }),
    );
  let last: Result<void> = failed(fault('bmc.refused', 'the BMC took no form of the boot override'));
  for (const write of plan.writes) {
    const done = await insistently(client, write, clock, signal);
    if (!done.ok) return done;
    if (!done.value.accepted) {
      last = done.value.refusal();
      if (!last.ok && last.fault.code === 'bmc.credentials-refused') return last;
      continue;
    }
    const kept = await until<Result<void>>(
      async () => {
        const back = await client.get(write.reference, signal);
        if (!back.ok) return back;
        return holds(profile, back.value.body, want) ? ok(undefined) : undefined;
      },
      {...settle, clock, signal},
    );
    if (kept.end === 'met') return kept.value;
    if (kept.end === 'aborted') return failed(fault('run.interrupted', 'interrupted while the boot override was set'));
    last = failed(fault('bmc.refused', 'the BMC accepted the boot override and does not show it'));
  }
  return last;
}
