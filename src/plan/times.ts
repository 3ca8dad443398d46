import type {JsonObject} from '../json.ts';
import type {EarlierRun} from '../step/world.ts';
import type {MediumOutlook, Outlook} from './outlook.ts';
import type {PlannedStep} from './plan.ts';
import type {TransferOutlook} from './transfer.ts';

/** How long a step takes, in seconds, and what says so. */
export type StepTime =
  | {
      readonly is: 'range';
      readonly from: number;
      /** Absent where nothing bounds it: a medium that is not likely to get through. */
      readonly to?: number;
      readonly by: TimeSource;
      /** How many earlier runs say so. */
      readonly runs?: number;
    }
  | {readonly is: 'unknown'; readonly atLeast: number; readonly because: string};

/** `step`: what steps of its kind are known to take, on whichever machine. */
export type TimeSource = 'earlier runs' | 'measured rates' | 'step';

export interface PlanTimes {
  /** By step id. */
  readonly steps: Readonly<Record<string, StepTime>>;
  /** People's answers are not in it. */
  readonly total: {
    readonly from: number;
    /** Absent where a step has no bound, or an unknown time. */
    readonly to?: number;
    /** Ids of the steps that nothing is known of. */
    readonly unknown: readonly string[];
    /** Against the host's promise. `open`: what is known does not settle it. */
    readonly promise: 'none' | 'within' | 'over' | 'open';
  };
}

export interface Timed {
  readonly steps: readonly PlannedStep[];
  readonly facts: Readonly<Record<string, JsonObject>>;
  readonly outlooks: Readonly<Record<string, Outlook>>;
  /** Of this host, oldest first. */
  readonly runs: readonly EarlierRun[];
  readonly promiseSeconds?: number | undefined;
}

interface Range {
  readonly from: number;
  readonly to: number;
}

/** How long everything takes: by earlier runs of the same host and image, else by measured rates, else not known. Pure. */
export function timesOf({steps, facts, outlooks, runs, promiseSeconds}: Timed): PlanTimes {
  const times = steps.map((step, index): readonly [string, StepTime] => {
    // A medium is read by the step after the one that mounts it; an image is brought by the step itself.
    const over = [outlooks[steps[index - 1]?.id ?? ''], outlooks[step.id]];
    const needs = {
      reading: over[0]?.is === 'medium' ? over[0] : undefined,
      bringing: over[1]?.is === 'transfer' ? over[1] : undefined,
    };
    return [step.id, fromRuns(step, facts[step.id], runs) ?? fromParts(step, needs, runs)];
  });
  return {steps: Object.fromEntries(times), total: totalOf(times, promiseSeconds)};
}

export function totalOf(times: readonly (readonly [string, StepTime])[], promiseSeconds: number | undefined) {
  const from = times.reduce((sum, [, time]) => sum + (time.is === 'range' ? time.from : time.atLeast), 0);
  const to = times.reduce((sum, [, time]) => sum + (time.is === 'range' ? (time.to ?? Infinity) : Infinity), 0);
  const unknown = times.flatMap(([id, {is}]) => (is === 'unknown' ? [id] : []));
  // Only a forecast without gaps can be held against a promise; one that is late already is late with them too.
  const promise =
    promiseSeconds === undefined ? 'none' : from > promiseSeconds ? 'over' : to <= promiseSeconds ? 'within' : 'open';
  return {from, ...(Number.isFinite(to) && {to}), unknown, promise} as const;
}

/** A single run says less of the next one than five do. */
function widened(values: readonly number[]): Range {
  const factor = 1 + 0.5 / values.length;
  return {from: Math.min(...values) / factor, to: Math.max(...values) * factor};
}

/** A step that brings an image is compared with those that brought the same one. */
function fromRuns({id, kind}: PlannedStep, facts: JsonObject | undefined, runs: readonly EarlierRun[]) {
  const image = facts?.['image'];
  const seconds = runs.flatMap((run) => {
    const step = run.steps[id];
    return step?.kind === kind && (image === undefined || run.image === image) ? [step.seconds] : [];
  });
  if (seconds.length === 0) return undefined;
  return {is: 'range', ...widened(seconds), by: 'earlier runs', runs: seconds.length} as const;
}

interface Needs {
  /** The medium that it reads. */
  readonly reading: MediumOutlook | undefined;
  /** The image that it brings. */
  readonly bringing: TransferOutlook | undefined;
}

function fromParts(step: PlannedStep, {reading, bringing}: Needs, runs: readonly EarlierRun[]): StepTime {
  if (step.effects.length === 0) return {is: 'unknown', atLeast: 0, because: 'it cannot be planned'};
  const effects = step.effects.filter(({certainty}) => certainty.is === 'will');
  const moves = effects.some(({bytes}) => bytes !== undefined);
  const image = bringing && imageRange(bringing, runs);
  const stated = effects.flatMap(({seconds}) => seconds ?? []);
  const medium = reading && mediumRange(reading);
  const parts: readonly Range[] = [...stated, ...(image ? [image] : []), ...(medium ? [medium] : [])];
  const from = parts.reduce((sum, part) => sum + part.from, 0);
  const to = parts.reduce((sum, part) => sum + part.to, 0);
  const silent = effects.some(({seconds, bytes}) => seconds === undefined && bytes === undefined);
  if (silent) return {is: 'unknown', atLeast: finite(from), because: 'no earlier run has done it'};
  if (moves && !image)
    return {is: 'unknown', atLeast: finite(from), because: 'nobody has said or measured the rate of the link'};
  if (reading && !medium)
    return {is: 'unknown', atLeast: finite(from), because: 'nobody has measured the path of the medium'};
  if (!Number.isFinite(from)) return {is: 'unknown', atLeast: 0, because: 'nothing moves over its way'};
  const by = medium || image ? 'measured rates' : 'step';
  return {is: 'range', from, ...(Number.isFinite(to) && {to}), by};
}

/** What bringing an image takes: undisturbed at the least, gone on with after each cut in the mean at the most. */
function imageRange({bytes, path, transfer}: TransferOutlook, runs: readonly EarlierRun[]): Range | undefined {
  if (!transfer) return undefined;
  const {wholeSeconds, resume} = transfer;
  const rates = runs.flatMap(({steps}) => Object.values(steps).flatMap(({bytesPerSecond}) => bytesPerSecond ?? []));
  const {from, to} =
    path.rateFrom === 'earlier runs' && rates.length > 0
      ? widened(rates.map((rate) => bytes / rate))
      : {from: wholeSeconds, to: wholeSeconds};
  const mean = resume.is === 'seconds' ? resume.seconds : resume.is === 'unknown' ? wholeSeconds : Infinity;
  return {from, to: Math.max(to, mean)};
}

/** What reading a medium adds: undisturbed at the least, with restarts in the mean at the most. */
function mediumRange({medium}: MediumOutlook): Range | undefined {
  if (!medium) return undefined;
  const {wholeSeconds, restart, verdict} = medium;
  const mean = restart.is === 'seconds' ? restart.seconds : restart.is === 'unknown' ? wholeSeconds : Infinity;
  return {from: wholeSeconds, to: verdict.is === 'hopeless' ? Infinity : Math.max(wholeSeconds, mean)};
}

const finite = (seconds: number): number => (Number.isFinite(seconds) ? seconds : 0);
