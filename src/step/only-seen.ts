import type {JsonObject} from '../json.ts';

/**
 * A checkpoint that tells what was there before anything was done. With it alone a step has not begun: people who have
 * to agree to the step are asked again after a crash.
 */
export const onlySeen = (checkpoint: JsonObject): JsonObject => ({...checkpoint, onlySeen: true});

export const isOnlySeen = (checkpoint: JsonObject): boolean => checkpoint['onlySeen'] === true;

/** What was seen, as it was before it was marked. */
export function withoutMark(checkpoint: JsonObject): JsonObject {
  const {onlySeen: _, ...seen} = checkpoint;
  return seen;
}
