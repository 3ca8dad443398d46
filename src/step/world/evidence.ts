import type {Serial, Sha256} from '../../brand.ts';
import type {Custody, Tool} from '../../evidence/custody.ts';
import type {Frame, Range} from '../../evidence/frame.ts';
import type {Tell} from '../../progress.ts';
import type {Result} from '../../result.ts';
import type {ItemSink} from './suspect.ts';

/** A bundle whose manifest was signed. */
export interface Sealed {
  /** Digest of the manifest, as `sha256sum` reads it. */
  readonly manifest: Sha256;
  readonly items: number;
  readonly bytes: number;
  /** Its custody records, of all attempts, oldest first. */
  readonly records: readonly Custody[];
  /** Where the data is, and where the seal is kept apart from it. */
  readonly data: string;
  readonly seal: string;
}

export interface EvidenceLook {
  /**
   * The bundle held against its seal: `whole` reads every byte again, else the seal, every file's size and what is small.
   * Undefined where there is no sealed bundle of this name; `evidence.differs` where it is not as it was sealed.
   */
  check(bundle: string, how: 'whole' | 'quick'): Promise<Result<Sealed | undefined>>;
}

export interface Evidence extends EvidenceLook {
  /** The bundle as an earlier attempt has left it, or a new one. A sealed one takes nothing more. */
  open(bundle: string): Promise<Result<Vault>>;
}

/** A custody record but for what the vault itself knows; without a tool, it was this program that asked. */
export type Recorded = Omit<Custody, 'case' | 'host' | 'asset' | 'operator' | 'hashAlso' | 'access' | 'tool'> & {
  readonly tool?: Tool;
};

export interface NewItem extends ItemSink {
  /** The id it is recorded under. */
  readonly id: string;
  /** Durable when it resolves. */
  end(): Promise<Result<{readonly file?: string; readonly bytes: number; readonly sha256?: Sha256}>>;
}

/** A disk's image as it is kept. */
export interface KeptImage {
  /** The frame to go on with. */
  readonly next: number;
  /** What could not be read of all frames so far, those of earlier attempts among them. */
  unread(): readonly Range[];
  keep(frame: Frame, sizeBytes: number): Promise<Result<void>>;
  /** Makes durable what has come, so that a later attempt goes on from there; nothing more is kept here. */
  pause(): Promise<void>;
  /** Reads all of it back, frame by frame. */
  end(
    sizeBytes: number,
    tell?: Tell,
  ): Promise<
    Result<{readonly file: string; readonly bytes: number; readonly sha256: Sha256; readonly rawSha256: Sha256}>
  >;
}

/** What comes as one stream too large to be taken again from its beginning. */
export interface KeptStream {
  /** The byte to go on with. */
  readonly from: number;
  /** Of all that came so far, with earlier attempts: the ranges that were written as unread. */
  unread(): readonly Range[];
  /** With `unreadAt` the data stand for what could not be read, and say so: from that place on, wherever it counts from. */
  write(data: Uint8Array, unreadAt?: number): Promise<Result<void>>;
  /** Makes durable what can be gone on from; nothing more is kept here. */
  pause(): Promise<void>;
  /** Reads all of it back. */
  end(tell?: Tell): Promise<
    Result<{
      readonly file: string;
      readonly bytes: number;
      readonly sha256: Sha256;
      readonly rawBytes: number;
      readonly rawSha256: Sha256;
    }>
  >;
}

export interface Vault {
  /** All records so far, those of earlier attempts among them, oldest first. */
  readonly held: readonly Custody[];
  /** A file for `name`, which is ours and not the host's. */
  begin(name: string, form: string): Promise<Result<NewItem>>;
  record(record: Recorded): Promise<Result<void>>;
  /** The disk's image as an earlier attempt has left it, or a new one. */
  image(disk: Serial): Promise<Result<KeptImage>>;
  /** The same for a dump of RAM; `name` is ours. */
  stream(name: `memory-${string}`, form: 'lime'): Promise<Result<KeptStream>>;
  /** Writes and signs the manifest; nothing can be added after. */
  seal(tell?: Tell): Promise<Result<Sealed>>;
}
