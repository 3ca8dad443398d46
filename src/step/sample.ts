import {createHash} from 'node:crypto';
import type {Extent} from './medium.ts';
import type {Sample} from './world.ts';

const MiB = 1_048_576;
/** O_DIRECT asks this of every medium. */
const grain = 4096;
const leastRead = 64 * 1024;
const endBytes = 64 * MiB;
/** Partition tables, superblocks (ext, btrfs, md, LVM) and boot code lie within this of a partition's border. */
const borderBytes = MiB;

export interface Sampling {
  /** Equal stretches between the two ends; in each, two places are read. */
  readonly sections: number;
  /** Of each stretch, how much one of its two reads takes; at least 64 KiB. */
  readonly share: number;
}

/**
 * Gross failure shows in seconds: were one block in a hundred left over, four hundred places would miss them all once in
 * fifty-five times. Each place costs the light system a process, which under emulation is 25 ms.
 */
export const brief: Sampling = {sections: 200, share: 0};
/** What NIST SP 800-88r1 4.7.2 asks for: a thousand subsections, twice five percent of each. */
export const thorough: Sampling = {sections: 1000, share: 0.05};

/**
 * Where to read an erased disk back: both ends, and two places in each of the equal stretches between them. One of the
 * two lies at the same distance from its stretch's beginning in all of them, so that whatever is left over and as long
 * as one stretch is always hit; the other is drawn anew in each. All of it comes from `seed`, so that anyone can draw it
 * again. A disk that this would take most of is read whole.
 */
export function samples(seed: string, sizeBytes: number, {sections, share}: Sampling = brief): readonly Sample[] {
  if (sizeBytes <= 2 * endBytes + sections * 4 * leastRead) return [{offset: 0, length: sizeBytes}];
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
  const length = Math.min(endBytes, Math.floor(sizeBytes / 2 / MiB) * MiB) || sizeBytes;
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

export const lengthOf = (all: readonly Sample[]): number => all.reduce((sum, {length}) => sum + length, 0);

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
