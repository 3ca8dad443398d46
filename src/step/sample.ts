import {createHash} from 'node:crypto';
import type {Sample} from './world.ts';

const MiB = 1_048_576;
const sampleBytes = 64 * 1024;
const endBytes = 16 * MiB;

/**
 * Where to read a wiped disk back: both ends, and one place in each of `count` equal stretches, drawn from `seed` so
 * that anyone can draw them again. Offsets and lengths are multiples of 4096, as O_DIRECT asks of every medium.
 * Sampling shows gross failure only; the ends are read because partition tables and RAID superblocks live there.
 */
export function samples(seed: string, sizeBytes: number, count = 256): readonly Sample[] {
  if (sizeBytes <= 2 * endBytes + count * sampleBytes) return [{offset: 0, length: sizeBytes}];
  const stretch = Math.floor((sizeBytes - 2 * endBytes) / count);
  const drawn = Array.from({length: count}, (_, index) => {
    const draw = createHash('sha256').update(`${seed}/${index}`).digest().readUIntBE(0, 6) / 2 ** 48;
    const offset = endBytes + index * stretch + Math.floor(draw * (stretch - sampleBytes));
    return {offset: offset - (offset % 4096), length: sampleBytes};
  });
  const tail = sizeBytes - endBytes;
  return [{offset: 0, length: endBytes}, ...drawn, {offset: tail, length: endBytes}];
}
