import type {Sha256} from '../../brand.ts';
import type {Tool} from '../../evidence/custody.ts';
import type {Result} from '../../result.ts';

// The suspect: the host while its old system runs, and what is kept of it.

export interface SuspectFacts {
  /** The program of ours that runs there, as it was hashed there after it had been pushed. */
  readonly tool: Tool;
  readonly script: Sha256;
  /** Our commands cannot write to its disks, not even a time of access: they run behind read-only mounts of their own. */
  readonly sealed: boolean;
  /** What each command begins with; `SCRATCH` stands for our folder in its memory. */
  readonly argv: readonly string[];
}

export interface CollectLimits {
  readonly seconds: number;
  readonly bytes: number;
}

/** What became of one collection; what had come is in the sink either way. */
export interface Collected {
  readonly complete: boolean;
  /** Which of its limits ended it, where one did. */
  readonly cut?: keyof CollectLimits;
  readonly reason?: string;
}

export interface ItemSink {
  write(data: Uint8Array): Promise<void>;
}

/** Hostile: all that it answers goes into a sink, unread. */
export interface Suspect {
  /** Logs in, puts our tools into its memory and holds what lies there against what was pushed. */
  enter(signal: AbortSignal): Promise<Result<SuspectFacts>>;
  /** Runs one verb of our collector. A fault means that the host could not be asked. */
  collect(
    verb: readonly string[],
    limits: CollectLimits,
    sink: ItemSink,
    signal: AbortSignal,
  ): Promise<Result<Collected>>;
  /** Ends what is left of ours there and removes it. */
  leave(signal: AbortSignal): Promise<Result<void>>;
}
