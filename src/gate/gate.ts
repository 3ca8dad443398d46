import type {Serial, Sha256, StepId} from '../brand.ts';
import type {Request} from './statement.ts';

/** What a runbook asks for before certain steps: the consent of people, as signatures. */
export interface Gate {
  /** How many people must agree; whoever began the run is not one of them. */
  readonly approvers: number;
  /** How long an approval holds after it was given, in seconds. */
  readonly withinSeconds: number;
  /** The steps that wait for it. */
  readonly steps: readonly StepId[];
}

/** A run's gate, fixed when it begins: what an approval must name, and who asked. */
export interface GateTerms extends Gate {
  /** The machine's serial number. */
  readonly machine: string;
  /** Serial numbers of the disks that lose their data, sorted. */
  readonly disks: readonly Serial[];
  /** The list of allowed signers as it was then. */
  readonly signers: Sha256;
  readonly requester: Signed<Request>;
}

/** A statement, its SSH signature, and whose it was found to be by the list of allowed signers. */
export interface Signed<S> {
  readonly statement: S;
  /** Armoured, as `ssh-keygen -Y sign` writes it. */
  readonly signature: string;
  readonly principal: string;
  /** Fingerprint of the key. */
  readonly key: string;
}
