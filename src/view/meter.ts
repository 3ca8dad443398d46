import type {Progress} from '../progress.ts';

/** How fast something moves, from what was reported lately. All times are milliseconds of `Clock.ticks`. */
export interface Meter {
  readonly progress: Progress;
  readonly samples: readonly {readonly at: number; readonly done: number}[];
  /** When `done` last changed. */
  readonly moved: number;
}

// Long enough that one late chunk does not halve the rate, short enough to show a throttled link within a minute.
const windowMs = 30_000;
const sampleMs = 500;
// Reports come in steps: between two of them the rate does not fall.
const graceMs = 2_000;
// A rate from less than this is a guess.
const settledMs = 3_000;

/** A count that fell, or is out of another total, is another piece of work: the rate begins anew. */
export function metered(before: Meter | undefined, progress: Progress, now: number): Meter {
  const {done} = progress;
  if (done === undefined) return {progress, samples: [], moved: now};
  const last = before?.samples.at(-1);
  if (!before || !last || !sameWork(before.progress, progress) || done < last.done)
    return {progress, samples: [{at: now, done}], moved: now};
  const moved = before.progress.done === done ? before.moved : now;
  const previous = before.samples.at(-2);
  // The newest sample is replaced while it is young, so a chatty step keeps few of them.
  const kept = previous && now - previous.at < sampleMs ? before.samples.slice(0, -1) : before.samples;
  const recent = kept.filter(({at}, index) => now - at <= windowMs || index === kept.length - 1);
  return {progress, samples: [...recent, {at: now, done}], moved};
}

const sameWork = (a: Progress, b: Progress): boolean => a.of === b.of && a.unit === b.unit;

/** Units a second over the window; undefined while it is not known. */
export function rateOf({samples, moved}: Meter, now: number): number | undefined {
  const [first, last] = [samples[0], samples.at(-1)];
  if (!first || !last || last.at - first.at < settledMs || now - moved > windowMs) return undefined;
  const rate = ((last.done - first.done) / (Math.max(last.at, now - graceMs) - first.at)) * 1000;
  return rate > 0 ? rate : undefined;
}

/** Seconds until it is all done, at the rate of late; time itself passes at one. */
export function secondsLeft(meter: Meter, now: number): number | undefined {
  const {done, of, unit} = meter.progress;
  const rate = unit === 'seconds' ? 1 : rateOf(meter, now);
  return rate === undefined || done === undefined || of === undefined || of < done ? undefined : (of - done) / rate;
}

/** Seconds without any movement. */
export const stillSeconds = ({moved}: Meter, now: number): number => (now - moved) / 1000;

/** 0 to 100, whole; 100 only when all is done. */
export function percent({done, of}: Progress): number | undefined {
  if (done === undefined || of === undefined || of <= 0) return undefined;
  return Math.max(0, Math.min(100, Math.floor((done / of) * 100)));
}
