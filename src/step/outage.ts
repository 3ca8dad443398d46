import {again, type Fault} from '../fault.ts';
import {isCutOff, secondsBetween} from './interruption.ts';
import {admitThisController} from './isolation/admit.ts';
import type {Timeline} from './step.ts';
import type {World} from './world.ts';

/** Whether a step that failed is to be tried again at once, since it was the way there that was down and no longer is. */
export type Outages = (world: World, why: Fault, timeline: Timeline, going: Going) => Promise<boolean>;

export interface Going {
  readonly signal: AbortSignal;
  /** Somebody wants the run to stop before it goes on. */
  readonly asked: () => Promise<boolean>;
  readonly headway: Headway;
}

export interface Headway {
  /** Whether the run has got anywhere since this was last asked. */
  readonly made: () => boolean;
  /** When it last did, in the clock's ticks. */
  readonly at: () => number;
}

const everyMs = 10_000;
/** So long nobody need sit there. */
const longestMs = 24 * 3_600_000;
/** After a way is back: so long the rest of it may take, a route or an address that is learned. */
const settlingMs = 120_000;
/** Cuts that were over before they could be looked into, and no headway between them: more of them are something else. */
const mostShort = 3;
/** Longer than any step bears a cut by itself, so that one which does so is not begun again for ever. */
const soonMs = 30 * 60_000;

/**
 * Where a step found nobody there, the gateway tells what is down: if it is silent too, it is the way from here, and
 * what is beyond has lost nothing. Then it is waited for, and the step goes on. A gateway that answers leaves the host or
 * its BMC: unless the light system does by now, that is for a person to look at. A controller may come back at another
 * address.
 */
export function outages(): Outages {
  let short = 0;
  let shortAt = -Infinity;
  let backAt = -Infinity;
  return async (world, why, timeline, {signal, asked, headway}) => {
    // Without a way a step may end otherwise than by silence: no medium was read, no system came up.
    if (again(why) !== 'safe') return false;
    const {clock} = world;
    const begun = clock.ticks();
    const gateway = async (): Promise<'silent' | 'answers' | 'knew not'> => {
      const at = await world.locate();
      const admitted = await admitThisController(world);
      if (!admitted.ok) return admitted.fault.code === 'edge.unreachable' ? 'silent' : 'answers';
      if (admitted.value !== 'now') return 'answers';
      await timeline.note(`the edge did not admit this controller at ${at}; now it does`);
      return 'knew not';
    };
    const over = (tries: number): Promise<void> =>
      timeline.interrupted({
        cause: 'link cut',
        says: why.says,
        seconds: secondsBetween(headway.at(), clock.ticks()),
        bytesAgain: 0,
        attempts: tries,
        over: true,
      });
    const answers = async (): Promise<boolean> =>
      why.code === 'edge.unreachable' || (isCutOff(why.code) && (await world.target.hello()).ok);
    const first = await gateway();
    if (first !== 'silent') {
      if (headway.made() || clock.ticks() - shortAt > soonMs) short = 0;
      if (signal.aborted || short >= mostShort) return false;
      if (first !== 'knew not' && !(await answers())) {
        if (clock.ticks() - backAt > settlingMs) return false;
        await clock.sleep(everyMs, signal);
        if (signal.aborted) return false;
        await over(1);
        return true;
      }
      short++;
      shortAt = clock.ticks();
      await over(1);
      return true;
    }
    await timeline.note('the gateway does not answer either: the way from here is down, and waited for');
    for (let tries = 1; clock.ticks() - begun < longestMs; tries++) {
      await clock.sleep(everyMs, signal);
      if (signal.aborted) return false;
      // The run stops before the step is begun again.
      if (await asked()) return true;
      if ((await gateway()) === 'silent') continue;
      short = 0;
      backAt = clock.ticks();
      await over(tries);
      return true;
    }
    return false;
  };
}
