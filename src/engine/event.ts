import type {HostName, Instant, RunId, Sha256, StepId} from '../brand.ts';
import type {Fault} from '../fault.ts';
import type {JsonObject} from '../json.ts';
import type {Place} from '../runbook/runbook.ts';
import type {Proof} from '../step/step.ts';

/** One line of a run's history, in the past tense. The journal stores these; everything else is a fold over them. */
export type Event =
  | {
      readonly type: 'run.begun';
      readonly run: RunId;
      readonly host: HostName;
      readonly by: string;
      readonly rebuild: string;
      readonly plan: Sha256;
      readonly runbook: Sha256;
      readonly promiseSeconds?: number;
      readonly lab: boolean;
      readonly steps: readonly StepHeading[];
      /** Public facts of the run: fingerprints, the ISO's digest, disks by serial number. */
      readonly facts: JsonObject;
    }
  | {readonly type: 'run.resumed'; readonly by: string; readonly pid: number}
  | {readonly type: 'step.started'; readonly step: StepId; readonly attempt: number}
  | {readonly type: 'step.saved'; readonly step: StepId; readonly checkpoint: JsonObject}
  | {readonly type: 'step.noted'; readonly step: StepId; readonly says: string; readonly data: JsonObject}
  /** An irreversible effect is about to be sent. */
  | {readonly type: 'effect.sent'; readonly step: StepId; readonly effect: string}
  /** Its acceptance was seen. */
  | {readonly type: 'effect.settled'; readonly step: StepId; readonly effect: string}
  /** After a crash, what the world itself showed of an effect that may have been sent. */
  | {
      readonly type: 'effect.found';
      readonly step: StepId;
      readonly effect: string;
      readonly verdict: 'absent' | 'present';
    }
  | {readonly type: 'step.done'; readonly step: StepId; readonly proof: Proof}
  | {readonly type: 'step.failed'; readonly step: StepId; readonly fault: Fault}
  /** On resume: a done step was checked against the world and still holds. */
  | {readonly type: 'step.kept'; readonly step: StepId; readonly proof: Proof}
  /** On resume: it no longer holds, so it will be applied again (never for an irreversible step). */
  | {readonly type: 'step.lapsed'; readonly step: StepId; readonly fault: Fault}
  | {readonly type: 'run.stopped'; readonly why: 'asked' | 'until' | 'failed' | 'interrupted'}
  | {readonly type: 'run.done'}
  | {readonly type: 'run.abandoned'; readonly by: string; readonly why: string};

export interface StepHeading {
  readonly id: StepId;
  readonly kind: string;
  readonly irreversible: boolean;
  /** Kinds of later steps that, once started, end this step's claim. */
  readonly heldUntil: readonly string[];
  readonly place: Place;
}

/** An event as the journal holds it. */
export interface Stored {
  /** From 1, without gaps, per run. */
  readonly seq: number;
  readonly at: Instant;
  readonly event: Event;
  /** SHA-256 over the previous entry's hash, seq, at and the event's canonical text; the first one's `before` is 64 zeros. */
  readonly hash: Sha256;
}
