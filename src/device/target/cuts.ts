import type {Clock} from '../../clock.ts';
import type {Cut} from '../../step/world/target.ts';

/** Connections that broke under a transfer: those that break before it goes on are one cut. */
export interface Cuts {
  broke(says: string): void;
  /** A connection was opened. */
  opened(): void;
  /** Something is acknowledged: the cut that is over with it, if there was one. */
  goesOn(): Cut | undefined;
}

/** `again` gives the bytes sent so far that had been sent before. */
export function watchCuts(clock: Clock, again: () => number): Cuts {
  let last = clock.ticks();
  let before = 0;
  let open: {says: string; attempts: number} | undefined;
  return {
    broke: (says) => void (open ??= {says, attempts: 0}),
    opened: () => void (open && open.attempts++),
    goesOn() {
      const now = clock.ticks();
      const cut = open && {
        ...open,
        seconds: Math.round((now - last) / 100) / 10,
        bytesAgain: Math.max(0, again() - before),
      };
      last = now;
      if (cut) before = again();
      open = undefined;
      return cut;
    },
  };
}
