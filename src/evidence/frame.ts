import type {Sha256} from '../brand.ts';

/** Bytes of a disk in one frame of its image; the last may be shorter. */
export const frameBytes = 8 * 2 ** 20;

/** One chunk of a disk, in the disk's order. */
export interface Frame {
  readonly index: number;
  /** Of the chunk as it is on the disk; undefined where it is all zero. */
  readonly raw?: Sha256;
  /** A zstd frame of it; undefined where it is all zero. */
  readonly packed?: Uint8Array;
  /** Places that could not be read, `[offset, length]`: they are zero in the chunk. */
  readonly unread: readonly (readonly [number, number])[];
}

export const lengthOf = (index: number, sizeBytes: number): number =>
  Math.min(frameBytes, sizeBytes - index * frameBytes);

export const framesOf = (sizeBytes: number): number => Math.ceil(sizeBytes / frameBytes);
