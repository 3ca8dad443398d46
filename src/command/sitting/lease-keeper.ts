import type {Clock} from '../../clock.ts';
import type {Journal, Lease} from '../../journal/journal.ts';

/** Long enough for a laptop that sleeps a moment, short enough that a colleague need not wait for a dead one. */
export const leaseMs = 120_000;

export interface LeaseKeeper {
  /** The lease could not be renewed: another has it, or the journal is gone. */
  readonly lost: AbortSignal;
  stop(): Promise<void>;
}

/** Renews the lease while the run lasts. */
export function keepLease(journal: Journal, lease: Lease, clock: Clock): LeaseKeeper {
  const lost = new AbortController();
  const over = new AbortController();
  const keeping = (async () => {
    for (;;) {
      await clock.sleep(leaseMs / 4, over.signal);
      if (over.signal.aborted) return;
      const renewed = await journal.renew(lease, leaseMs);
      if (renewed.ok) continue;
      lost.abort(renewed.fault);
      return;
    }
  })();
  return {
    lost: lost.signal,
    stop: async () => {
      over.abort();
      await keeping;
    },
  };
}
