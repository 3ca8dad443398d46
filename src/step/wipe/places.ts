import {createHash} from 'node:crypto';
import type {RunId, Serial} from '../../brand.ts';
import type {Extent} from './medium.ts';
import {borders, ends, isWhole, pieces, samples, superblocks, type Sampling} from './sample.ts';
import type {Sample} from '../world/target.ts';

/** The same for every reading of one disk in one run, and another in the next. */
export const seedOf = (run: RunId, serial: Serial): string =>
  createHash('sha256').update(`${run}/${serial}`).digest('hex');

/** What is known of a disk from before its erase, of which its places follow. */
export interface Layout {
  readonly seed: string;
  readonly sizeBytes: number;
  readonly partitions: readonly Extent[];
}

/**
 * Where a disk is read, in the order of the disk: what `samples` draws, the borders of what were partitions, and where
 * file systems keep copies of their superblocks.
 */
export function drawnPlaces({seed, sizeBytes, partitions}: Layout, sampling: Sampling): readonly Sample[] {
  const drawn = samples(seed, sizeBytes, sampling);
  if (isWhole(sizeBytes, sampling)) return drawn;
  const known = superblocks([{offset: 0, length: sizeBytes}, ...partitions], sizeBytes);
  return [...drawn, ...borders(partitions, sizeBytes), ...known].toSorted((a, b) => a.offset - b.offset);
}

/** Where a disk that keeps its content must be empty all the same. */
export const tablePlaces = ({sizeBytes, partitions}: Omit<Layout, 'seed'>): readonly Sample[] => [
  ...ends(sizeBytes),
  ...borders(partitions, sizeBytes),
];

const canaryBytes = 1_048_576;

/**
 * The places whose content is held against what they held before. Not where the light system writes its canary in
 * between (`target-canary`): that changes by our own hand.
 */
export function comparedPlaces(layout: Layout, sampling: Sampling): readonly Sample[] {
  const canary = Math.floor(layout.sizeBytes / 2 / canaryBytes) * canaryBytes;
  return pieces(drawnPlaces(layout, sampling)).filter(
    ({offset, length}) => offset + length <= canary || offset >= canary + canaryBytes,
  );
}
