import type {Clock} from '../../clock.ts';
import {fault} from '../../fault.ts';
import {failed, type Result} from '../../result.ts';
import type {Client, Write, Written} from './client.ts';

// ironic waits 3 s and tries 3 times: the BMC still ejects what was in before.
const everyMs = 3_000;
const mostErrors = 3;
const deadlineMs = 60_000;

/**
 * A write that is repeated over the BMC's own trouble. Only for what may be done twice, as inserting, ejecting and an
 * override are: after a 5xx or a lost answer nobody knows whether it was done, and the same request again ends in the same state.
 */
export async function insistently(
  client: Client,
  write: Write,
  clock: Clock,
  signal: AbortSignal,
): Promise<Result<Written>> {
  const begun = clock.ticks();
  for (let errors = 1; ; errors++) {
    const done = await client.write(write, signal);
    const trouble = done.ok
      ? !done.value.accepted && done.value.reply.status >= 500
      : done.fault.code === 'bmc.unreachable';
    if (!trouble || errors > mostErrors || clock.ticks() - begun > deadlineMs) return done;
    await clock.sleep(everyMs, signal);
    if (signal.aborted) return failed(fault('run.interrupted', 'interrupted while the BMC was busy'));
  }
}
