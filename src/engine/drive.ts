import type {RunId, Serial, StepId} from '../brand.ts';
import type {Clock} from '../clock.ts';
import {fault, type Fault} from '../fault.ts';
import type {Journal, Lease} from '../journal/journal.ts';
import {failed, ok, type Result} from '../result.ts';
import type {StepEntry} from '../runbook/runbook.ts';
import type {Progress} from '../progress.ts';
import type {Hand, Proof, Timeline} from '../step/step.ts';
import type {Kinds} from '../step/kinds.ts';
import type {Outages} from '../step/outage.ts';
import type {Outside, World} from '../step/world.ts';
import {decide, licence, unchecked} from './decide.ts';
import type {Event, StepHeading, Stored} from './event.ts';
import {evolve, fold} from './evolve.ts';
import {fenced} from './fenced-world.ts';
import {headway} from './headway.ts';
import {lookAhead} from './look-ahead.ts';
import type {RunState, StepRecord} from './state.ts';

/** Everything the loop acts through. */
export interface Ports {
  readonly journal: Journal;
  readonly lease: Lease;
  readonly clock: Clock;
  readonly kinds: Kinds;
  readonly steps: readonly StepEntry[];
  readonly world: Outside;
  /** Sees every event once it is durable, in order. */
  readonly observe: (stored: Stored) => void;
  readonly progress: (step: StepId, progress: Progress) => void;
  /** Runs beside every step; what it notes goes into that step's timeline. */
  readonly watch?: Watch;
  /** Asked where a step has failed, once anything has been reached in this sitting: it may be begun again at once. */
  readonly outages?: Outages;
  /** Asked before each step: stop here, and why. */
  readonly pause: (next: StepId) => Pause | Promise<Pause>;
  /** Judges the gate before a step anew for every attempt; undefined where it has none. */
  readonly gate?: (step: StepRecord) => Promise<Result<GateVerdict | undefined>>;
  /** Whether a person has ended the hold that a step is. */
  readonly released?: (step: StepId) => ReturnType<Hand['released']>;
  /** Aborts inside a step; the step is left unsure. */
  readonly signal: AbortSignal;
}

export type Pause = 'asked' | 'until' | undefined;

export interface GateVerdict {
  readonly open: boolean;
  /** Principals of those whose approvals hold. */
  readonly by: readonly string[];
  readonly needs: number;
}

export type Watch = (world: World, state: RunState, timeline: Timeline, signal: AbortSignal) => Promise<void>;

export type RunEnd =
  | {readonly end: 'done'}
  | {readonly end: 'stopped'; readonly why: 'asked' | 'until' | 'interrupted' | 'gate'}
  | {readonly end: 'failed'; readonly step: StepId; readonly fault: Fault}
  /** The journal or the lease refused a write: nothing more was done, `state` is what is known. */
  | {readonly end: 'cut'; readonly fault: Fault; readonly state: RunState};

/** Thrown through a step when its own record can no longer be kept: no effect may follow. */
class Cut extends Error {
  readonly fault: Fault;
  constructor(fault: Fault) {
    super(fault.says);
    this.fault = fault;
  }
}

/**
 * The only loop. `decide` names the next action, the intent is journaled, a step acts, the outcome is journaled,
 * `evolve` gives the next state. Resume is the same loop started from stored events.
 */
