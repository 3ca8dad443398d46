import type {HostName, Instant, Sha256, StepId} from '../brand.ts';
import type {Fault} from '../fault.ts';
import type {Gate} from '../gate/gate.ts';
import type {JsonObject} from '../json.ts';
import type {Place} from '../runbook/runbook.ts';
import type {Effect} from '../step/step.ts';
import type {SystemFacts} from '../step/world.ts';
import type {MediumOutlook} from './outlook.ts';

/** Runbook and facts, assembled into the exact effects in order. A value: it can be printed, saved, reviewed, refused. */
export interface Plan {
  readonly version: 1;
  readonly host: HostName;
  readonly runbook: Sha256;
  readonly promiseSeconds?: number;
  readonly system: SystemFacts;
  readonly steps: readonly PlannedStep[];
  /** Facts the plan relies on, by step id; a difference makes the plan stale. */
  readonly facts: Readonly<Record<string, JsonObject>>;
  /** Absent where no step waits for people. */
  readonly gate?: Gate;
  readonly keptDisks: readonly {readonly name: string; readonly serial: string; readonly sizeBytes: number}[];
  /** Faults that forbid running this plan; it may still be read. */
  readonly errors: readonly {readonly step?: StepId; readonly fault: Fault}[];
  /** What may be expected of the media it mounts, by step id. It moves, so neither digest, staleness nor a saved plan knows it. */
  readonly outlooks?: Readonly<Record<string, MediumOutlook>>;
  /** Seconds each step took in the host's last run that reached its end. It moves, too. */
  readonly took?: Readonly<Record<string, number>>;
  readonly readAt: Instant;
  /** Over the canonical text of everything above but `readAt`, `outlooks`, `took` and `system.power`. */
  readonly digest: Sha256;
}

export interface PlannedStep {
  readonly id: StepId;
  readonly kind: string;
  readonly irreversible: boolean;
  readonly place: Place;
  readonly effects: readonly Effect[];
}
