import type {Clock} from '../../clock.ts';
import {fault} from '../../fault.ts';
import {until} from '../../pace.ts';
import {failed, ok, type Result} from '../../result.ts';
import type {Power} from '../../step/world/bmc.ts';
import type {Client} from './client.ts';
import {powerOf, powerRequest, resetInfo} from './power-request.ts';

// A large server takes half a minute to power on; a reset that got lost is sent again, which On and ForceOff both bear.
const settle = {everyMs: 1_000, deadlineMs: 90_000} as const;
const rounds = 2;

/** Brings the machine to the power state wanted and returns once the BMC reports it. */
export async function setPower(
  client: Client,
  system: string,
  want: Power,
  clock: Clock,
  signal: AbortSignal,
): Promise<Result<void>> {
  let refused: Result<never> | undefined;
  for (let round = 0; round < rounds; round++) {
    const now = await client.get(system, signal);
    if (!now.ok) return now;
    if (powerOf(now.value.body) === want) return ok(undefined);
    const at = resetInfo(now.value.body);
    const info = at === undefined ? undefined : await client.find(at, signal);
    if (info?.ok === false) return info;
    const write = powerRequest(now.value.body, info?.value?.body, want);
    if (write === undefined) return failed(fault('bmc.feature-missing', `the BMC cannot power the system ${want}`));
    const done = await client.write(write, signal);
    if (!done.ok && done.fault.code !== 'bmc.unreachable') return done;
    // Refused, or the answer lost: it may be so all the same (409 "already off"), which only its state tells.
    refused = done.ok && !done.value.accepted ? done.value.refusal() : undefined;
    const reached = await until<Result<void>>(
      async () => {
        const then = await client.get(system, signal);
        if (!then.ok) return then;
        return powerOf(then.value.body) === want ? ok(undefined) : undefined;
      },
      {...settle, deadlineMs: refused === undefined ? settle.deadlineMs : 5_000, clock, signal},
    );
    if (reached.end === 'met') return reached.value;
    if (reached.end === 'aborted') return failed(fault('run.interrupted', `interrupted while powering ${want}`));
  }
  return refused ?? failed(fault('bmc.refused', `the BMC accepted the reset and the system is not ${want}`));
}
