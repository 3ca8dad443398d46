import {setImmediate} from 'node:timers/promises';
import type {Instant} from '../../src/brand.ts';
import type {Clock} from '../../src/clock.ts';

/** A clock on which a sleep passes at once and counts in full: minutes of patience in a moment of test. */
export function hasty(): Clock & {readonly slept: readonly number[]} {
  const begun = Date.now();
  let ahead = 0;
  const slept: number[] = [];
  return {
    slept,
    now: () => new Date(begun + ahead).toISOString() as Instant,
    ticks: () => performance.now() + ahead,
    async sleep(ms, signal) {
      if (signal?.aborted) return;
      slept.push(ms);
      ahead += ms;
      await setImmediate();
    },
  };
}
