import {canonical, type Json, type JsonObject} from '../json.ts';
import type {MovingDocument, PlanDocument} from './document-schema.ts';

/** Something that one plan has and another has not, or has otherwise. */
export interface Difference {
  readonly about: 'runbook' | 'machine' | 'fact' | 'disk' | 'step' | 'effect' | 'gate' | 'promise' | 'error' | 'digest';
  /** `wipe.models.S3Z8NB0K412345.model` of a fact, `install.write` of an effect. */
  readonly name: string;
  /** Null where there was none. */
  readonly before: Json;
  readonly now: Json;
}

export interface Differences {
  /** What makes the earlier plan stale. */
  readonly stale: readonly Difference[];
  /** What was expected to move, and has: no reason to refuse anything. */
  readonly moved: readonly Difference[];
}

/** Two plans of one host, compared to the last fact. `stale` is empty exactly where their digests are the same. */
export function differencesOf(then: PlanDocument, now: PlanDocument): Differences {
  const stale = [
    ...compared('runbook', {host: then.host, runbook: then.runbook}, {host: now.host, runbook: now.runbook}),
    ...compared('machine', json(then.system), json(now.system)),
    // First what a person has in hand.
    ...compared('disk', disksOf(then), disksOf(now)),
    ...compared('error', errorsOf(then), errorsOf(now)),
    ...compared('fact', leaves(then.facts), leaves(now.facts)),
    ...compared('step', stepsOf(then), stepsOf(now)),
    ...compared('effect', effectsOf(then), effectsOf(now)),
    ...compared('gate', leaves({...then.gate}), leaves({...now.gate})),
    ...compared('promise', {seconds: then.promiseSeconds ?? null}, {seconds: now.promiseSeconds ?? null}),
  ];
  // Whatever the tables above leave out: two plans that were agreed to apart are never taken for one.
  const rest = stale.length === 0 ? compared('digest', {digest: then.digest}, {digest: now.digest}) : [];
  const moved =
    then.moving && now.moving ? compared('fact', leaves(waysOf(then.moving)), leaves(waysOf(now.moving))) : [];
  return {stale: [...stale, ...rest], moved};
}

const waysOf = ({power, path, link}: MovingDocument) => ({power, path, link});

function compared(about: Difference['about'], before: JsonObject, now: JsonObject): readonly Difference[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(now)])];
  return names
    .map((name) => ({about, name, before: own(before, name), now: own(now, name)}))
    .filter((pair) => canonical(pair.before) !== canonical(pair.now));
}

/** A device may send a name that every object of JavaScript has, such as `toString`. */
export const own = (values: JsonObject, name: string): Json =>
  Object.hasOwn(values, name) ? (values[name] ?? null) : null;

/** Every value that has no parts, by its path: `wipe.models.S3Z8NB0K412345.model`. */
const leaves = (value: unknown): JsonObject => Object.fromEntries(leavesOf(json(value), ''));

const leavesOf = (value: JsonObject, path: string): readonly (readonly [string, Json])[] =>
  Object.entries(value).flatMap(([key, part]) =>
    isBranch(part) ? leavesOf(part, `${path}${key}.`) : [[`${path}${key}`, part] as const],
  );

const isBranch = (part: Json): part is JsonObject =>
  part !== null && typeof part === 'object' && !Array.isArray(part) && Object.keys(part).length > 0;

/** An absent key and an undefined one are the same. */
const json = (value: unknown): JsonObject => JSON.parse(JSON.stringify(value)) as JsonObject;

/** Those left alone and those written to, by serial number. */
const disksOf = ({keptDisks, steps}: PlanDocument): JsonObject =>
  Object.fromEntries(
    [...keptDisks, ...steps.flatMap(({effects}) => effects.flatMap(({disk}) => disk ?? []))].map(
      ({serial, ...disk}) => [serial, json(disk)],
    ),
  );

/** Their order, too: a step whose place among the others has changed is another one. */
const stepsOf = ({steps}: PlanDocument): JsonObject =>
  Object.fromEntries(
    steps.map(({id, kind, irreversible}, index) => [id, {kind, irreversible, after: steps[index - 1]?.id ?? null}]),
  );

const effectsOf = ({steps}: PlanDocument): JsonObject =>
  Object.fromEntries(
    steps.flatMap(({id, effects}) =>
      effects.map(({id: effect, ...rest}): [string, Json] => [`${id}.${effect}`, json(rest)]),
    ),
  );

const errorsOf = ({errors}: PlanDocument): JsonObject =>
  Object.fromEntries(errors.map(({step, fault}) => [step ?? 'plan', json(fault)]));
