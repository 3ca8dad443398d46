import type {Json, JsonObject} from '../json.ts';
import type {Path} from './finding.ts';

/** What stands at a path, or undefined where nothing does. */
export function valueAt(value: Json, path: Path): Json | undefined {
  let here: Json | undefined = value;
  for (const part of path) {
    if (here === null || typeof here !== 'object' || !Object.hasOwn(here, part)) return undefined;
    here = (here as Readonly<Record<string | number, Json>>)[part];
  }
  return here;
}

export const isMapping = (value: Json | undefined): value is JsonObject =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

/** The mapping, or an empty one where the value is something else. */
export const mapping = (value: Json | undefined): JsonObject => (isMapping(value) ? value : {});
