import type {HostName, Instant, RunId, Sha256, StepId} from '../brand.ts';
import type {Event, Stored} from '../engine/event.ts';
import type {JsonObject} from '../json.ts';
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

const change = (history: History, id: StepId, next: (step: StepHistory) => StepHistory): History => ({
  ...history,
  steps: history.steps.map((step) => (step.heading.id === id ? next(step) : step)),
});

const leave = (history: History, left: Instant): History => ({
  ...history,
  steps: history.steps.map((step) => leftAt(step, left)),
});
