import type {Result} from '../../result.ts';
import type {TreeEntry} from '../system/tree.ts';
import type {BootFile, Chunk, DiskImage, LightIso, Loader, Medium, OsImage, OwnIso, StagedIso} from './image.ts';
import type {InstallFile} from './target.ts';

// The shelf: our images, those of the operator, and the server that hands ISOs to the BMC.

export interface Served {
  readonly bytes: number;
  readonly requests: number;
  /** Milliseconds since the last byte left; undefined before the first. */
  readonly idleMs?: number;
  /** Distinct bytes of the medium that have been read since its last `recount`. */
  readonly covered: number;
}

export interface ShelfLook {
  /** The run's light ISO: checked against its recorded digest whenever it is asked for. */
  light(): Promise<Result<LightIso>>;
  /** What every start from a light ISO reads, before one is made for a run: kernel and system. */
  lightBytes(): Promise<Result<number>>;
  /** An operator's own ISO as the BMC can mount it: checked against its digest, and again once it has been touched. */
  iso(iso: OwnIso): Promise<Result<Medium>>;
  /** The same, cut into chunks for a disk. */
  staged(iso: OwnIso): Promise<Result<StagedIso>>;
  /** A file of one that was staged, by its path from the ISO's root. */
  bootFile(image: StagedIso, path: string): Promise<Result<BootFile>>;
  /** What has been read of a medium; of the light ISO unless another is named. */
  served(medium?: Medium): Served;
  os(name: string): Promise<Result<OsImage>>;
  /**
   * What the installed system's root must hold: the image's files, read out of the image's own bytes, and the files of
   * ours that make it this host, those of its network among them.
   */
  tree(image: OsImage): Promise<Result<readonly TreeEntry[]>>;
  /** A text of the operator's own, by its path from the runbook's folder. */
  document(file: string): Promise<Result<string>>;
  /** The same as it came, whatever bytes it holds: a log that was saved from a device that nobody vouches for. */
  saved(file: string): Promise<Result<Uint8Array>>;
}

export interface Shelf extends ShelfLook {
  /** What makes the installed image this host: its new SSH host key among it, so the content is never stored. */
  hostFiles(image: OsImage): readonly InstallFile[];
  /** The runbook's network as the new system's own configuration. */
  networkFiles(): readonly InstallFile[];
  /** Finds the disk that holds the image and starts it, under BIOS. */
  loader(image: StagedIso): Promise<Result<Loader>>;
  /** Starts a new count of what is `covered`: the host is about to read the medium, the light ISO unless another is named. */
  recount(medium?: Medium): void;
  /** Compressed chunks in the order of `want`, each verified as it is read. */
  chunks(image: DiskImage, want: readonly Chunk[]): AsyncIterable<{readonly chunk: Chunk; readonly data: Uint8Array}>;
}
