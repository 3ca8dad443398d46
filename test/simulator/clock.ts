import type {Instant} from '../../src/brand.ts';
import {systemClock, type Clock} from '../../src/clock.ts';

/** The environment variable that gives a controller a `HurriedClock`. */
export const speedVariable = 'REBUILD_TEST_SPEED';

const beginning = Date.UTC(2026, 10, 21, 9);

/** Time that passes `speed` times as fast as a clock on the wall, from the process's start on. */
export class HurriedClock implements Clock {
  readonly #speed: number;

  constructor(speed: number) {
    this.#speed = speed;
  }

  now(): Instant {
    return new Date(beginning + this.ticks()).toISOString() as Instant;
  }

  ticks(): number {
    return performance.now() * this.#speed;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return systemClock.sleep(ms / this.#speed, signal);
  }
}

/** Time that passes only when somebody waits. */
export class VirtualClock implements Clock {
  #ms = 0;

  now(): Instant {
    return new Date(beginning + this.#ms).toISOString() as Instant;
  }

  ticks(): number {
    return this.#ms;
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    await Promise.resolve();
    if (!signal?.aborted) this.#ms += ms;
  }
}
