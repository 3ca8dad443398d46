import type {Clock} from '../../clock.ts';
import type {Instant} from '../../brand.ts';

/** The BMC's own clock. Without a battery it begins in 1970 after a restart, until it has asked a time server. */
export interface BmcClock extends Clock {
  loseTime(): void;
}

const untilAskedMs = 60_000;

export function bmcClock(clock: Clock): BmcClock {
  let lost: number | undefined;
  return {
    ...clock,
    loseTime: () => {
      lost = clock.ticks();
    },
    now() {
      const since = lost === undefined ? Infinity : clock.ticks() - lost;
      return since < untilAskedMs ? (new Date(since).toISOString() as Instant) : clock.now();
    },
  };
}
