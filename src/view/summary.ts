import type {HostName, Instant, RunId, Sha256, StepId} from '../brand.ts';
import type {FaultCode} from '../fault.ts';
import type {Json, JsonObject} from '../json.ts';
import {endOf, secondsOf, wallSeconds} from './elapsed.ts';
import {gateSummaries, type GateSummary} from './gate.ts';
import type {History} from './history.ts';
import {interruptionsOf, tollOf, type Interruption} from './interruptions.ts';
import type {StepHistory} from './step-history.ts';
import {nextCommand, stateWord, type StateWord} from './state-word.ts';

/**
 * The last line of `rebuild run --json` and `resume --json`, and the head of `report --json`. An interface since the
 * first release: fields may be added, none changes its name, meaning or unit. Null stands for "not known" or "not yet".
 */
export interface RunSummary {
  readonly type: 'run.summary';
  readonly run: RunId;
  readonly host: HostName;
  /** `unsure`: the controller died and never recorded an outcome. `running`: in a report only, the run goes on. */
  readonly result: StateWord;
  /** Whether it was the lab's machine. */
  readonly lab: boolean;
  /** Who began it, and who went on with it, in order. */
  readonly by: readonly string[];
  readonly begun: Instant;
  readonly ended: Instant;
  /** From `begun` to `ended`, pauses between sittings included. */
  readonly seconds: number;
  /** What users of the host were told. */
  readonly promiseSeconds: number | null;
  readonly plan: Sha256;
  readonly runbook: Sha256;
  readonly steps: readonly StepSummary[];
  /** Bytes of the light ISO that were read through the BMC: `isoBytesServed` of the proof of `target.boot`. */
  readonly isoBytesServed: number | null;
  /** Compressed bytes of the OS image that were sent: `bytesSent` of the proof of `os.install`. */
  readonly imageBytesSent: number | null;
  /** How often the medium went away in a step that starts from it, over all attempts; null where none has begun. */
  readonly mediaLosses: number | null;
  /** What broke in, in order of time, and what each cost. */
  readonly interruptions: readonly Interruption[];
  /** Their sums: seconds in which nothing new was gained, and bytes that were read or sent a second time. */
  readonly interruptedSeconds: number;
  readonly bytesAgain: number;
  /** Every wait for people at the gate, in order; empty where the run has none. */
  readonly gates: readonly GateSummary[];
  /** The sum of those waits. */
  readonly gateWaitedSeconds: number;
  /** The command to type next. */
  readonly next: string;
}

export interface StepSummary {
  readonly id: StepId;
  readonly kind: string;
  readonly state: StepHistory['status']['is'];
  readonly attempts: number;
  /** Worked on it, over all attempts. */
  readonly seconds: number | null;
  readonly proof: {readonly says: string; readonly data: JsonObject} | null;
  readonly fault: {readonly code: FaultCode; readonly says: string} | null;
}

/** `held`: somebody holds the host's lease, so an open run is running and not left alone. */
export function summarise(history: History, held = false): RunSummary {
  const state = stateWord(history, held);
  const interruptions = [...interruptionsOf(history.ledger), ...(state === 'unsure' ? [leftAlone(history)] : [])];
  const toll = tollOf(interruptions);
  const gates = gateSummaries(history);
  return {
    type: 'run.summary',
    run: history.run,
    host: history.host,
    result: state,
    lab: history.lab,
    by: history.sittings.map(({by}) => by),
    begun: history.begun,
    ended: endOf(history),
    seconds: wallSeconds(history),
    promiseSeconds: history.promiseSeconds ?? null,
    plan: history.plan,
    runbook: history.runbook,
    steps: history.steps.map((step) => summaryOf(step, history.last, held)),
    isoBytesServed: total(history, 'target.boot', 'isoBytesServed'),
    imageBytesSent: total(history, 'os.install', 'bytesSent'),
    mediaLosses: mediaLosses(history, interruptions),
    interruptions,
    interruptedSeconds: toll.seconds,
    bytesAgain: toll.bytesAgain,
    gates,
    gateWaitedSeconds: gates.reduce((sum, {waitedSeconds}) => sum + waitedSeconds, 0),
    next: `rebuild ${nextCommand(history, state)}`,
  };
}

/** Steps that read the medium while they run; for all others it may go. */
const needsMedium: ReadonlySet<string> = new Set(['target.boot', 'installer.boot']);

function mediaLosses({steps}: History, interruptions: readonly Interruption[]): number | null {
  const readers = steps.filter(({heading, attempts}) => attempts.length > 0 && needsMedium.has(heading.kind));
  const ids = new Set(readers.map(({heading}) => heading.id));
  // One that was not needed any more has cost nothing.
  const lost = interruptions.filter(
    ({cause, step, seconds, bytesAgain, over}) =>
      cause.startsWith('medium') && step !== null && ids.has(step) && (!over || seconds > 0 || bytesAgain > 0),
  );
  return ids.size === 0 ? null : lost.length;
}

/** A record that ends without a word, and nobody at the run: what that costs goes on growing. */
const leftAlone = ({last, steps}: History): Interruption => ({
  at: last,
  cause: 'controller gone',
  step: steps.find(({status}) => status.is === 'running')?.heading.id ?? null,
  says: 'the record ends here and nobody works on the run',
  seconds: 0,
  bytesAgain: 0,
  attempts: 0,
  over: false,
});

function summaryOf(step: StepHistory, now: Instant, held: boolean): StepSummary {
  const {heading, status, attempts} = step;
  return {
    id: heading.id,
    kind: heading.kind,
    state: status.is === 'running' && !held ? 'unsure' : status.is,
    attempts: attempts.length,
    seconds: secondsOf(step, now) ?? null,
    proof: status.is === 'done' ? status.proof : null,
    fault: status.is === 'failed' ? {code: status.fault.code, says: status.fault.says} : null,
  };
}

/** A number from the proofs of all done steps of a kind; null where none has it. */
export function total(history: History, kind: string, name: string): number | null {
  const found = history.steps.flatMap(({heading, status}) => {
    const value: Json | undefined = heading.kind === kind && status.is === 'done' ? status.proof.data[name] : undefined;
    return typeof value === 'number' ? [value] : [];
  });
  return found.length === 0 ? null : found.reduce((sum, value) => sum + value, 0);
}
