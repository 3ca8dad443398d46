import type {HostName, Instant, RunId, Sha256, StepId} from '../brand.ts';
import type {GateTerms, Signed} from '../gate/gate.ts';
import type {Approval} from '../gate/statement.ts';
import type {Event, Stored} from '../engine/event.ts';
import type {JsonObject} from '../json.ts';
import {enter, ledger, type Ledger} from './interruptions.ts';
import {leftAt, within, type StepHistory} from './step-history.ts';

/** A run as people read it: the fold that every view shares. The engine has its own, for deciding. */
export interface History {
  readonly run: RunId;
  readonly host: HostName;
  readonly rebuild: string;
  readonly plan: Sha256;
  readonly runbook: Sha256;
  readonly promiseSeconds: number | undefined;
  readonly lab: boolean;
  readonly facts: JsonObject;
  readonly begun: Instant;
  /** When the newest event was written. */
  readonly last: Instant;
  readonly entries: number;
  /** The first is the one that began the run; each resume adds one. */
  readonly sittings: readonly Sitting[];
  readonly end: End;
  /** Absent where no step waits for people. */
  readonly gate?: GateHistory;
  readonly steps: readonly StepHistory[];
  /** Disks that the run goes on without, and who said so. */
  readonly forgone: readonly {readonly at: Instant; readonly disk: string; readonly by: string; readonly why: string}[];
  /** What broke in on it. */
  readonly ledger: Ledger;
}

export interface GateHistory {
  readonly terms: GateTerms;
  /** As they were brought, one person's later ones included. */
  readonly approvals: readonly {readonly at: Instant; readonly approval: Signed<Approval>; readonly signers: Sha256}[];
}

export interface Sitting {
  readonly by: string;
  readonly at: Instant;
  /** How the sitting before this one was left: without a word means its controller died. */
  readonly after: 'nothing' | 'a stop' | 'no word' | 'a hand-over';
  /** Once there is a sitting after it: when and how it ended. */
  readonly left?: {readonly at: Instant; readonly why: Leaving};
}

/** `no word`: its controller died. */
export type Leaving = 'no word' | 'failed' | 'asked' | 'until' | 'interrupted' | 'gate' | 'handed over' | 'ended';

export type End =
  /** Someone drives it now, or its controller died: the lease tells which. */
  | {readonly is: 'open'}
  | {readonly is: 'stopped'; readonly at: Instant; readonly why: 'asked' | 'until' | 'interrupted' | 'handed over'}
  /** People must agree to the step it stands before. */
  | {readonly is: 'waits'; readonly at: Instant}
  /** Handed over: another machine may go on with it. */
  | {readonly is: 'away'; readonly at: Instant; readonly by: string}
  | {readonly is: 'failed'; readonly at: Instant}
  | {readonly is: 'done'; readonly at: Instant}
  | {readonly is: 'abandoned'; readonly at: Instant; readonly by: string; readonly why: string};

/** Total: an event that does not fit changes nothing but the count, so a damaged journal can still be read. */
export function extend(history: History | undefined, {at, event}: Pick<Stored, 'at' | 'event'>): History | undefined {
  if (history === undefined) return event.type === 'run.begun' ? beginning(event, at) : undefined;
  return {
    ...happened(history, event, at),
    last: at,
    entries: history.entries + 1,
    ledger: enter(history.ledger, {at, event}),
  };
}

/** Undefined where nothing was recorded yet. */
export const read = (stored: readonly Stored[]): History | undefined =>
  stored.reduce<History | undefined>(extend, undefined);

export const stepOf = (history: History, id: StepId): StepHistory | undefined =>
  history.steps.find((step) => step.heading.id === id);

/** 1-based, as screens number steps. */
export const numberOf = (history: History, id: StepId): number =>
  history.steps.findIndex((step) => step.heading.id === id) + 1;

export const doneSteps = (history: History): readonly StepHistory[] =>
  history.steps.filter(({status}) => status.is === 'done');

