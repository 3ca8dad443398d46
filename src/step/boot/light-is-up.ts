import {until} from '../../pace.ts';
import {ok, type Result} from '../../result.ts';
import {interrupted} from '../interrupted.ts';
import type {Hand} from '../step.ts';
import type {World} from '../world.ts';

/** Whether the light system is still there. Only silence, or another system in its place, says that it is not. */
export async function lightIsUp(world: World, {signal}: Hand): Promise<Result<boolean>> {
  let last: Result<boolean> = ok(false);
  const seen = await until<boolean>(
    async () => {
      const hello = await world.target.hello();
      if (hello.ok) return true;
      if (hello.fault.code === 'ssh.unreachable' || hello.fault.code === 'ssh.host-key-differs') return false;
      last = hello;
      return undefined;
    },
    {everyMs: 1000, deadlineMs: 60_000, clock: world.clock, signal},
  );
  if (seen.end === 'met') return ok(seen.value);
  return seen.end === 'aborted' ? interrupted() : last;
}
