import type {Sha256} from '../brand.ts';

/** Bytes of a disk in one frame of its image; the last may be shorter. */
export const frameBytes = 8 * 2 ** 20;

/** `[offset, length]`, in bytes. */
export type Range = readonly [offset: number, length: number];

export const bytesIn = (ranges: readonly Range[]): number => ranges.reduce((sum, [, length]) => sum + length, 0);

/** One chunk of a disk, in the disk's order. */
export interface Frame {
  readonly index: number;
  /** Of the chunk as it is on the disk; undefined where it is all zero. */
  readonly raw?: Sha256;
  /** A zstd frame of it; undefined where it is all zero. */
  readonly packed?: Uint8Array;
  /** Of the disk, or of what else is kept so. What could not be read is zero in the chunk. */
  readonly unread: readonly Range[];
}

export const lengthOf = (index: number, sizeBytes: number): number =>
  Math.min(frameBytes, sizeBytes - index * frameBytes);

export const framesOf = (sizeBytes: number): number => Math.ceil(sizeBytes / frameBytes);
