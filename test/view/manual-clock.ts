import type {Instant} from '../../src/brand.ts';
import type {Clock} from '../../src/clock.ts';

/** Time that passes only when the test says so; who sleeps wakes in order. */
export class ManualClock implements Clock {
  #ms = 0;
  readonly #start: number;
  #sleepers: {until: number; wake: () => void}[] = [];

  constructor(start = '2026-11-21T09:16:22.000Z') {
    this.#start = Date.parse(start);
  }

  now(): Instant {
    return new Date(this.#start + this.#ms).toISOString() as Instant;
  }

  ticks(): number {
    return this.#ms;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    const {promise, resolve} = Promise.withResolvers<void>();
    if (signal?.aborted || ms <= 0) resolve();
    else {
      this.#sleepers.push({until: this.#ms + ms, wake: resolve});
      signal?.addEventListener('abort', () => resolve(), {once: true});
    }
    return promise;
  }

  /** Lets `seconds` pass; whoever's sleep ends within them has run up to its next wait when this resolves. */
  async pass(seconds: number): Promise<void> {
    const end = this.#ms + seconds * 1000;
    for (;;) {
      const [next] = this.#sleepers.toSorted((a, b) => a.until - b.until);
      if (!next || next.until > end) break;
      this.#sleepers = this.#sleepers.filter((sleeper) => sleeper !== next);
      this.#ms = Math.max(this.#ms, next.until);
      next.wake();
      await new Promise(setImmediate);
    }
    this.#ms = end;
  }
}
