import type {Instant, StepId} from '../brand.ts';
import type {Event, StepHeading, Stored} from '../engine/event.ts';
import type {Cause} from '../step/interruption.ts';
import {arrive, disturbed, paceOf, type Arrivals} from './arrivals.ts';
import {count} from './count.ts';
import {duration, secondsBetween, thousandths} from './duration.ts';

/** What broke in on a run, and what it cost. Times are seconds, sizes bytes. */
export interface Interruption {
  /** When it was noticed. */
  readonly at: Instant;
  /**
   * `controller gone`: it died or was cut off. `step failed`: for another reason than those of `Cause`. `waited`: the run
   * had failed and nobody was there to resume it.
   */
  readonly cause: Cause | 'controller gone' | 'step failed' | 'waited';
  /** The step it met; null where it met none. */
  readonly step: StepId | null;
  readonly says: string;
  /**
   * From the last progress before it until it was made up for, or given up, or now. No second is in two of them, and
   * time in which the target went on by itself is in none.
   */
  readonly seconds: number;
  /** Read or sent a second time for it. */
  readonly bytesAgain: number;
  /** Tries it took: mounts and boots, or connections. */
  readonly attempts: number;
  /** Made up for. */
  readonly over: boolean;
  /** Nobody was there, and the target went on: what it did, and the seconds of work that this is at the step's pace. */
  readonly meanwhile?: {readonly chunks: number; readonly seconds: number};
}

export interface Ledger {
  readonly met: readonly Interruption[];
  /** What the one that is not over yet is measured by. */
  readonly open: Open | undefined;
  readonly begun: Instant;
  /** The newest event, and the newest that showed progress. */
  readonly last: Instant;
  readonly progress: Instant;
  /** The light system that is known to run. */
  readonly bootId: string | undefined;
  readonly kinds: ReadonlyMap<StepId, string>;
  readonly working: StepId | undefined;
  readonly arrivals: Arrivals;
  /** The last gap in which nobody was there: its place in `met`, until a checkpoint tells what came of it. */
  readonly gap: number | undefined;
  /** What came in the gaps, by their place in `met`. */
  readonly came: ReadonlyMap<number, number>;
  readonly rest: 'none' | 'failed' | 'chosen' | 'ended';
}

interface Open {
  readonly place: number;
  /** Seconds it had cost at `since`; the rest is the time from there, without `paused`. */
  readonly seconds: number;
  readonly since: Instant;
  readonly paused: number;
}

export const ledger = (begun: Instant, steps: readonly StepHeading[]): Ledger => ({
  met: [],
  open: undefined,
  begun,
  last: begun,
  progress: begun,
  bootId: undefined,
  kinds: new Map(steps.map(({id, kind}) => [id, kind])),
  working: undefined,
  arrivals: new Map(),
  gap: undefined,
  came: new Map(),
  rest: 'none',
});

/** What one more event adds. Total, as every fold over a history is. */
export function enter(before: Ledger, {at, event}: Pick<Stored, 'at' | 'event'>): Ledger {
  const after = {...happened(before, event, at), last: at};
  return progresses(before, event) ? {...after, progress: at} : after;
}

/** Up to now: one that is not over has cost what it has cost so far. */
export const interruptionsOf = (ledger: Ledger): readonly Interruption[] => {
  const {met, open, last} = ledger;
  return met.map((each, place) =>
    workedOn(place === open?.place ? {...each, seconds: costOf(open, last)} : each, place, ledger),
  );
};

/**
 * A gap in which the target went on is no loss as far as it did. When it did so is on no record; how much is, so the
 * work is reckoned at the pace that was watched.
 */
function workedOn(each: Interruption, place: number, {came, arrivals}: Ledger): Interruption {
  const chunks = came.get(place) ?? 0;
  const pace = paceOf(arrivals, each.step);
  if (chunks === 0 || pace === undefined) return each;
  const seconds = thousandths(Math.min(each.seconds, chunks * pace));
  return {
    ...each,
    says: `${each.says}; meanwhile ${count(chunks, 'chunk')} came, ${duration(seconds)} of work that is not counted`,
    seconds: thousandths(each.seconds - seconds),
    meanwhile: {chunks, seconds},
  };
}

export interface Toll {
  readonly count: number;
  readonly seconds: number;
  readonly bytesAgain: number;
}

export const tollOf = (all: readonly Interruption[]): Toll => ({
  count: all.length,
  seconds: thousandths(all.reduce((sum, {seconds}) => sum + seconds, 0)),
  bytesAgain: all.reduce((sum, {bytesAgain}) => sum + bytesAgain, 0),
});

