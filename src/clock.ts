import type {Instant} from './brand.ts';

/** Time as a dependency, so that decisions and waits can be tested without waiting. */
export interface Clock {
  now(): Instant;
  /** Milliseconds that only ever grow; a laptop's clock may jump, this may not. */
  ticks(): number;
  /** Resolves after `ms`, or at once when `signal` aborts. Never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  now: () => new Date().toISOString() as Instant,
  ticks: () => performance.now(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const end = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', end);
        resolve();
      };
      const timer = setTimeout(end, ms);
      signal?.addEventListener('abort', end, {once: true});
    }),
};
