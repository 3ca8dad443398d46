import type {Losses} from './forecast/losses.ts';
import type {Way} from './path.ts';

/** What an operator says of the way on which images reach the light system: of a runbook's `link`. */
export interface LinkSpec {
  readonly bytesPerSecond?: number;
  /** Cuts come this far apart in the mean. */
  readonly cutSeconds?: number;
}

/** A step of an earlier run that brought an image to a disk: what a later forecast of the same link rests on. */
export interface Carried {
  /** For so long it was under way, over all attempts. */
  readonly seconds: number;
  readonly cuts: number;
  /** What went over the link, and how long that took without the cuts; absent where the record does not say. */
  readonly moved?: Moved;
}

export interface Moved {
  readonly bytes: number;
  readonly seconds: number;
}

/** Bytes a second; undefined where too little moved: a second or a megabyte measures how a connection begins. */
export const rateOf = ({bytes, seconds}: Moved): number | undefined =>
  seconds >= 1 && bytes >= 1_000_000 ? bytes / seconds : undefined;

// Links change: what was measured last says more than what was measured in spring.
const recent = 5;

/**
 * The way on which images reach the light system, from this controller or from servers: the runbook's word where it has
 * one, else what was measured; `carried` with the newest last.
 */
export function linkOf(spec: LinkSpec | undefined, carried: readonly Carried[]): Way {
  const moved = carried.flatMap(({moved}) => (moved && rateOf(moved) !== undefined ? [moved] : [])).slice(-recent);
  const measured = moved.length === 0 ? undefined : sum(moved, 'bytes') / sum(moved, 'seconds');
  const bytesPerSecond = spec?.bytesPerSecond ?? measured;
  return {
    ...(bytesPerSecond === undefined ? {} : {bytesPerSecond}),
    rateFrom: spec?.bytesPerSecond !== undefined ? 'runbook' : measured === undefined ? 'nothing' : 'earlier runs',
    losses: spec?.cutSeconds === undefined ? cutsSeen(carried) : {known: 'mean', seconds: spec.cutSeconds},
  };
}

function cutsSeen(carried: readonly Carried[]): Losses {
  const seconds = carried.reduce((all, each) => all + each.seconds, 0);
  const losses = carried.reduce((all, {cuts}) => all + cuts, 0);
  return seconds > 0 ? {known: 'seen', losses, seconds} : {known: 'nothing'};
}

const sum = (all: readonly Moved[], of: keyof Moved): number => all.reduce((total, each) => total + each[of], 0);
