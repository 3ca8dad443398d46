import type {HostName, Instant, RunId} from '../brand.ts';
import type {Event, Stored} from '../engine/event.ts';
import type {Result} from '../result.ts';

/** The append-only store of events. Nothing but its implementation knows where they are kept. */
export interface Journal {
  /** The next free run id of the host: `marruuk-3`. */
  nextRun(host: HostName): Promise<Result<RunId>>;
  /** Durable when it resolves. Refused when `lease` is given and no longer held: the fence and the write are one transaction. */
  append(run: RunId, event: Event, lease?: Lease): Promise<Result<Stored>>;
  read(run: RunId): Promise<Result<readonly Stored[]>>;
  /** Newest first. */
  runs(host?: HostName): Promise<Result<readonly RunId[]>>;
  /** The host's run that has neither ended nor been abandoned. */
  unfinished(host: HostName): Promise<Result<RunId | undefined>>;
  /** Whether the run's hash chain holds, and where it breaks. */
  verify(run: RunId): Promise<Result<ChainVerdict>>;

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
  | {readonly holds: false; readonly seq: number; readonly says: string};

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
  readonly takenFrom?: Holder;
}
