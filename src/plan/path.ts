import type {MediumWatch} from '../step/interruption.ts';
import type {Losses} from './forecast/losses.ts';

/** What an operator says of the way over which the BMC reads a medium: of a runbook's `bmc.path`. */
export interface PathSpec {
  readonly bytesPerSecond?: number;
  /** Losses come this far apart in the mean. */
  readonly unmountSeconds?: number;
  /** Every session is ended after exactly this long. */
  readonly sessionSeconds?: number;
}

/** What is known of a way before bytes go over it. It moves, so no plan relies on it. */
export interface Way {
  /** Absent where nobody has said or measured it. */
  readonly bytesPerSecond?: number;
  readonly rateFrom: 'runbook' | 'earlier runs' | 'nothing';
  readonly losses: Losses;
}

/** The way over which the BMC reads a medium. */
export type MediumPath = Way;

export const unknownPath: MediumPath = {rateFrom: 'nothing', losses: {known: 'nothing'}};

// Links change: what was measured last says more than what was measured in spring.
const recent = 5;

/** The runbook's word where it has one, else what was measured over earlier mounts; `watched` with the newest last. */
export function pathOf(spec: PathSpec | undefined, watched: readonly MediumWatch[]): MediumPath {
  const measured = measuredRate(watched);
  const bytesPerSecond = spec?.bytesPerSecond ?? measured;
  return {
    ...(bytesPerSecond === undefined ? {} : {bytesPerSecond}),
    rateFrom: spec?.bytesPerSecond !== undefined ? 'runbook' : measured === undefined ? 'nothing' : 'earlier runs',
    losses:
      spec?.sessionSeconds !== undefined
        ? {known: 'session', seconds: spec.sessionSeconds}
        : spec?.unmountSeconds !== undefined
          ? {known: 'mean', seconds: spec.unmountSeconds}
          : withSeen({known: 'nothing'}, watched),
  };
}

/** Losses seen so far and those of further mounts. What was said outright, by a runbook, is not overruled. */
export function withSeen(losses: Losses, watched: readonly MediumWatch[]): Losses {
  if (losses.known === 'mean' || losses.known === 'session') return losses;
  const before = losses.known === 'seen' ? losses : {losses: 0, seconds: 0};
  const seconds = watched.reduce((sum, {mountedSeconds}) => sum + mountedSeconds, before.seconds);
  const count = watched.filter(({lost}) => lost).length + before.losses;
  return seconds > 0 ? {known: 'seen', losses: count, seconds} : {known: 'nothing'};
}

// Less than a second or a megabyte measures how a boot loader thinks, not how fast the path is.
const enough = ({readSeconds, bytes}: MediumWatch): boolean => readSeconds >= 1 && bytes >= 1_000_000;

function measuredRate(watched: readonly MediumWatch[]): number | undefined {
  const last = watched.filter(enough).slice(-recent);
  if (last.length === 0) return undefined;
  const seconds = last.reduce((sum, {readSeconds}) => sum + readSeconds, 0);
  return last.reduce((sum, {bytes}) => sum + bytes, 0) / seconds;
}
