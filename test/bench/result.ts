/**
 * What a bench leaves behind: one JSON file, in which each section that was run replaces its own last result.
 *
 * {
 *   "version": 1,
 *   "sections": {
 *     "transfer": {
 *       "at": "2026-11-21T16:40:00.000Z",      when it began
 *       "seconds": 612,                        how long it took
 *       "machine": {...},                      see Machine
 *       "rows": [...]                          see Row
 *     }
 *   }
 * }
 */
export interface Results {
  readonly version: 1;
  readonly sections: Readonly<Record<string, SectionResult>>;
}

export interface SectionResult {
  readonly at: string;
  readonly seconds: number;
  readonly machine: Machine;
  readonly rows: readonly Row[];
}

/** Where it was measured: absolute times hold there only, ratios were taken side by side. */
export interface Machine {
  readonly processors: number;
  readonly model: string;
  readonly memoryBytes: number;
  readonly kernel: string;
  readonly node: string;
  /** The load average of a minute, before and after: a quiet machine begins near 0. */
  readonly load: readonly [number, number];
  /**
   * Milliseconds from starting a small program to its end, before and after: a virtual machine whose host has other work
   * takes many times as long, whatever its own load is. Not told of older measurements.
   */
  readonly programMs?: readonly [number, number];
}

/** One thing that was measured, over all its rounds. */
export interface Row {
  /** Unique within the section: `bbr, cut every 4 s: rebuild, push`. */
  readonly name: string;
  /** Of `values`: `ratio` is over what `over` says. */
  readonly unit: 'ratio' | 'seconds' | 'bytes' | 'count' | 'share';
  readonly over?: string;
  /** One a round, in order. Empty where it could not be measured, and `notMeasured` says why. */
  readonly values: readonly number[];
  readonly median: number | null;
  /** At least half the rounds were given up: the median is what they had taken by then. */
  readonly atLeast?: true;
  readonly target?: Target;
  /** Whether the median meets the target; null where there is none, or nothing was measured. */
  readonly met: boolean | null;
  readonly rounds: number;
  /** In words: the link, the cuts, what is sent. */
  readonly conditions: string;
  readonly notMeasured?: string;
  /** Everything else that was counted, one object a round. */
  readonly detail?: readonly Readonly<Record<string, number | string>>[];
}

export type Target = {readonly atMost: number} | {readonly below: number};

export interface Measured {
  readonly name: string;
  readonly unit: Row['unit'];
  readonly over?: string;
  readonly conditions: string;
  readonly values: readonly number[];
  /** Which of them were given up, by place. */
  readonly givenUp?: readonly boolean[];
  readonly target?: Target;
  readonly detail?: Row['detail'];
}

/** A row of what was measured. */
export function row({values, givenUp = [], target, detail, ...rest}: Measured): Row {
  const middle = median(values);
  const atLeast = givenUp.filter(Boolean).length * 2 >= values.length && values.length > 0;
  return {
    ...rest,
    values: values.map(rounded),
    median: middle === undefined ? null : rounded(middle),
    ...(atLeast && {atLeast}),
    ...(target && {target}),
    met: middle === undefined || !target ? null : !atLeast && meets(middle, target),
    rounds: values.length,
    ...(detail && {detail}),
  };
}

/** A row of what this machine cannot measure. */
export const notMeasured = (
  name: string,
  unit: Row['unit'],
  conditions: string,
  why: string,
  target?: Target,
): Row => ({
  name,
  unit,
  conditions,
  values: [],
  median: null,
  met: null,
  rounds: 0,
  notMeasured: why,
  ...(target && {target}),
});

export const meets = (value: number, target: Target): boolean =>
  'atMost' in target ? value <= target.atMost : value < target.below;

/** The middle one, or the mean of the two in the middle; undefined of none. */
export function median(values: readonly number[]): number | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  const [low, high] = [sorted[Math.ceil(sorted.length / 2) - 1], sorted[Math.floor(sorted.length / 2)]];
  return low === undefined || high === undefined ? undefined : (low + high) / 2;
}

// Four digits: more are not in the measurement.
const rounded = (value: number): number => Number(value.toPrecision(4));
