import {createHash} from 'node:crypto';
import type {Serial, Sha256} from '../../brand.ts';
import {ok, type Result} from '../../result.ts';
import type {Look} from '../world.ts';
import type {Chunk, DiskImage} from '../world/image.ts';

/** A stretch of a disk and what it must be: a chunk, or the zeros between chunks. */
interface Stretch {
  readonly offset: number;
  readonly length: number;
  readonly raw: Sha256;
  readonly chunk?: Chunk;
}

export interface Differences {
  readonly chunks: readonly Chunk[];
  /** Offsets of stretches that must be zero and are not. */
  readonly stains: readonly number[];
}

/** Reads every byte of an image back from the disk. */
export async function readWhole(
  look: Look,
  disk: Serial,
  image: DiskImage,
  progress: (done: number, of: number) => void = () => {},
): Promise<Result<Differences>> {
  const all = stretches(image);
  const read = await look.target.digests(disk, all, (done) => progress(done, all.length));
  if (!read.ok) return read;
  const wrong = all.filter(({raw}, index) => read.value[index] !== raw);
  return ok({
    chunks: wrong.flatMap(({chunk}) => chunk ?? []),
    stains: wrong.flatMap(({chunk, offset}) => (chunk ? [] : [offset])),
  });
}

/** All of an image from its first byte to its last, in the order of the disk. Pure. */
export function stretches({chunks, sizeBytes}: DiskImage): readonly Stretch[] {
  // Zeros are read in pieces no longer than the chunks are.
  const piece = Math.max(...chunks.map(({length}) => length), 1 << 20);
  const zeros = new Map<number, Sha256>();
  const zero = (length: number): Sha256 => {
    const digest = zeros.get(length) ?? (createHash('sha256').update(Buffer.alloc(length)).digest('hex') as Sha256);
    zeros.set(length, digest);
    return digest;
  };
  const all: Stretch[] = [];
  let at = 0;
  const fill = (to: number): void => {
    for (; at < to; at += piece) {
      const length = Math.min(piece, to - at);
      all.push({offset: at, length, raw: zero(length)});
    }
    at = to;
  };
  for (const chunk of chunks.toSorted((a, b) => a.offset - b.offset)) {
    fill(chunk.offset);
    all.push({offset: chunk.offset, length: chunk.length, raw: chunk.raw, chunk});
    at = chunk.offset + chunk.length;
  }
  fill(sizeBytes);
  return all;
}
