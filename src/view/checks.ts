import type {Json, JsonObject} from '../json.ts';
import {oneOf, text} from '../shape.ts';

const verdict = oneOf('passed', 'failed', 'not made');

/** One question that a step put, as its proof has it; all of it once came from the host or its network. */
export interface CheckRecord {
  readonly check: string;
  readonly verdict: 'passed' | 'failed' | 'not made';
  readonly says: string;
}

/** Those in a proof's data; what is no such record is left out. */
export const checksIn = ({checks}: JsonObject): readonly CheckRecord[] =>
  objects(checks).flatMap(({check, verdict: is, says}) =>
    text(check) && verdict(is) && text(says) ? [{check, verdict: is, says}] : [],
  );

export const objects = (of: Json | undefined): readonly JsonObject[] =>
  Array.isArray(of)
    ? of.filter((each): each is JsonObject => typeof each === 'object' && each !== null && !Array.isArray(each))
    : [];
