import {forecastLeft} from '../plan/forecast/left.ts';
import type {Losses} from '../plan/forecast/losses.ts';
import {withSeen} from '../plan/path.ts';
import type {MediumReading} from '../progress.ts';
import type {MediumWatch} from './interruption.ts';

// A rate from less than this is a guess.
const settledSeconds = 3;

export interface Reading {
  /** All that must be read of the medium, and how much of it was. */
  readonly of: number;
  readonly done: number;
  /** The mount under way. */
  readonly watch: MediumWatch;
  /** Those of this step before it. */
  readonly mounts: readonly MediumWatch[];
  /** Of the path, before this step. */
  readonly losses: Losses;
}

/** What may be said of a medium while it is read: from what this step has seen of it, and what was known before. Pure. */
export function readingOf({of, done, watch, mounts, losses}: Reading): MediumReading {
  const {readSeconds, bytes, mountedSeconds} = watch;
  const left =
    readSeconds < settledSeconds
      ? undefined
      : forecastLeft({
          sizeBytes: of,
          leftBytes: of - done,
          bytesPerSecond: bytes / readSeconds,
          losses: withSeen(losses, mounts),
          mountedSeconds,
        });
  return {lost: mounts.filter(({lost}) => lost).length, ...(left && {left})};
}