function happened(before: Ledger, event: Event, at: Instant): Ledger {
  switch (event.type) {
    case 'run.resumed':
      return resumed(before, at);
    case 'run.stopped':
      return {...before, rest: event.why === 'failed' || event.why === 'interrupted' ? 'failed' : 'chosen'};
    case 'run.handed-over':
    case 'run.taken-over':
      return {...before, rest: 'chosen'};
    case 'run.done':
    case 'run.abandoned':
      return {...before, rest: 'ended'};
    case 'step.started':
      return {...before, working: event.step, arrivals: disturbed(before.arrivals, event.step)};
    case 'step.interrupted': {
      const {type: _, step, seconds, over, ...rest} = event;
      // Until now the one before was being made up for; what went before this one's own loss is the cost of that.
      const left = close(before, at, seconds, false);
      const closed = {...left, arrivals: disturbed(left.arrivals, step)};
      return push(closed, {at, step, ...rest, seconds: thousandths(seconds), over}, seconds);
    }
    case 'step.regained':
      return regained(before, event);
    case 'step.failed':
      return event.fault.code.startsWith('ssh.')
        ? cut(close(before, at, 0, false), event, at)
        : spent(before, event, at);
    case 'step.lapsed':
      return kindOf(before, event) === 'target.boot' ? targetGone(before, event, at) : before;
    case 'step.kept':
      // That an earlier step still holds is no progress of the one that was interrupted.
      return kindOf(before, event) === 'target.boot' ? targetUp(before, event, at) : before;
    case 'step.done':
      return kindOf(before, event) === 'target.boot' ? targetUp(before, event, at) : workDone(before, event, at);
    case 'step.saved':
      return workDone(arrived(before, event, at), event, at);
    case 'effect.sent':
    case 'effect.found':
      return workDone(before, event, at);
    case 'run.begun':
    case 'disk.forgone':
    case 'run.stop-asked':
    case 'hold.released':
    case 'step.noted':
    case 'medium.watched':
    case 'effect.settled':
    case 'gate.reached':
    case 'gate.approved':
    case 'gate.opened':
      return before;
    default:
      return event satisfies never;
  }
}

/** The gap between two sittings. Somebody who chose to stop was not interrupted. */
function resumed(before: Ledger, at: Instant): Ledger {
  const gap = secondsBetween(before.last, at);
  // What was being made up for is begun anew by the step's next attempt.
  const target = before.open && before.met[before.open.place]?.cause;
  const still = target === 'link cut' || target === 'target restarted';
  const left = still
    ? {...before, open: before.open && pausedBy(before.open, gap)}
    : close(before, before.last, 0, false);
  const rest = {...left, rest: 'none', gap: undefined, arrivals: disturbed(left.arrivals)} as const;
  if (before.rest === 'chosen' || before.rest === 'ended') return rest;
  const died = before.rest === 'none';
  const entry: Interruption = {
    at: before.last,
    cause: died ? 'controller gone' : 'waited',
    step: before.working ?? null,
    says: died ? 'the controller went without a word, until the run was resumed' : 'nobody resumed the run',
    seconds: thousandths(gap),
    bytesAgain: 0,
    attempts: 1,
    over: true,
  };
  return {...rest, met: [...left.met, entry], gap: left.met.length};
}

/** The first checkpoint after a gap shows what the target did on its own. */
function arrived(before: Ledger, {step, checkpoint}: Extract<Event, {type: 'step.saved'}>, at: Instant): Ledger {
  const {gap} = before;
  const {arrivals, fresh} = arrive(before.arrivals, step, checkpoint, at);
  if (gap === undefined || before.met[gap]?.step !== step) return {...before, arrivals};
  return {...before, arrivals, gap: undefined, came: new Map([...before.came, [gap, fresh]])};
}

/** A connection that did not come back while the step had patience. */
const cut = (before: Ledger, event: Extract<Event, {type: 'step.failed'}>, at: Instant): Ledger =>
  push(
    before,
    {
      at,
      cause: 'link cut',
      step: event.step,
      says: event.fault.says,
      seconds: 0,
      bytesAgain: 0,
      attempts: 0,
      over: false,
    },
    secondsBetween(before.progress, at),
  );

