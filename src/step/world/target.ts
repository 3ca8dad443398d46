import type {Serial, Sha256} from '../../brand.ts';
import type {Frame} from '../../evidence/frame.ts';
import type {Result} from '../../result.ts';
import type {HealthReading} from '../health/drive.ts';
import type {MediumFacts} from '../wipe/medium.ts';
import type {TreeEntry} from '../system/tree.ts';
import type {WipeMethod} from '../wipe/method.ts';
import type {Chunk, DiskImage, ImageSource, Launch, OsImage} from './image.ts';

// The target: the host while it runs the light system.

export interface TargetFacts {
  readonly run: string;
  readonly bootId: string;
  readonly uptimeSeconds: number;
  readonly memoryBytes: number;
  /** The light system's own word that it needs the medium no more. */
  readonly mediumNeeded: boolean;
}

export interface DiskFacts {
  readonly serial: string;
  readonly name: string;
  readonly model: string;
  readonly sizeBytes: number;
  readonly transport: string;
  readonly rotational: boolean;
  readonly discardZeroes: boolean;
}

/** A medium of the machine that could be written to, whether or not any step may. */
export interface WritableDisk {
  /** Undefined where it tells none that could be named. */
  readonly serial: string | undefined;
  readonly name: string;
  readonly model: string;
  readonly sizeBytes: number;
  readonly transport: string;
  /** World wide name as the kernel has it, `naa.5000c500a1b2c3d4`; undefined where the disk shows none. */
  readonly wwn: string | undefined;
}

/**
 * The record on the disk itself that keeps a second boot, or a second controller, from erasing again. It knows the newest
 * lease under which the disk was changed: an older one is refused after a restart too. Once it says `installed`, nobody
 * changes what is on the disk.
 */
export interface Latch {
  readonly run: string;
  readonly state: 'wiped' | 'installed';
  readonly at: string;
}

/** What became of the erase of a disk, as the light system and the disk itself tell it. */
export type WipeState =
  /** No erase of this run has touched the disk since this light system started, and no latch says one was finished. */
  | {readonly state: 'absent'; readonly trace?: WipeTrace}
  | {
      readonly state: 'running';
      readonly doneBytes: number;
      readonly sizeBytes: number;
      readonly method: string;
      readonly call?: WipeCall;
    }
  | {readonly state: 'done'; readonly method: string; readonly call?: WipeCall; readonly seen?: WipeWitness}
  /** By which method, where the light system says it: the erase, or the zeroes after it. Nothing is at work any more. */
  | {readonly state: 'failed'; readonly method?: string; readonly says: string};

/** What was run, word for word, and by what. */
export interface WipeCall {
  readonly argv: string;
  /** Name and version. */
  readonly tool: string;
}

/** What was seen of an erase that a disk carries out by itself: its own word for success is not enough. */
export interface WipeWitness {
  readonly accepted: boolean;
  /** It was seen at work on it. */
  readonly progress: boolean;
  /** NVMe: nothing was written since the last sanitize, which was not so before ours. */
  readonly erasedFlag: boolean;
  /** The record that was written to the disk beforehand cannot be read any more. */
  readonly canaryGone: boolean;
}

/** What an erase of this run has left where the light system itself remembers none: it was restarted. */
export interface WipeTrace {
  /** The record that this run wrote to the disk before the erase is still there. */
  readonly canary: boolean;
  /** The disk is at a sanitize, whoever began it. */
  readonly sanitizing: boolean;
  /** The disk says that its last sanitize succeeded, which may have been anyone's at any time. */
  readonly sanitized: boolean;
}

export interface Sample {
  readonly offset: number;
  readonly length: number;
}

