import type {HostName, Instant, RunId, Serial} from '../brand.ts';
import type {Fault} from '../fault.ts';
import type {JsonObject} from '../json.ts';
import type {Proof} from '../step/step.ts';
import type {StepHeading} from './event.ts';

/** Where a run stands: what `evolve` folds the events into and `decide` reads. */
export type RunState =
  | {readonly phase: 'unborn'}
  | {
      /** `away`: handed over to another machine. */
      readonly phase: 'open' | 'done' | 'abandoned' | 'away';
      readonly run: RunId;
      readonly host: HostName;
      /** Grows with every resume; tells a failure of this sitting from one of an earlier. */
      readonly sitting: number;
      readonly steps: readonly StepRecord[];
      /** Disks that the run goes on without. */
      readonly forgone: readonly Serial[];
    };

export type OpenRun = Exclude<RunState, {phase: 'unborn'}>;

export interface StepRecord {
  readonly heading: StepHeading;
  readonly status: StepStatus;
  readonly attempts: number;
  /** The last one saved, by whichever attempt. */
  readonly checkpoint: JsonObject | undefined;
  readonly effects: Readonly<Record<string, EffectStatus>>;
  /** The last that happened at the gate before it. */
  readonly gate?: 'reached' | 'opened';
}

export type StepStatus =
  | {readonly is: 'waiting'}
  | {readonly is: 'running'; readonly attempt: number; readonly since: Instant}
  /** An attempt ended without a recorded outcome: the world must be asked. */
  | {readonly is: 'unsure'; readonly attempt: number}
  | {readonly is: 'done'; readonly proof: Proof; readonly checked: boolean}
  | {readonly is: 'failed'; readonly fault: Fault; readonly sitting: number};

/** Of an irreversible effect: the intent is recorded, its acceptance was seen, or the world was asked about it. */
export type EffectStatus = 'sent' | 'settled' | 'absent' | 'present';
