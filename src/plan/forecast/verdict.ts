import type {Losses} from './losses.ts';

/**
 * Whether a medium gets through: by the deadline with restarts where there is one, else before the next loss.
 * `chance` is that probability. Only evidence condemns: what nobody has watched is `unknown`.
 */
export type Verdict =
  | {readonly is: 'likely'; readonly chance: number}
  | {readonly is: 'doubtful'; readonly chance: number}
  | {
      readonly is: 'hopeless';
      readonly chance: number;
      /** `still`: nothing moves. `deadline`, `session`: even undisturbed it takes longer than that. `losses`: they come too often. */
      readonly because: 'still' | 'deadline' | 'session' | 'losses';
    }
  /** `unwatched`: nothing is known of losses. `none seen`: none so far, but not for long enough to say. */
  | {readonly is: 'unknown'; readonly because: 'unwatched' | 'none seen'};

/** Four of five; a medium that is lost then is only inserted again. */
export const likelyFrom = 0.8;
/** One of twenty: below, a mount is refused unless it is asked for. */
export const hopelessBelow = 0.05;

export interface Case {
  readonly seconds: number;
  readonly deadlineSeconds: number | undefined;
  readonly losses: Losses;
  /** Undefined where nothing is known of losses. */
  readonly chance: number | undefined;
}

export function judge({seconds, deadlineSeconds = Infinity, losses, chance}: Case): Verdict {
  if (!Number.isFinite(seconds)) return {is: 'hopeless', chance: 0, because: 'still'};
  if (seconds > deadlineSeconds) return {is: 'hopeless', chance: 0, because: 'deadline'};
  if (chance === undefined) return {is: 'unknown', because: 'unwatched'};
  if (chance >= likelyFrom) return {is: 'likely', chance};
  if (losses.known === 'seen' && losses.losses === 0) return {is: 'unknown', because: 'none seen'};
  if (chance >= hopelessBelow) return {is: 'doubtful', chance};
  return {is: 'hopeless', chance, because: losses.known === 'session' ? 'session' : 'losses'};
}