/** The step the run stands at: running, unsure or failed; else the first that waits. */
export const currentStep = (history: History): StepHistory | undefined =>
  history.steps.find(({status}) => status.is !== 'done' && status.is !== 'waiting') ??
  history.steps.find(({status}) => status.is === 'waiting');

function beginning(event: Extract<Event, {type: 'run.begun'}>, at: Instant): History {
  return {
    run: event.run,
    host: event.host,
    rebuild: event.rebuild,
    plan: event.plan,
    runbook: event.runbook,
    promiseSeconds: event.promiseSeconds,
    lab: event.lab,
    facts: event.facts,
    begun: at,
    last: at,
    entries: 1,
    sittings: [{by: event.by, at, after: 'nothing'}],
    end: {is: 'open'},
    forgone: [],
    ledger: ledger(at, event.steps),
    ...(event.gate && {gate: {terms: event.gate, approvals: []}}),
    steps: event.steps.map((heading) => ({
      heading,
      status: {is: 'waiting'},
      attempts: [],
      notes: [],
      effects: [],
      checks: [],
    })),
  };
}

function happened(history: History, event: Event, at: Instant): History {
  if ('step' in event) return change(history, event.step, (step) => within(step, event, at));
  switch (event.type) {
    case 'run.begun':
      return history;
    case 'run.resumed': {
      const after = leftHow(history.end);
      const sitting: Sitting = {by: event.by, at, after};
      return leave({...history, end: {is: 'open'}, sittings: [...closed(history), sitting]}, history.last);
    }
    case 'run.stopped':
      return leave({...history, end: stopped(event.why, at)}, at);
    case 'run.handed-over':
      return leave({...history, end: {is: 'away', at, by: event.by}, sittings: closed(history)}, history.last);
    case 'run.taken-over':
      return {...history, end: {is: 'stopped', at, why: 'handed over'}};
    case 'run.stop-asked':
      return history;
    case 'disk.forgone':
      return {...history, forgone: [...history.forgone, {at, disk: event.disk, by: event.by, why: event.why}]};
    case 'gate.approved': {
      const {gate} = history;
      const {approval, signers} = event;
      return gate ? {...history, gate: {...gate, approvals: [...gate.approvals, {at, approval, signers}]}} : history;
    }
    case 'run.done':
      return {...history, end: {is: 'done', at}};
    case 'run.abandoned':
      return leave({...history, end: {is: 'abandoned', at, by: event.by, why: event.why}}, history.last);
    default:
      return event satisfies never;
  }
}

/** One that has not ended yet ends as the run stands. */
const closed = (history: History): readonly Sitting[] =>
  history.sittings.map((each) => ({left: {at: endedAt(history), why: leaving(history.end)}, ...each}));

const endedAt = ({end, last}: History): Instant => (end.is === 'open' ? last : end.at);

function leaving(end: End): Leaving {
  switch (end.is) {
    case 'open':
      return 'no word';
    case 'failed':
      return 'failed';
    case 'waits':
      return 'gate';
    case 'away':
      return 'handed over';
    case 'stopped':
      return end.why;
    case 'done':
    case 'abandoned':
      return 'ended';
    default:
      return end satisfies never;
  }
}

const leftHow = (end: End): Sitting['after'] =>
  end.is === 'open' ? 'no word' : end.is === 'stopped' && end.why === 'handed over' ? 'a hand-over' : 'a stop';

function stopped(why: Extract<Event, {type: 'run.stopped'}>['why'], at: Instant): End {
  if (why === 'failed') return {is: 'failed', at};
  return why === 'gate' ? {is: 'waits', at} : {is: 'stopped', at, why};
}

const change = (history: History, id: StepId, next: (step: StepHistory) => StepHistory): History => ({
  ...history,
  steps: history.steps.map((step) => (step.heading.id === id ? next(step) : step)),
});

const leave = (history: History, left: Instant): History => ({
  ...history,
  steps: history.steps.map((step) => leftAt(step, left)),
});
