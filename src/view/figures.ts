import type {Instant} from '../brand.ts';
import type {Stored} from '../engine/event.ts';
import {isObject} from '../shape.ts';
import {secondsBetween, thousandths} from './duration.ts';
import {gapsOf} from './gaps.ts';
import type {History} from './history.ts';
import {tollOf, type Interruption} from './interruptions.ts';
import type {StepHistory} from './step-history.ts';
import {total, type RunSummary} from './summary.ts';

/** What a run cost, in numbers. Times are seconds, sizes bytes; null stands for not known, or does not apply. */
export interface Figures {
  /** From the old system's end to the first answer of the new one. */
  readonly machineDown: Down | null;
  /** From the quarantine to the proof from outside. What runs behind the ports, and data, is not in it. */
  readonly serviceDown: Down | null;
  /** Work lost, by what it was lost to; the most expensive first. */
  readonly lost: readonly Lost[];
  readonly lostSeconds: number;
  readonly bytes: {
    /** Of the light ISO, over all boots that came to their end. */
    readonly isoServed: number | null;
    readonly imageSent: number | null;
    /** An operator's own ISO, brought to a disk. */
    readonly staged: number | null;
    /** Read or sent a second time. */
    readonly again: number;
  };
  /** Waited at the gate. */
  readonly gateWaitedSeconds: number;
  /** Stopped because somebody chose to, until it was resumed; without the waits at the gate. */
  readonly pausedSeconds: number;
  readonly promise: PromiseFigure | null;
  readonly forecast: ForecastFigure | null;
}

export interface Down {
  readonly from: Instant;
  /** Null where that has not come; `seconds` then counts up to the end of the record. */
  readonly to: Instant | null;
  readonly seconds: number;
}

export interface Lost {
  readonly cause: Interruption['cause'];
  readonly times: number;
  readonly seconds: number;
  readonly bytesAgain: number;
}

/** `errorSeconds`: how much longer it took than was promised; negative where it was sooner. */
export interface PromiseFigure {
  readonly promisedSeconds: number;
  readonly tookSeconds: number;
  readonly errorSeconds: number;
  /** Null while it may still be kept. */
  readonly kept: boolean | null;
}

/** What was forecast when the run began, of the steps that are done and had a forecast. */
export interface ForecastFigure {
  readonly fromSeconds: number;
  readonly toSeconds: number;
  readonly tookSeconds: number;
  /** Outside of the range by so much: negative where it was sooner. */
  readonly errorSeconds: number;
  readonly steps: readonly StepForecast[];
  /** Done, and without a forecast. */
  readonly without: readonly string[];
}

export interface StepForecast {
  readonly step: string;
  readonly fromSeconds: number;
  readonly toSeconds: number;
  readonly tookSeconds: number;
  readonly errorSeconds: number;
}

export function figuresOf(history: History, summary: RunSummary, stored: readonly Stored[]): Figures {
  const {interruptions, ended} = summary;
  return {
    machineDown: machineDown(history, ended),
    serviceDown: serviceDown(history, ended),
    lost: lostTo(interruptions),
    lostSeconds: summary.interruptedSeconds,
    bytes: {
      isoServed: isoServed(history, stored),
      imageSent: summary.imageBytesSent,
      staged: total(history, 'media.stage', 'bytesSent'),
      again: summary.bytesAgain,
    },
    gateWaitedSeconds: summary.gateWaitedSeconds,
    pausedSeconds: paused(history),
    promise: promised(summary),
    forecast: forecastOf(history, summary),
  };
}

// The first of these steps that a run has ends the old system.
const takesDown: ReadonlySet<string> = new Set(['media.mount', 'target.boot', 'installer.boot']);
// The last of these brings the new one up.
const bringsUp: ReadonlySet<string> = new Set(['network.restore', 'installer.start', 'installer.boot']);

const begunAt = (step: StepHistory | undefined): Instant | undefined => step?.attempts[0]?.begun;
const doneAt = (step: StepHistory | undefined): Instant | null =>
  step?.status.is === 'done' ? (step.attempts.findLast(({end}) => end === 'done')?.ended ?? step.status.at) : null;

