import type {Clock} from './clock.ts';

/** How a wait is paced and when it ends. `read` is called at once, then every `everyMs`, and once more at the deadline. */
export interface Pace {
  readonly everyMs: number;
  readonly deadlineMs: number;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** A pace whose end follows progress: `stallMs` without any, or `deadlineMs` in all where that is given. */
export interface FollowPace extends Omit<Pace, 'deadlineMs'> {
  readonly stallMs: number;
  readonly deadlineMs?: number;
}

export type Waited<T> =
  | {readonly end: 'met'; readonly value: T}
  | {readonly end: 'deadline'}
  | {readonly end: 'aborted'};

export type Followed<T> = Waited<T> | {readonly end: 'stalled'; readonly progress: number | string};

/** One reading of something that moves. Any change of `progress` counts, a fall too: a counter may start again. */
export type Movement<T> = {readonly done: T} | {readonly progress: number | string};

/**
 * Waits until `read` gives a value. `undefined` means not yet.
 * `read` must end within a limit of its own; an abort ends the wait without waiting for it.
 */
export async function until<T>(read: (signal: AbortSignal) => Promise<T | undefined>, pace: Pace): Promise<Waited<T>> {
  const waited = await follow<T>(
    async (signal) => {
      const value = await read(signal);
      return value === undefined ? {progress: 0} : {done: value};
    },
    {...pace, stallMs: Infinity},
  );
  return waited.end === 'stalled' ? {end: 'deadline'} : waited;
}

/** Waits until `read` says done, for as long as its progress moves at least once in `stallMs`. */
export async function follow<T>(
  read: (signal: AbortSignal) => Promise<Movement<T>>,
  {everyMs, stallMs, deadlineMs = Infinity, clock, signal}: FollowPace,
): Promise<Followed<T>> {
  const begun = clock.ticks();
  let moved = begun;
  let progress: number | string | undefined;
  for (;;) {
    const reading = await unlessAborted(read(signal), signal);
    if (reading === undefined) return {end: 'aborted'};
    if ('done' in reading) return {end: 'met', value: reading.done};
    const now = clock.ticks();
    if (reading.progress !== progress) moved = now;
    progress = reading.progress;
    const leftMs = Math.min(begun + deadlineMs, moved + stallMs) - now;
    if (leftMs <= 0) return now - begun >= deadlineMs ? {end: 'deadline'} : {end: 'stalled', progress};
    await clock.sleep(Math.min(everyMs, leftMs), signal);
    if (signal.aborted) return {end: 'aborted'};
  }
}

/** The promise's value, or undefined as soon as `signal` aborts. What it gives or throws after that is dropped. */
async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  const {promise: aborted, resolve} = Promise.withResolvers<undefined>();
  const end = (): void => resolve(undefined);
  if (signal.aborted) end();
  signal.addEventListener('abort', end, {once: true});
  try {
    return await Promise.race([aborted, promise]);
  } finally {
    signal.removeEventListener('abort', end);
  }
}
