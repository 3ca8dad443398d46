import type {HostKeyPin, RunId, Serial} from '../brand.ts';
import type {Clock} from '../clock.ts';
import type {MediumPath, Way} from '../plan/path.ts';
import type {Runbook} from '../runbook/runbook.ts';
import type {Proof} from './step.ts';
import type {Bmc, BmcLook} from './world/bmc.ts';
import type {Edge, EdgeLook} from './world/edge.ts';
import type {Evidence, EvidenceLook} from './world/evidence.ts';
import type {RenewedLook} from './world/renewed.ts';
import type {Shelf, ShelfLook} from './world/shelf.ts';
import type {Suspect} from './world/suspect.ts';
import type {Target, TargetLook} from './world/target.ts';
import type {Vantage} from './world/vantage.ts';

/**
 * The outside as steps see it, twice: `Look` can only read, `World` can also change. Planning and verifying are handed
 * a `Look`, so a dry run cannot write whatever its author forgets. Devices implement these in `device/`;
 * steps know nothing else of them. Every method ends within its own time limit, with a fault if need be.
 */
export interface Look {
  readonly run: RunFacts;
  readonly runbook: Runbook;
  readonly clock: Clock;
  readonly bmc: BmcLook;
  readonly edge: EdgeLook;
  readonly shelf: ShelfLook;
  readonly target: TargetLook;
  readonly renewed: RenewedLook;
  readonly evidence: EvidenceLook;
  /** This controller's address by now, as the edge sees it, which is `run.controllerAddress` from then on: a laptop moves. */
  locate(): Promise<string>;
  /** Read anew at each call, so that what this run has seen itself is in it. */
  record(): Promise<HostRecord>;
  /** At least the controller's own; the others are declared in the runbook. */
  readonly vantages: readonly Vantage[];
  /** The proof that a done step of this kind left earlier in this run. */
  earlier(kind: string): Proof | undefined;
  /** A person has decided that the run goes on without this disk. */
  forgone(disk: Serial): boolean;
}

export interface World extends Look {
  readonly bmc: Bmc;
  readonly edge: Edge;
  readonly shelf: Shelf;
  readonly target: Target;
  readonly suspect: Suspect;
  readonly evidence: Evidence;
}

/** The world without what only the run's own history knows. */
export type Outside = Omit<World, 'earlier' | 'forgone'>;

/** What is fixed when a run begins. Private keys stay in the run's key folder, not here. */
export interface RunFacts {
  readonly id: RunId;
  /** Public key line with which the controller logs in to the target and to the new system. */
  readonly controllerKey: string;
  /** The light system's host key, made for this run. */
  readonly lightPin: HostKeyPin;
  /** The new system's host key, made for this run and pinned before it exists. */
  readonly hostPin: HostKeyPin;
  /** This controller's address as the edge, the BMC and the target see it, when it was last located; it may change. */
  readonly controllerAddress: string;
}

/** What is known of the host by now. It moves, so no plan relies on it. */
export interface HostRecord {
  /** The way over which the BMC reads a medium: by the runbook, and by earlier mounts. */
  readonly path: MediumPath;
  /** The way on which images reach the light system: by the runbook, and by what it has carried. */
  readonly link: Way;
  /** Those of the last runs that reached their end, oldest first. */
  readonly runs: readonly EarlierRun[];
}

/** What a run of this host that reached its end tells the next one. */
export interface EarlierRun {
  readonly run: RunId;
  /** Digest of the OS image that it installed. */
  readonly image?: string;
  /** By step id. A step that was left and taken up again took what all its attempts took. */
  readonly steps: Readonly<
    Record<string, {readonly kind: string; readonly seconds: number; readonly bytesPerSecond?: number}>
  >;
}
