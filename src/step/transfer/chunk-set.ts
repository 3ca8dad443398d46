import type {Chunk} from '../world/image.ts';

/** Which chunks are on the disk, as ranges of their indices: `0-27,29`. Small enough to be saved after every few chunks. */
export type ChunkSet = string;

export function chunkSet(indices: Iterable<number>): ChunkSet {
  const ranges: [number, number][] = [];
  for (const index of [...indices].toSorted((a, b) => a - b)) {
    const last = ranges.at(-1);
    if (last && index <= last[1] + 1) last[1] = Math.max(last[1], index);
    else ranges.push([index, index]);
  }
  return ranges.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join(',');
}

export function indices(set: ChunkSet): ReadonlySet<number> {
  const all = new Set<number>();
  for (const [, from, to] of set.matchAll(/(\d+)(?:-(\d+))?/g))
    for (let index = Number(from); index <= Number(to ?? from); index++) all.add(index);
  return all;
}

export const without = (chunks: readonly Chunk[], there: ReadonlySet<number>): readonly Chunk[] =>
  chunks.filter(({index}) => !there.has(index));
