import type {Instant} from '../../src/brand.ts';
import type {Clock} from '../../src/clock.ts';

/** Time that passes only when somebody waits. */
export class VirtualClock implements Clock {
  #ms = 0;

  now(): Instant {
    return new Date(Date.UTC(2026, 10, 21, 9) + this.#ms).toISOString() as Instant;
  }

  ticks(): number {
    return this.#ms;
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    await Promise.resolve();
    if (!signal?.aborted) this.#ms += ms;
  }
}
