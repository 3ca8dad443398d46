import {until} from '../../pace.ts';
import {failed, ok, type Result} from '../../result.ts';
import {interrupted} from '../interrupted.ts';
import {readPolicy} from '../isolation/edge-policy.ts';
import type {Hand} from '../step.ts';
import type {Look, World} from '../world.ts';

/**
 * Whether the light system is there. Another system in its place says that it is not, and so does silence where the
 * gateway answers and lets this controller through. Faults: silence that is the way's, and an answer that broke off.
 */
export async function lightAnswers(look: Look): Promise<Result<boolean>> {
  const hello = await look.target.hello();
  if (hello.ok) return ok(true);
  if (hello.fault.code === 'ssh.host-key-differs') return ok(false);
  if (hello.fault.code !== 'ssh.unreachable') return failed(hello.fault);
  const policy = await readPolicy(look);
  if (!policy.ok) return policy;
  // Asked after the gateway was reached: an address counts from then on.
  const here = await look.locate();
  const isShutOut = policy.value && !policy.value.admit.includes(here);
  return isShutOut ? failed(hello.fault) : ok(false);
}

/** As `lightAnswers`, asked for a minute until it is known. */
export async function lightIsUp(world: World, {signal}: Hand): Promise<Result<boolean>> {
  let last: Result<boolean> = ok(false);
  const seen = await until<boolean>(
    async () => {
      last = await lightAnswers(world);
      return last.ok ? last.value : undefined;
    },
    {everyMs: 1000, deadlineMs: 60_000, clock: world.clock, signal},
  );
  return seen.end === 'aborted' ? interrupted() : last;
}