export interface TargetLook {
  hello(): Promise<Result<TargetFacts>>;
  disks(): Promise<Result<readonly DiskFacts[]>>;
  /** All that could be written to, also what has no serial number or can be pulled out; nothing optical or read-only. */
  writable(): Promise<Result<readonly WritableDisk[]>>;
  latch(disk: Serial): Promise<Result<Latch | undefined>>;
  /** What every drive tells of itself, those behind a MegaRAID too, and what the light system's kernel logs of them. */
  health(): Promise<Result<HealthReading>>;
  /** What the disk can do to erase itself, and what lies on it. */
  medium(disk: Serial): Promise<Result<MediumFacts>>;
  wipe(disk: Serial): Promise<Result<WipeState>>;
  /** Offsets of the samples that are not entirely zero, read from the medium past the page cache. */
  notZero(disk: Serial, samples: readonly Sample[]): Promise<Result<readonly Sample[]>>;
  /** The same of those in which a bit is not one. */
  notOnes(disk: Serial, samples: readonly Sample[]): Promise<Result<readonly Sample[]>>;
  /** Reads the whole disk from a frame on, for evidence; each frame waits until it is kept. */
  image(
    disk: Serial,
    from: number,
    keep: (frame: Frame, sizeBytes: number) => Promise<Result<void>>,
    signal: AbortSignal,
  ): Promise<Result<void>>;
  /** SHA-256 of each range as it is on the disk now. */
  digests(
    disk: Serial,
    ranges: readonly Sample[],
    progress?: (done: number) => void,
  ): Promise<Result<readonly Sha256[]>>;
  /** Chunks of the image that this light system has written and read back by its last orders, whoever gave them. */
  written(disk: Serial, image: Sha256): Promise<Result<readonly number[]>>;
  /** Every entry of the installed system's root, read past everything that the system itself would say. */
  tree(disk: Serial, image: OsImage): Promise<Result<readonly TreeEntry[]>>;
  /** Content of files on the installed system, by absolute path; undefined where a file is missing. */
  installed(disk: Serial, paths: readonly string[]): Promise<Result<readonly (string | undefined)[]>>;
}

export interface InstallFile {
  /** Absolute path in the new system. */
  readonly path: string;
  readonly mode: number;
  readonly content: string;
}

/** A connection that broke under a transfer, told once the transfer goes on. */
export interface Cut {
  readonly says: string;
  /** From the last chunk that was acknowledged before it to the first after it. */
  readonly seconds: number;
  /** Bytes that had been sent and had to be sent again. */
  readonly bytesAgain: number;
  /** Connections that it took. */
  readonly attempts: number;
}

/** What is to be brought to a disk, and from where. */
export interface Delivery {
  readonly image: DiskImage;
  /** The chunks to bring, in the image's order. */
  readonly want: readonly Chunk[];
  /** Servers the target fetches them from. What these do not bring, and all of it without any, comes from here by SSH. */
  readonly from: readonly ImageSource[];
  /** A chunk's compressed bytes, verified as they are read. */
  readonly packed: (chunk: Chunk) => Promise<Uint8Array>;
  /** Called once for each chunk that is on the disk, one at a time, in no order. What it throws comes back to the caller. */
  readonly written: (chunk: Chunk) => Promise<void>;
  /** Told once the transfer goes on after a connection has broken. */
  readonly cut?: (cut: Cut) => Promise<void>;
  /** What a source did that a person should know. */
  readonly note?: (says: string) => Promise<void>;
  readonly signal: AbortSignal;
}

export interface Target extends TargetLook {
  /** Starts the erase and returns once the light system has accepted it; `wipe()` follows it. Refused twice for one run, but where it failed. */
  startWipe(disk: Serial, method: WipeMethod): Promise<Result<void>>;
  /**
   * Takes up an erase that a disk began, or finished, under an earlier start of the light system; sends the disk nothing.
   * Refused where the disk is at none and says of none that it succeeded, or where this run's canary is still there.
   */
  adoptWipe(disk: Serial, method: WipeMethod): Promise<Result<void>>;
  /** Has nothing more to do with a disk: what it carries out by itself goes on, and no longer holds up the machine's end. */
  leave(disk: Serial): Promise<Result<void>>;
  /** Writes `latch` on the disk. */
  setLatch(disk: Serial, state: Latch['state']): Promise<Result<void>>;
  /**
   * Brings chunks to the disk. The light system is given the orders once and works on them by itself, whatever becomes
   * of this connection or this process; asked again for the same image, it goes on where it is. A chunk counts once it
   * has been read back from the disk with the right digest.
   */
  write(disk: Serial, delivery: Delivery): Promise<Result<{readonly bytesSent: number}>>;
  /** Moves the backup partition table to the disk's end, and grows the root partition and its file system. */
  grow(disk: Serial, image: OsImage): Promise<Result<void>>;
  /** Puts files into the installed system, each as a whole or not at all. */
  put(disk: Serial, image: OsImage, files: readonly InstallFile[]): Promise<Result<void>>;
  /** Tells UEFI to start the EFI system on this partition of a disk this run has written, next and only then. */
  startNext(disk: Serial, partition: number): Promise<Result<void>>;
  /** Starts a staged kernel in the light system's own place: once this has been accepted, the light system goes. */
  launch(disk: Serial, launch: Launch): Promise<Result<void>>;
  /** Flushes everything and goes down, so that the BMC can start the machine from its disk. */
  settle(): Promise<Result<void>>;
}