/** What was being made up for is given up; else the work since the last progress was for nothing. */
function spent(before: Ledger, {step, fault}: Extract<Event, {type: 'step.failed'}>, at: Instant): Ledger {
  if (before.open !== undefined) return close(before, at, 0, false);
  const seconds = thousandths(secondsBetween(before.progress, at));
  const says = `${fault.code}: ${fault.says}`;
  return push(before, {at, cause: 'step failed', step, says, seconds, bytesAgain: 0, attempts: 0, over: true}, seconds);
}

/** The light system that was up does not answer any more. Whether it was the link shows once it does. */
function targetGone(before: Ledger, event: Extract<Event, {type: 'step.lapsed'}>, at: Instant): Ledger {
  if (before.open !== undefined) return before;
  const entry: Interruption = {
    at,
    cause: 'link cut',
    step: before.working ?? event.step,
    says: event.fault.says,
    seconds: 0,
    bytesAgain: 0,
    attempts: 0,
    over: false,
  };
  return push(before, entry, 0);
}

type Proved = Extract<Event, {type: 'step.kept' | 'step.done'}>;

/** Another boot id is another light system: the one before went down, and everything in its RAM with it. */
function targetUp(before: Ledger, event: Proved, at: Instant): Ledger {
  const {bootId, isoBytesServed} = event.proof.data;
  const known = typeof bootId === 'string' ? bootId : before.bootId;
  const other = before.bootId !== undefined && known !== before.bootId;
  const met = before.open && before.met[before.open.place];
  if (!other || met === undefined || met.cause === 'medium lost') {
    const done = met?.cause === 'link cut' ? before : close(before, at, 0, true);
    return {...done, bootId: known};
  }
  const again = event.type === 'step.done' && typeof isoBytesServed === 'number' ? isoBytesServed : 0;
  const restarted: Interruption = {
    ...met,
    cause: 'target restarted',
    says: 'the target went down, and its light system with it',
    bytesAgain: met.bytesAgain + again,
    attempts: met.attempts + 1,
  };
  return {...before, bootId: known, met: before.met.with(before.open?.place ?? 0, restarted)};
}

// Steps that do not work on the target. What a boot saves is where it stands, not that it has made up for anything.
const beforeTarget: ReadonlySet<string> = new Set(['port.isolate', 'media.mount', 'target.boot']);

/** Something came forward on the target: it is back, and so is the work. */
function workDone(before: Ledger, event: {readonly step: StepId}, at: Instant): Ledger {
  if (before.open === undefined || beforeTarget.has(kindOf(before, event) ?? '')) return before;
  return close(before, at, 0, true);
}

function regained(before: Ledger, {seconds, attempts}: Extract<Event, {type: 'step.regained'}>): Ledger {
  const {open} = before;
  const met = open && before.met[open.place];
  if (!open || !met) return before;
  const over: Interruption = {...met, seconds: thousandths(seconds), attempts: met.attempts + attempts, over: true};
  return {...before, open: undefined, met: before.met.with(open.place, over).map(madeUp(over.step))};
}

/** Whatever had met the step before is made up for with the last. */
const madeUp =
  (step: StepId | null) =>
  (each: Interruption): Interruption =>
    each.step === step ? {...each, over: true} : each;

const push = (before: Ledger, entry: Interruption, seconds: number): Ledger => ({
  ...before,
  met: [...before.met, entry],
  open: entry.over ? before.open : {place: before.met.length, seconds, since: entry.at, paused: 0},
});

/** Ends the one that is open, `early` seconds before `at`. */
function close(before: Ledger, at: Instant, early: number, over: boolean): Ledger {
  const {open} = before;
  const met = open && before.met[open.place];
  if (!open || !met) return before;
  const seconds = thousandths(Math.max(0, costOf(open, at) - early));
  const closed = before.met.with(open.place, {...met, seconds, over});
  return {...before, open: undefined, met: over ? closed.map(madeUp(met.step)) : closed};
}

const costOf = ({seconds, since, paused}: Open, at: Instant): number =>
  thousandths(Math.max(0, seconds + secondsBetween(since, at) - paused));

const pausedBy = (open: Open, gap: number): Open => ({...open, paused: open.paused + gap});

const kindOf = ({kinds}: Ledger, {step}: {readonly step: StepId}): string | undefined => kinds.get(step);

/** What shows that the step came forward; a note or an interruption does not. */
const progresses = ({kinds}: Ledger, event: Event): boolean =>
  ['step.saved', 'step.done', 'step.regained', 'effect.sent', 'effect.settled', 'step.started'].includes(event.type) &&
  'step' in event &&
  kinds.has(event.step);
