import type {Chunk, DiskImage} from '../../step/world/image.ts';
import {places} from './orders.ts';

/** Several streams ask for pieces of few chunks at a time. */
const kept = 8;

/** The file of an image's packed chunks, of which `packed` gives one at a time; ranges of it lie within one chunk. */
export interface Blob {
  /** Undefined where the range is of no chunk that was to be brought. */
  read(at: number, length: number): Promise<Uint8Array | undefined>;
}

export function blobOf(image: DiskImage, want: readonly Chunk[], packed: (chunk: Chunk) => Promise<Uint8Array>): Blob {
  const place = places(image);
  const begins = ({index}: Chunk): number => place.get(index) ?? Infinity;
  const held = new Map<number, Promise<Uint8Array>>();
  const hold = (chunk: Chunk): Promise<Uint8Array> => {
    const data = held.get(chunk.index) ?? packed(chunk);
    // The last used is the last to go.
    held.delete(chunk.index);
    held.set(chunk.index, data);
    for (const index of held.keys()) if (held.size > kept) held.delete(index);
    return data;
  };
  return {
    async read(at, length) {
      const chunk = want.find((one) => begins(one) <= at && at + length <= begins(one) + one.packedLength);
      if (chunk === undefined || length <= 0) return undefined;
      const from = at - begins(chunk);
      return (await hold(chunk)).subarray(from, from + length);
    },
  };
}
