import type {HostName, Instant, RunId, Serial, Sha256, StepId} from '../brand.ts';
import type {Fault} from '../fault.ts';
import type {GateTerms, Signed} from '../gate/gate.ts';
import type {Approval} from '../gate/statement.ts';
import type {JsonObject} from '../json.ts';
import type {Place} from '../runbook/runbook.ts';
import type {Interruption, MediumWatch, Regained} from '../step/interruption.ts';
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
      /** Absent where no step waits for people. */
      readonly gate?: GateTerms;
    }
  | {
      readonly type: 'run.resumed';
      readonly by: string;
      readonly pid: number;
      /** Whose lease had lapsed: they never said that they had stopped. */
      readonly over?: {readonly who: string; readonly since: Instant; readonly because: 'expired' | 'dead'};
      /** The light ISO that this machine had to make anew, because the run was begun on another. */
      readonly iso?: Sha256;
      /** The script by which the lab was struck from here on. */
      readonly faults?: string;
    }
  | {readonly type: 'step.started'; readonly step: StepId; readonly attempt: number}
  | {readonly type: 'step.saved'; readonly step: StepId; readonly checkpoint: JsonObject}
  | {readonly type: 'step.noted'; readonly step: StepId; readonly says: string; readonly data: JsonObject}
  /** Something from outside broke in on the step: the medium, the link, the target. */
  | ({readonly type: 'step.interrupted'; readonly step: StepId} & Interruption)
  /** The step is back where the last interruption had met it. */
  | ({readonly type: 'step.regained'; readonly step: StepId} & Regained)
  /** A mount of a medium has come to its end, by loss or because it is needed no more. */
  | ({readonly type: 'medium.watched'; readonly step: StepId} & MediumWatch)
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
  /** The run stands before a step that people must agree to. */
  | {readonly type: 'gate.reached'; readonly step: StepId; readonly has: number; readonly needs: number}
  /** Written by whoever brings the approval, beside a run that may be under way; counted when the gate is judged. */
  | {readonly type: 'gate.approved'; readonly approval: Signed<Approval>; readonly signers: Sha256}
  /** Enough approvals held: the step begins now. */
  | {readonly type: 'gate.opened'; readonly step: StepId; readonly by: readonly string[]}
  /** Written beside a run that may be under way: a person has ended the hold that it stands in. */
  | {readonly type: 'hold.released'; readonly step: StepId; readonly by: string; readonly why: string}
  /** Written from another terminal; whoever drives the run sees it. `now`: inside the step. */
  | {readonly type: 'run.stop-asked'; readonly by: string; readonly now: boolean}
  | {readonly type: 'run.stopped'; readonly why: 'asked' | 'until' | 'failed' | 'interrupted' | 'gate'}
  /** The run goes on without this disk: no step touches it any more, and it stays as it is. Beside whoever drives the run. */
  | {readonly type: 'disk.forgone'; readonly disk: Serial; readonly by: string; readonly why: string}
  /** Another machine may go on with the run, and this one may not. `epoch` is the lease's at that moment. */
  | {readonly type: 'run.handed-over'; readonly by: string; readonly epoch: number}
  /** The machine this was written on goes on with it; `epoch` is above every one given out before. */
  | {readonly type: 'run.taken-over'; readonly by: string; readonly epoch: number}
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
