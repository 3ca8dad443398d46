import type {HostName, Instant, Sha256, StepId} from '../brand.ts';
import type {Fault} from '../fault.ts';
import type {Gate} from '../gate/gate.ts';
import type {JsonObject} from '../json.ts';
import type {Place} from '../runbook/runbook.ts';
import type {Effect} from '../step/step.ts';
import type {Power, SystemFacts} from '../step/world/bmc.ts';
import type {Outlook} from './outlook.ts';
import type {MediumPath, Way} from './path.ts';
import type {PlanTimes} from './times.ts';

/** Of the shape and of what the digest is taken over: a plan of another format is refused. */
export const planFormat = 2;

/** Runbook and facts, assembled into the exact effects in order. A value: it can be printed, saved, reviewed, refused. */
export interface Plan {
  readonly version: typeof planFormat;
  readonly host: HostName;
  readonly runbook: Sha256;
  readonly promiseSeconds?: number;
  readonly system: Omit<SystemFacts, 'power'>;
  readonly steps: readonly PlannedStep[];
  /** Facts the plan relies on, by step id; a difference makes the plan stale. */
  readonly facts: Readonly<Record<string, JsonObject>>;
  /** Absent where no step waits for people. */
  readonly gate?: Gate;
  readonly keptDisks: readonly KeptDisk[];
  /** Faults that forbid running this plan; it may still be read. */
  readonly errors: readonly {readonly step?: StepId; readonly fault: Fault}[];
  readonly readAt: Instant;
  /** Over the canonical text of everything above but `readAt` and the places in the runbook's file. */
  readonly digest: Sha256;
  /** Absent in a plan that was read back from a file. */
  readonly moving?: Moving;
}

export interface PlannedStep {
  readonly id: StepId;
  readonly kind: string;
  readonly irreversible: boolean;
  readonly place: Place;
  readonly effects: readonly Effect[];
}

/** A disk that no step writes to. */
export interface KeptDisk {
  /** Its name in the runbook; absent where only the BMC knows of it. */
  readonly name?: string;
  readonly serial: string;
  readonly sizeBytes: number;
  /** As the BMC shows it, where it does. */
  readonly vendor?: string;
  readonly model?: string;
  /** The BMC lists drives, and this is not among them. */
  readonly unseen?: true;
}

/** What is expected to be another in an hour, and what follows from it. No plan relies on it: no digest is over it. */
export interface Moving {
  /** URL of the BMC that told what it knows of the machine. */
  readonly bmc: string;
  readonly power: Power;
  /** The way over which the BMC reads a medium. */
  readonly path: MediumPath;
  /** The way on which images reach the light system. */
  readonly link: Way;
  /** What may be expected of the media it mounts and of the images it brings, by step id. */
  readonly outlooks: Readonly<Record<string, Outlook>>;
  readonly times: PlanTimes;
}
