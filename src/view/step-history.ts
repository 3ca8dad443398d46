import type {Instant, StepId} from '../brand.ts';
import type {Event, StepHeading} from '../engine/event.ts';
import type {Fault} from '../fault.ts';
import type {JsonObject} from '../json.ts';
import type {Proof} from '../step/step.ts';

/** A step as people read it. */
export interface StepHistory {
  readonly heading: StepHeading;
  readonly status: StepReading;
  readonly attempts: readonly Attempt[];
  readonly notes: readonly Note[];
  readonly effects: readonly EffectReading[];
  readonly checks: readonly Check[];
  /** Each time it had to wait for people. */
  readonly gates?: readonly GateWait[];
}

export interface GateWait {
  readonly reached: Instant;
  /** Absent while it waits. */
  readonly opened?: Instant;
  /** Principals of those who agreed. */
  readonly by: readonly string[];
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

type StepEvent = Extract<Event, {step: StepId}>;

/** What an event of the step adds to its history. */
export function within(step: StepHistory, event: StepEvent, at: Instant): StepHistory {
  switch (event.type) {
    case 'step.started': {
      const attempt: Attempt = {number: event.attempt, begun: at, end: 'open', saved: 0};
      return {...step, status: {is: 'running', since: at}, attempts: [...step.attempts, attempt]};
    }
    case 'step.saved':
      return lastAttempt(step, (attempt) => ({...attempt, saved: attempt.saved + 1}));
    case 'step.noted':
      return {...step, notes: [...step.notes, {at, says: event.says, data: event.data}]};
    case 'gate.reached': {
      const gates = step.gates ?? [];
      const waits = gates.at(-1);
      // Asked again while it waits: it has waited since the first time.
      return waits && waits.opened === undefined ? step : {...step, gates: [...gates, {reached: at, by: []}]};
    }
    case 'gate.opened': {
      const gates = step.gates ?? [];
      const waits = gates.at(-1);
      const open = {opened: at, by: event.by};
      return waits && waits.opened === undefined
        ? {...step, gates: [...gates.slice(0, -1), {...waits, ...open}]}
        : {...step, gates: [...gates, {reached: at, ...open}]};
    }
    // What broke in, and what it cost, is the run's whole ledger's to tell.
    case 'step.interrupted':
    case 'step.regained':
    case 'medium.watched':
      return step;
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
    case 'hold.released':
      return step;
    default:
      return event satisfies never;
  }
}

/** Nobody works on the step any more: if it ran, it has no outcome. */
export function leftAt(step: StepHistory, left: Instant): StepHistory {
  if (step.status.is !== 'running') return step;
  const unsure: StepHistory = {...step, status: {is: 'unsure', since: step.status.since, left}};
  return lastAttempt(unsure, (attempt) => ({...attempt, end: 'left', ended: left}));
}

const lastAttempt = (step: StepHistory, next: (attempt: Attempt) => Attempt): StepHistory => ({
  ...step,
  attempts: step.attempts.map((attempt, index) => (index === step.attempts.length - 1 ? next(attempt) : attempt)),
});

const effect = (step: StepHistory, reading: EffectReading): StepHistory => ({
  ...step,
  effects: [...step.effects.filter(({effect}) => effect !== reading.effect), reading],
});