export async function drive(run: RunId, ports: Ports): Promise<RunEnd> {
  const read = await ports.journal.read(run);
  if (!read.ok) return {end: 'cut', fault: read.fault, state: {phase: 'unborn'}};
  let state = fold(read.value);

  // Notes of a watch and events of a step come from two sides: one queue keeps their order in the chain.
  let queue: Promise<unknown> = Promise.resolve();
  const append = (event: Event): Promise<void> => {
    const turn = queue.then(async () => {
      const stored = await ports.journal.append(run, event, ports.lease);
      if (!stored.ok) throw new Cut(stored.fault);
      state = evolve(state, stored.value);
      ports.observe(stored.value);
    });
    queue = turn.catch(() => undefined);
    return turn;
  };

  const stillOurs = async (): Promise<void> => {
    const held = await ports.journal.holds(ports.lease);
    if (!held.ok) throw new Cut(held.fault);
  };
  /** The gate before the step under way was found shut after all. */
  let shut = false;
  /** What is done or still true was reached: a way that was never there is not waited for. */
  let reached = false;
  const gets = headway(ports.clock);
  const world: World = {
    ...fenced(ports.world, stillOurs),
    earlier: (kind) => proofOf(state, kind),
    forgone: (disk) => isForgone(state, disk),
  };

  const checks = lookAhead((heading) => {
    const {step, params} = bound(ports, heading);
    return step.verify(world, params);
  });
  checks.begin(unchecked(state));
  let ahead = askAhead();

  try {
    for (;;) {
      const action = decide(state);
      switch (action.do) {
        case 'rest':
          return {end: 'done'};
        case 'finish':
          await append({type: 'run.done'});
          return {end: 'done'};
        case 'stop':
          await append({type: 'run.stopped', why: 'failed'});
          return {end: 'failed', step: action.step.id, fault: action.fault};
        case 'check': {
          const found = await checks.outcome(action.step);
          if (found.ok) reached = true;
          else ahead = undefined;
          await append(
            found.ok
              ? {type: 'step.kept', step: action.step.id, proof: found.value}
              : {type: 'step.lapsed', step: action.step.id, fault: found.fault},
          );
          break;
        }
        case 'apply': {
          const {step} = action;
          let outcome: Result<Proof>;
          for (let number = action.attempt; ; number++) {
            const asked = (await ports.pause(step.id)) ?? (ports.signal.aborted ? 'interrupted' : undefined);
            const why = asked ?? ((await passes(step.id)) ? undefined : 'gate');
            if (why) {
              await append({type: 'run.stopped', why});
              return {end: 'stopped', why};
            }
            await append({type: 'step.started', step: step.id, attempt: number});
            gets.mark();
            const answers = ahead?.by === step.id ? ahead.answers : undefined;
            ahead = undefined;
            outcome = await attempt(step, number, answers);
            if (outcome.ok || shut || !reached || !(await isOver(step.id, outcome.fault))) break;
          }
          if (outcome.ok) reached = true;
          if (!outcome.ok && shut) {
            await append({type: 'run.stopped', why: 'gate'});
            return {end: 'stopped', why: 'gate'};
          }
          if (!outcome.ok && ports.signal.aborted) {
            await append({type: 'run.stopped', why: 'interrupted'});
            return {end: 'stopped', why: 'interrupted'};
          }
          await append(
            outcome.ok
              ? {type: 'step.done', step: step.id, proof: outcome.value}
              : {type: 'step.failed', step: step.id, fault: outcome.fault},
          );
          break;
        }
        default:
          return action satisfies never;
      }
    }
  } catch (error) {
    if (error instanceof Cut) return {end: 'cut', fault: error.fault, state};
    throw error;
  }

  async function isOver(id: StepId, why: Fault): Promise<boolean> {
    const asked = async () => (await ports.pause(id)) !== undefined;
    return (await ports.outages?.(world, why, timeline(id), {signal: ports.signal, asked, headway: gets})) ?? false;
  }

  async function passes(id: StepId): Promise<boolean> {
    const record = recordOf(id);
    const judged = record && (await ports.gate?.(record));
    if (judged && !judged.ok) throw new Cut(judged.fault);
    const verdict = judged?.value;
    if (!record || !verdict) return true;
    const {open, by, needs} = verdict;
    if (open) await append({type: 'gate.opened', step: id, by});
    else if (record.gate !== 'reached') await append({type: 'gate.reached', step: id, has: by.length, needs});
    return open;
  }

  function recordOf(id: StepId): StepRecord | undefined {
    return state.phase === 'unborn' ? undefined : state.steps.find((step) => step.heading.id === id);
  }

  /** The questions of the step that a resume will come to, asked while the checks wait for other devices. */
  function askAhead(): {readonly by: StepId; readonly answers: Promise<unknown>} | undefined {
    const next = state.phase === 'open' ? state.steps.find(({status}) => status.is !== 'done') : undefined;
    if (!next || next.attempts === 0) return undefined;
    const {step, params} = bound(ports, next.heading);
    const answers = step.ask?.(world, params, next.checkpoint);
    answers?.catch(() => undefined);
    return answers && {by: next.heading.id, answers};
  }

  async function attempt(
    heading: StepHeading,
    number: number,
    answers: Promise<unknown> | undefined,
  ): Promise<Result<Proof>> {
    const {step, params} = bound(ports, heading);
    const over = new AbortController();
    let broken: unknown;
    let outcome: Result<Proof>;
    const watching = ports
      .watch?.(world, state, timeline(heading.id), AbortSignal.any([over.signal, ports.signal]))
      .catch((error: unknown) => {
        broken = error;
      });
    try {
      const applied = await step.apply(world, params, hand(heading.id, number), answers);
      // A step is done when its end is read back, not when its last command returned.
      outcome = applied.ok ? withVerdict(applied.value, await step.verify(world, params)) : applied;
    } finally {
      over.abort();
      await watching;
    }
    if (broken) throw broken;
    return outcome;
  }

  function timeline(step: StepId): Timeline {
    return {
      note: (says, data = {}) => append({type: 'step.noted', step, says, data}),
      interrupted: (interruption) => append({type: 'step.interrupted', step, ...interruption}),
      regained: (regained) => append({type: 'step.regained', step, ...regained}),
      watched: (watch) => append({type: 'medium.watched', step, ...watch}),
    };
  }

  function hand(id: StepId, number: number): Hand {
    const record = () => recordOf(id);
    return {
      attempt: number,
      at: record()?.checkpoint,
      signal: ports.signal,
      save: async (checkpoint) => {
        await append({type: 'step.saved', step: id, checkpoint});
        gets.mark();
      },
      ...timeline(id),
      progress: (progress) => {
        gets.tell(id, progress);
        ports.progress(id, progress);
      },
      released: async () => ports.released?.(id),
      once: async (effect, find, send) => {
        if (licence(record()?.effects[effect]) === 'find') {
          const found = await find();
          if (!found.ok) return found;
          await append({type: 'effect.found', step: id, effect, verdict: found.value});
          if (found.value === 'present') return ok(undefined);
          // It was approved when it was to be sent, and never was: whether people still agree is asked anew.
          if (!(await passes(id))) {
            shut = true;
            return failed(fault('run.interrupted', 'the approvals of what had not begun no longer hold'));
          }
        }
        await append({type: 'effect.sent', step: id, effect});
        const sent = await send();
        if (sent.ok) await append({type: 'effect.settled', step: id, effect});
        return sent;
      },
    };
  }
}

function bound(ports: Ports, heading: StepHeading) {
  const step = ports.kinds.get(heading.kind);
  const entry = ports.steps.find(({id}) => id === heading.id);
  if (!step || !entry) throw new Error(`the run has a step the runbook no longer has: ${heading.id} (${heading.kind})`);
  return {step, params: entry.params};
}

const withVerdict = (applied: Proof, verified: Result<Proof>): Result<Proof> =>
  verified.ok
    ? ok({says: verified.value.says, data: {...verified.value.data, ...applied.data}})
    : failed(verified.fault);

const isForgone = (state: RunState, disk: Serial): boolean => state.phase !== 'unborn' && state.forgone.includes(disk);

function proofOf(state: RunState, kind: string): Proof | undefined {
  if (state.phase === 'unborn') return undefined;
  const status = state.steps.findLast((step) => step.heading.kind === kind && step.status.is === 'done')?.status;
  return status?.is === 'done' ? status.proof : undefined;
}