function machineDown({steps}: History, end: Instant): Down | null {
  const from = begunAt(steps.find(({heading}) => takesDown.has(heading.kind)));
  return down(from, doneAt(steps.findLast(({heading}) => bringsUp.has(heading.kind))), end);
}

function serviceDown({steps}: History, end: Instant): Down | null {
  const shut = steps.find(({heading}) => heading.kind === 'port.isolate' || takesDown.has(heading.kind));
  const open =
    steps.findLast(({heading}) => heading.kind === 'host.verify') ??
    steps.findLast(({heading}) => bringsUp.has(heading.kind));
  return down(begunAt(shut), doneAt(open), end);
}

/** What of it was at the gate is a wait for people. */
function paused(history: History): number {
  const waits = history.steps.flatMap(({gates = []}) => gates);
  const seconds = gapsOf(history)
    .filter(({why}) => why === 'asked' || why === 'until' || why === 'handed over')
    .reduce((sum, {from, to}) => {
      const waited = waits.reduce(
        (all, {reached, opened = history.last}) => all + overlap(from, to, reached, opened),
        0,
      );
      return sum + Math.max(0, secondsBetween(from, to) - waited);
    }, 0);
  return thousandths(seconds);
}

const overlap = (from: Instant, to: Instant, begin: Instant, end: Instant): number =>
  secondsBetween(from > begin ? from : begin, to < end ? to : end);

const down = (from: Instant | undefined, to: Instant | null, end: Instant): Down | null =>
  from === undefined ? null : {from, to, seconds: secondsBetween(from, to ?? end)};

/** A step's proof is that of its last attempt; every boot had its own bytes. */
function isoServed({steps}: History, stored: readonly Stored[]): number | null {
  const boots = new Set(steps.filter(({heading}) => heading.kind === 'target.boot').map(({heading}) => heading.id));
  const served = stored.flatMap(({event}) => {
    const value = event.type === 'step.done' && boots.has(event.step) ? event.proof.data['isoBytesServed'] : undefined;
    return typeof value === 'number' ? [value] : [];
  });
  return served.length === 0 ? null : served.reduce((sum, value) => sum + value, 0);
}

function lostTo(all: readonly Interruption[]): readonly Lost[] {
  return [...Map.groupBy(all, ({cause}) => cause)]
    .map(([cause, met]) => {
      const {count, seconds, bytesAgain} = tollOf(met);
      return {cause, times: count, seconds, bytesAgain};
    })
    .toSorted((a, b) => b.seconds - a.seconds || b.bytesAgain - a.bytesAgain);
}

function promised({promiseSeconds, seconds, result}: RunSummary): PromiseFigure | null {
  if (promiseSeconds === null) return null;
  const late = seconds > promiseSeconds;
  return {
    promisedSeconds: promiseSeconds,
    tookSeconds: seconds,
    errorSeconds: thousandths(seconds - promiseSeconds),
    kept: late ? false : result === 'done' ? true : result === 'abandoned' ? false : null,
  };
}

function forecastOf({facts}: History, {steps}: RunSummary): ForecastFigure | null {
  const said = facts['forecast'];
  if (!isObject(said)) return null;
  const done = steps.filter(({state, seconds}) => state === 'done' && seconds !== null);
  const told = done.flatMap(({id, seconds}): readonly StepForecast[] => {
    const range: unknown = said[id];
    if (!isObject(range)) return [];
    const {from, to} = range;
    if (typeof from !== 'number' || typeof to !== 'number') return [];
    return [{step: id, ...held(from, to, seconds ?? 0)}];
  });
  if (told.length === 0) return null;
  const sum = (of: (each: StepForecast) => number): number => told.reduce((sum, each) => sum + of(each), 0);
  return {
    ...held(
      sum(({fromSeconds}) => fromSeconds),
      sum(({toSeconds}) => toSeconds),
      sum(({tookSeconds}) => tookSeconds),
    ),
    steps: told,
    without: done.filter(({id}) => !told.some(({step}) => step === id)).map(({id}) => id),
  };
}

const held = (from: number, to: number, took: number) => ({
  fromSeconds: thousandths(from),
  toSeconds: thousandths(to),
  tookSeconds: thousandths(took),
  errorSeconds: thousandths(took > to ? took - to : took < from ? took - from : 0),
});
