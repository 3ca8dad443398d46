import type {HostName, Instant, RunId} from '../brand.ts';
import type {Event, Stored} from '../engine/event.ts';
import type {Result} from '../result.ts';

/** The append-only store of events. Nothing but its implementation knows where they are kept. */
export interface Journal {
  /** The next free run id of the host: `marruuk-3`. */
  nextRun(host: HostName): Promise<Result<RunId>>;
  /**
   * Durable when it resolves. Refused when `lease` is given and no longer held: the fence and the write are one
   * transaction. Without a lease others write beside whoever drives the run: an approval, a request to stop.
   */
  append(run: RunId, event: Event, lease?: Lease): Promise<Result<Stored>>;
  read(run: RunId): Promise<Result<readonly Stored[]>>;
  /** What was added after entry `seq`, by whomever. The chain is not followed. */
  after(run: RunId, seq: number): Promise<Result<readonly Stored[]>>;
  /** Everything of a run that another journal needs to go on with it. */
  carry(run: RunId): Promise<Result<Carried>>;
  /**
   * Takes up a run from another journal: its chain is followed, and what this one has of the run must be its beginning.
   * The host's epoch is raised to the one carried. Faults: `handover.unreadable`, `handover.diverged`, `lease.held`.
   */
  receive(run: RunId, carried: Carried): Promise<Result<{readonly added: number}>>;
  /** Newest first. */
  runs(host?: HostName): Promise<Result<readonly RunId[]>>;
  /** The host's run that has neither ended nor been abandoned. */
  unfinished(host: HostName): Promise<Result<RunId | undefined>>;
  /** Whether the run's hash chain holds, and where it breaks. */
  verify(run: RunId): Promise<Result<ChainVerdict>>;
  /** Every row of the run as it stands, whatever became of it, and exactly where it does not fit. */
  audit(run: RunId): Promise<Result<Audit>>;

  /** Takes the host, or says who has it. A lease that expired is taken over, and says from whom. */
  take(host: HostName, holder: Holder, ttlMs: number): Promise<Result<Lease>>;
  /** Fails with `lease.lost` when another has taken it. */
  renew(lease: Lease, ttlMs: number): Promise<Result<Lease>>;
  /** Whether it is still ours, read without writing: `lease.lost` where another has taken it. */
  holds(lease: Lease): Promise<Result<void>>;
  release(lease: Lease): Promise<Result<void>>;
  holder(host: HostName): Promise<Result<(Holder & {readonly expires: Instant}) | undefined>>;
  close(): void;
}

export type ChainVerdict =
  | {readonly holds: true; readonly entries: number}
  /** `seq` is the first entry that does not fit; `where` is told by an audit alone. */
  | {readonly holds: false; readonly seq: number; readonly says: string; readonly where?: Breach};

/** The place in the store that does not fit. */
export interface Breach {
  readonly table: 'entries' | 'heads';
  /** The row's own number in the file, over all runs; null where the row is missing or has none. */
  readonly row: number | null;
  readonly column: 'id' | 'run' | 'seq' | 'at' | 'event' | 'at or event' | 'hash' | null;
  /** The type of the event that the row holds; null where that cannot be read. */
  readonly event: string | null;
  readonly expected: string;
  readonly found: string;
}

export interface Audit {
  readonly verdict: ChainVerdict;
  /** So many entries from the first on are proved by the chain. */
  readonly intact: number;
  readonly rows: readonly Row[];
}

/** An entry with its number in the file and the run it says it is of. */
export interface Row extends Link {
  readonly id: number;
  readonly run: string;
}

export interface Holder {
  /** `lena@jump1`. */
  readonly who: string;
  readonly pid: number;
  readonly reason: string;
}

export interface Lease {
  readonly host: HostName;
  /** Grows with every take: the fencing token. */
  readonly epoch: number;
  readonly holder: Holder;
  readonly takenFrom?: TakenFrom;
}

/** Who had the host before, and never gave it back. */
export interface TakenFrom extends Holder {
  readonly since: Instant;
  readonly because: 'expired' | 'dead';
}

/** A run's entries as they are kept, and the newest epoch given out for its host. */
export interface Carried {
  readonly links: readonly Link[];
  readonly epoch: number;
}

/** An entry as it is kept. `event` is the stored text itself: what is hashed is never parsed and printed again. */
export interface Link {
  readonly seq: number;
  readonly at: string;
  readonly event: string;
  readonly hash: string;
}
