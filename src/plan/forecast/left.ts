import {asExpected, modelOf, usual, type Expected} from './forecast.ts';
import {whole, type Losses} from './losses.ts';
import {session} from './session.ts';

/** A medium that is being read. */
export interface UnderWay {
  /** Of all that must be read. */
  readonly sizeBytes: number;
  /** Of what is not read yet. */
  readonly leftBytes: number;
  /** Measured while it was read. */
  readonly bytesPerSecond: number;
  /** Without the mount that is under way. */
  readonly losses: Losses;
  /** For so long it has been mounted, and was not lost. */
  readonly mountedSeconds: number;
}

/** What may still be expected of it. */
export interface Left {
  /** P(what is left gets through before the next loss). */
  readonly chance: number;
  /** Mean time until it is through, begun anew at each loss. */
  readonly expected: Expected;
}

/** Undefined where nothing tells: no rate, or nothing known of losses. Pure. */
export function forecastLeft({
  sizeBytes,
  leftBytes,
  bytesPerSecond,
  losses,
  mountedSeconds,
}: UnderWay): Left | undefined {
  if (!(bytesPerSecond > 0)) return undefined;
  const wholeSeconds = sizeBytes / bytesPerSecond;
  const left = Math.min(wholeSeconds, Math.max(0, leftBytes / bytesPerSecond));
  if (losses.known === 'session') return inSession(losses.seconds, wholeSeconds, left, mountedSeconds);
  // What was watched of this mount says something, too.
  const known = losses.known === 'seen' ? {...losses, seconds: losses.seconds + mountedSeconds} : losses;
  const model = modelOf(known);
  if (!model) return undefined;
  const mean = (seconds: number): number => model.expected(whole(seconds), usual.restartSeconds);
  // A loss without memory makes a whole one of it, of which only the end is left: E(T) - E(T - left).
  const all = mean(wholeSeconds);
  const expected = left === 0 ? 0 : Number.isFinite(all) ? all - mean(wholeSeconds - left) : Infinity;
  return {chance: model.onePiece(left), expected: asExpected(expected, known, wholeSeconds)};
}

/** The session began with the mount, and ends after its limit whatever is left. */
function inSession(limit: number, wholeSeconds: number, left: number, mountedSeconds: number): Left {
  const losses: Losses = {known: 'session', seconds: limit};
  const through = session(limit).onePiece(mountedSeconds + left) === 1;
  const anew = session(limit).expected(whole(wholeSeconds), usual.restartSeconds);
  const expected = through ? left : Math.max(0, limit - mountedSeconds) + usual.restartSeconds + anew;
  return {chance: through ? 1 : 0, expected: asExpected(expected, losses, wholeSeconds)};
}
