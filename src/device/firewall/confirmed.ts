import type {Clock} from '../../clock.ts';
import {fault} from '../../fault.ts';
import {failed, type Result} from '../../result.ts';
import type {Anew, Exec} from './exec.ts';
import type {Armed, Gateway, InForce} from './gateway.ts';
import type {Outcome} from './dead-man.ts';

export interface Confirming {
  readonly clock: Clock;
  readonly anew: Anew;
  readonly gateway: (over: Exec) => Pick<Gateway, 'confirm'>;
}

const everyMs = 1000;
/** After the gateway has taken the change back, to find it again. */
const patienceMs = 20_000;

/**
 * Confirms a change over a connection made after it, and tries for as long as the gateway waits and a little longer:
 * who was cut off learns then that the change was taken back, or is `reverting` even now.
 */
export async function confirmed(
  {token, seconds}: Armed,
  {clock, anew, gateway}: Confirming,
): Promise<Result<InForce & {readonly outcome: Outcome}>> {
  const until = clock.ticks() + seconds * 1000 + patienceMs;
  for (;;) {
    const line = await anew();
    if (line.ok) {
      const answer = await gateway(line.value.exec).confirm(token);
      line.value.close();
      const again = answer.ok
        ? answer.value.outcome === 'reverting' && clock.ticks() < until
        : answer.fault.code === 'edge.unreachable';
      if (!again) return answer;
    } else if (line.fault.code !== 'ssh.unreachable' && line.fault.code !== 'ssh.lost') return line;
    if (clock.ticks() >= until)
      return failed(
        fault('edge.unreachable', `the gateway has not answered since the change, for ${seconds} s and more`),
      );
    await clock.sleep(everyMs);
  }
}
