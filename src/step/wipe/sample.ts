import {createHash} from 'node:crypto';
import type {Extent} from './medium.ts';
import type {Sample} from '../world/target.ts';

const MiB = 1_048_576;
/** O_DIRECT asks this of every medium. */
const grain = 4096;
const leastRead = 64 * 1024;
const wholeEnd = 64 * MiB;
/** Partition tables, superblocks (ext, btrfs, md, LVM) and boot code lie within this of a partition's border. */
const borderBytes = MiB;

export interface Sampling {
  /** Equal stretches between the two ends; in each, two places are read. */
  readonly sections: number;
  /** Of each stretch, how much one of its two reads takes; at least 64 KiB. */
  readonly share: number;
  /** Of either end, what is read whole. */
  readonly endBytes: number;
}

/**
 * What NIST SP 800-88r1 4.7 asks for: a thousand subsections, twice five percent of each, and both ends. What is left
 * over and as long as a section is always found; a shorter stretch with a chance of a tenth or more; and of blocks
 * strewn over one part in a hundred, two thousand places miss all once in half a billion times.
 */
export const thorough: Sampling = {sections: 1000, share: 0.05, endBytes: wholeEnd};
/**
 * Where content of before is compared by its digest. As many places, each no longer than it must be: a digest differs
 * when one byte does, so the longer the place, the less it says of the rest of it.
 */
export const compared: Sampling = {sections: 1000, share: 0, endBytes: wholeEnd};
/** Enough to believe a disk that it has erased itself, where another reading is the proof. */
export const glance: Sampling = {sections: 100, share: 0, endBytes: MiB};

/** Whether a disk is so small that it is read whole. */
export const isWhole = (sizeBytes: number, {sections, endBytes}: Sampling): boolean =>
  sizeBytes <= 2 * endBytes + sections * 4 * leastRead;

/**
 * Where to read an erased disk back: both ends, and two places in each of the equal stretches between them. One of the
 * two lies at the same distance from its stretch's beginning in all of them, so that whatever is left over and as long
 * as one stretch is always hit; the other is drawn anew in each. All of it comes from `seed`, so that anyone can draw it
 * again. A disk that this would take most of is read whole.
 */
export function samples(seed: string, sizeBytes: number, sampling: Sampling): readonly Sample[] {
  if (isWhole(sizeBytes, sampling)) return [{offset: 0, length: sizeBytes}];
  const {sections, share, endBytes} = sampling;
  const stretch = down((sizeBytes - 2 * endBytes) / sections);
  const length = Math.max(leastRead, Math.ceil((stretch * share) / grain) * grain);
  const phase = down(draw(seed, 'phase') * (stretch - length));
  const drawn = Array.from({length: sections}, (_, index) => {
    const from = endBytes + index * stretch;
    const other = beside(phase, length, stretch, draw(seed, String(index)));
    return [phase, other].toSorted((a, b) => a - b).map((at) => ({offset: from + at, length}));
  });
  // What the stretches do not divide evenly belongs to the tail.
  const tail = endBytes + sections * stretch;
  return [{offset: 0, length: endBytes}, ...drawn.flat(), {offset: tail, length: sizeBytes - tail}];
}

/** Both ends alone: where partition tables, RAID superblocks and signatures of whole disks lie. */
export function ends(sizeBytes: number): readonly Sample[] {
  // On a small disk the light system takes half of it from either side, in whole MiB.
  const length = Math.min(wholeEnd, Math.floor(sizeBytes / 2 / MiB) * MiB) || sizeBytes;
  return [
    {offset: 0, length},
    {offset: sizeBytes - length, length},
  ];
}

/** Both borders of what were partitions. */
export function borders(partitions: readonly Extent[], sizeBytes: number): readonly Sample[] {
  const near = (from: number): readonly Sample[] => {
    const offset = Math.max(0, down(from));
    const length = Math.min(borderBytes, sizeBytes - offset);
    return length > 0 ? [{offset, length}] : [];
  };
  return partitions.flatMap(({offset, length}) => [...near(offset), ...near(offset + length - borderBytes)]);
}

/** Copies of btrfs' superblock (btrfs on-disk format); the first lies at a border. */
const btrfsCopies = [64 * MiB, 262_144 * MiB] as const;

/**
 * Copies of superblocks that lie far from the borders of what holds them: those of btrfs, and of ext2 to ext4 in block
 * group 1 and the powers of 3, 5 and 7 (`sparse_super`), a group being 8 MiB where blocks have 1 KiB, as mke2fs makes
 * them below 512 MiB, else 128 MiB.
 */
export function superblocks(extents: readonly Extent[], sizeBytes: number): readonly Sample[] {
  return extents.flatMap(({offset, length}) => {
    const group = (length < 512 * MiB ? 8 : 128) * MiB;
    const groups = [1, ...[3, 5, 7].flatMap((base) => powers(base, length / group))];
    return [...btrfsCopies, ...groups.map((index) => index * group)]
      .map((at) => ({offset: down(offset + at), length: leastRead}))
      .filter((place) => place.offset + leastRead <= Math.min(offset + length, sizeBytes));
  });
}

const powers = (base: number, below: number): readonly number[] => {
  const all: number[] = [];
  for (let power = base; power < below; power *= base) all.push(power);
  return all;
};

/** The samples in groups that are read together, so that a long reading shows where it is. */
export function* batches(all: readonly Sample[], bytes = 256 * MiB): Generator<readonly Sample[]> {
  let group: Sample[] = [];
  let sum = 0;
  for (const sample of all) {
    if (group.length > 0 && sum + sample.length > bytes) {
      yield group;
      [group, sum] = [[], 0];
    }
    group.push(sample);
    sum += sample.length;
  }
  if (group.length > 0) yield group;
}

/** The same bytes in samples of at most `most`. */
export const pieces = (all: readonly Sample[], most = MiB): readonly Sample[] =>
  all.flatMap(({offset, length}) =>
    Array.from({length: Math.ceil(length / most)}, (_, index) => ({
      offset: offset + index * most,
      length: Math.min(most, length - index * most),
    })),
  );

export const lengthOf = (all: readonly Sample[]): number => all.reduce((sum, {length}) => sum + length, 0);

/** Bytes that lie in at least one of the samples. */
export function coveredBy(all: readonly Sample[]): number {
  let [sum, end] = [0, 0];
  for (const {offset, length} of all.toSorted((a, b) => a.offset - b.offset)) {
    sum += Math.max(0, offset + length - Math.max(end, offset));
    end = Math.max(end, offset + length);
  }
  return sum;
}

const down = (value: number): number => Math.floor(value / grain) * grain;

/** From 0 to below 1. */
const draw = (seed: string, what: string): number =>
  createHash('sha256').update(`${seed}/${what}`).digest().readUIntBE(0, 6) / 2 ** 48;

/** A second place of the same length in a stretch, that does not overlap the first. */
function beside(first: number, length: number, stretch: number, at: number): number {
  const before = Math.max(0, (first - length) / grain + 1);
  const after = Math.max(0, (stretch - first - 2 * length) / grain + 1);
  const slot = Math.floor(at * (before + after));
  return slot < before ? slot * grain : first + length + (slot - before) * grain;
}
