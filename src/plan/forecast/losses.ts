/** What is known of how often a mounted medium, or the link it comes over, is lost. */
export type Losses =
  | {readonly known: 'nothing'}
  /** Losses come without memory, this far apart in the mean. */
  | {readonly known: 'mean'; readonly seconds: number}
  /** Every session is ended after exactly this long, whatever it carries: a BMC's session limit. */
  | {readonly known: 'session'; readonly seconds: number}
  /** So many losses (none, too) while a medium was mounted for so many seconds in all. */
  | {readonly known: 'seen'; readonly losses: number; readonly seconds: number};

/** A transfer in parts. A loss costs the part it meets; parts that got through are kept. */
export interface Parts {
  readonly full: number;
  readonly fullSeconds: number;
  /** What remains after the full ones; 0 where nothing does. */
  readonly lastSeconds: number;
}

/** How losses fall. Times in seconds, probabilities from 0 to 1; `cost` is what each loss takes besides the work. */
export interface LossModel {
  /** P(no loss for so long). */
  onePiece(seconds: number): number;
  /** P(done by then), where each loss starts it from zero. */
  byDeadline(seconds: number, deadline: number, cost: number): number;
  /** Mean time until all parts are through; Infinity where that is never, or where the mean has no bound. */
  expected(parts: Parts, cost: number): number;
  /** The longest transfer whose mean time, starting from zero at each loss, is within the deadline. */
  longest(deadline: number, cost: number): number;
}

/** In one piece: all of it or nothing. */
export const whole = (seconds: number): Parts => ({full: 0, fullSeconds: 0, lastSeconds: seconds});

/** In chunks of `chunkSeconds`. */
export function inChunks(seconds: number, chunkSeconds: number): Parts {
  if (!Number.isFinite(seconds) || chunkSeconds >= seconds) return whole(seconds);
  const full = Math.floor(seconds / chunkSeconds);
  return {full, fullSeconds: chunkSeconds, lastSeconds: Math.max(0, seconds - full * chunkSeconds)};
}

/** Mean time of all parts, where a single one has `mean`: a part that waits for none costs nothing, even if one would never end. */
export const sumOver = ({full, fullSeconds, lastSeconds}: Parts, mean: (seconds: number) => number): number =>
  (full === 0 ? 0 : full * mean(fullSeconds)) + (lastSeconds === 0 ? 0 : mean(lastSeconds));
