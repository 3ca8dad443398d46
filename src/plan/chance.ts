import {forecast} from './forecast/forecast.ts';
import type {Losses} from './forecast/losses.ts';

/** A medium that is being read: P(what is left gets through before the next loss); undefined where nothing tells. */
export function chanceLeft(leftBytes: number, bytesPerSecond: number | undefined, losses: Losses): number | undefined {
  if (bytesPerSecond === undefined || !(bytesPerSecond > 0)) return undefined;
  return forecast({sizeBytes: Math.max(0, leftBytes), bytesPerSecond, losses}).onePiece;
}
