import type {HostName, Instant, RunId, Sha256, StepId} from '../brand.ts';
import type {Event, StepHeading, Stored} from '../engine/event.ts';
import type {Fault} from '../fault.ts';
import type {JsonObject} from '../json.ts';
import type {Proof} from '../step/step.ts';

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
  readonly steps: readonly StepHistory[];
}

export interface Sitting {
  readonly by: string;
  readonly at: Instant;
  /** How the sitting before this one was left: without a word means its controller died. */
  readonly after: 'nothing' | 'a stop' | 'no word';
}

export type End =
  /** Someone drives it now, or its controller died: the lease tells which. */
  | {readonly is: 'open'}
  | {readonly is: 'stopped'; readonly at: Instant; readonly why: 'asked' | 'until' | 'interrupted'}
  | {readonly is: 'failed'; readonly at: Instant}
  | {readonly is: 'done'; readonly at: Instant}
  | {readonly is: 'abandoned'; readonly at: Instant; readonly by: string; readonly why: string};

export interface StepHistory {
  readonly heading: StepHeading;
  readonly status: StepReading;
  readonly attempts: readonly Attempt[];
  readonly notes: readonly Note[];
  readonly effects: readonly EffectReading[];
  readonly checks: readonly Check[];
}

export type StepReading =
  | {readonly is: 'waiting'}
  | {readonly is: 'running'; readonly since: Instant}
  /** An attempt ended without a recorded outcome. */
  | {readonly is: 'unsure'; readonly since: Instant; readonly left: Instant}
  | {readonly is: 'done'; readonly at: Instant; readonly proof: Proof}
  | {readonly is: 'failed'; readonly at: Instant; readonly fault: Fault};

export interface Attempt {
  readonly number: number;
  readonly begun: Instant;
  /** Of an attempt left without a word: the last that was heard of the run. */
  readonly ended?: Instant;
  readonly end: 'open' | 'done' | 'failed' | 'left';
  readonly fault?: Fault;
  /** Checkpoints it saved. */
  readonly saved: number;
}

export interface Note {
  readonly at: Instant;
  readonly says: string;
  readonly data: JsonObject;
}

/** An irreversible effect, and the last that is known of it. */
export interface EffectReading {
  readonly effect: string;
  readonly at: Instant;
  readonly is: 'sent' | 'settled' | 'absent' | 'present';
}

/** A done step held against the world on resume. */
export interface Check {
  readonly at: Instant;
  readonly held: boolean;
  readonly fault?: Fault;
}

/** Total: an event that does not fit changes nothing but the count, so a damaged journal can still be read. */
export function extend(history: History | undefined, {at, event}: Pick<Stored, 'at' | 'event'>): History | undefined {
  if (history === undefined) return event.type === 'run.begun' ? beginning(event, at) : undefined;
  return {...happened(history, event, at), last: at, entries: history.entries + 1};
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
      const after = history.end.is === 'open' ? 'no word' : 'a stop';
      const sitting: Sitting = {by: event.by, at, after};
      return leave({...history, end: {is: 'open'}, sittings: [...history.sittings, sitting]}, history.last);
    }
    case 'run.stopped':
      return leave(
        {...history, end: event.why === 'failed' ? {is: 'failed', at} : {is: 'stopped', at, why: event.why}},
        at,
      );
    case 'run.done':
      return {...history, end: {is: 'done', at}};
    case 'run.abandoned':
      return leave({...history, end: {is: 'abandoned', at, by: event.by, why: event.why}}, history.last);
    default:
      return event satisfies never;
  }
}

type StepEvent = Extract<Event, {step: StepId}>;

function within(step: StepHistory, event: StepEvent, at: Instant): StepHistory {
  switch (event.type) {
    case 'step.started': {
      const attempt: Attempt = {number: event.attempt, begun: at, end: 'open', saved: 0};
      return {...step, status: {is: 'running', since: at}, attempts: [...step.attempts, attempt]};
    }
    case 'step.saved':
      return lastAttempt(step, (attempt) => ({...attempt, saved: attempt.saved + 1}));
    case 'step.noted':
      return {...step, notes: [...step.notes, {at, says: event.says, data: event.data}]};
    case 'effect.sent':
      return effect(step, {effect: event.effect, at, is: 'sent'});
    case 'effect.settled':
      return effect(step, {effect: event.effect, at, is: 'settled'});
    case 'effect.found':
      return effect(step, {effect: event.effect, at, is: event.verdict});
    case 'step.done':
      return lastAttempt({...step, status: {is: 'done', at, proof: event.proof}}, (attempt) => ({
        ...attempt,
        end: 'done',
        ended: at,
      }));
    case 'step.failed':
      return lastAttempt({...step, status: {is: 'failed', at, fault: event.fault}}, (attempt) => ({
        ...attempt,
        end: 'failed',
        ended: at,
        fault: event.fault,
      }));
    case 'step.kept': {
      // What a check reads back is less than what the step itself measured: bytes sent, bytes served, losses.
      const before = step.status.is === 'done' ? step.status.proof.data : {};
      const proof = {says: event.proof.says, data: {...before, ...event.proof.data}};
      return {...step, status: {is: 'done', at, proof}, checks: [...step.checks, {at, held: true}]};
    }
    case 'step.lapsed': {
      const checks = [...step.checks, {at, held: false, fault: event.fault}];
      const status: StepReading = step.heading.irreversible ? {is: 'failed', at, fault: event.fault} : {is: 'waiting'};
      return {...step, status, checks};
    }
    default:
      return event satisfies never;
  }
}

const change = (history: History, id: StepId, next: (step: StepHistory) => StepHistory): History => ({
  ...history,
  steps: history.steps.map((step) => (step.heading.id === id ? next(step) : step)),
});

const lastAttempt = (step: StepHistory, next: (attempt: Attempt) => Attempt): StepHistory => ({
  ...step,
  attempts: step.attempts.map((attempt, index) => (index === step.attempts.length - 1 ? next(attempt) : attempt)),
});

const effect = (step: StepHistory, reading: EffectReading): StepHistory => ({
  ...step,
  effects: [...step.effects.filter(({effect}) => effect !== reading.effect), reading],
});

/** Nobody works on the run any more: what ran has no outcome. */
const leave = (history: History, left: Instant): History => ({
  ...history,
  steps: history.steps.map((step) =>
    step.status.is === 'running'
      ? lastAttempt({...step, status: {is: 'unsure', since: step.status.since, left}}, (attempt) => ({
          ...attempt,
          end: 'left',
          ended: left,
        }))
      : step,
  ),
});
