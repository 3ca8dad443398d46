import type {Instant} from '../../brand.ts';

/** The moment so many seconds after another. */
export const isoAfter = (from: Instant, seconds: number): Instant =>
  new Date(Date.parse(from) + seconds * 1000).toISOString() as Instant;
