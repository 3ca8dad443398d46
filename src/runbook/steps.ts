import {z} from 'zod';
import type {StepId} from '../brand.ts';
import type {Json, JsonObject} from '../json.ts';
import type {Mistake} from '../step/step.ts';
import type {Finding} from './finding.ts';
import {findingsOf} from './issue.ts';
import type {Runbook} from './runbook.ts';
import {didYouMean} from './suggest.ts';
import {isMapping, valueAt} from './value-at.ts';

/** What this room needs to know of a step kind; `Step` of `step/step.ts` is one. */
export interface StepKind {
  readonly kind: string;
  readonly summary: string;
  readonly irreversible: boolean;
  readonly params: z.ZodType;
  check?(params: JsonObject, runbook: Runbook, at: number): readonly Mistake[];
}

export type StepKinds = ReadonlyMap<string, StepKind>;

/** A step whose kind is known, with its params; those that have a mistake of their own are as if left out. */
export interface TypedStep {
  readonly index: number;
  readonly id: StepId;
  readonly kind: StepKind;
  readonly params: JsonObject;
}

/** Each step against its kind's own schema. What is wrong with `id` and `do` themselves the runbook's schema says. */
export function typeSteps(
  steps: Json | undefined,
  kinds: StepKinds,
): {readonly typed: readonly TypedStep[]; readonly findings: readonly Finding[]} {
  const typed: TypedStep[] = [];
  const findings: Finding[] = [];
  const ids = new Set<string>();
  for (const [index, step] of Array.isArray(steps) ? steps.entries() : []) {
    if (!isMapping(step)) continue;
    const {id, do: name, ...params} = step;
    const called = typeof id === 'string' ? id : '';
    if (called && ids.has(called))
      findings.push({at: {on: 'value', path: ['steps', index, 'id']}, says: `a step "${called}" is already above`});
    ids.add(called);
    if (typeof name !== 'string') continue;
    const kind = kinds.get(name);
    if (!kind) findings.push(unknownKind(name, index, kinds));
    else {
      const read = readParams(kind, params, index);
      findings.push(...read.findings);
      if (read.params) typed.push({index, id: called as StepId, kind, params: read.params});
    }
  }
  return {typed, findings};
}

function readParams(
  kind: StepKind,
  params: JsonObject,
  index: number,
): {readonly params?: JsonObject; readonly findings: readonly Finding[]} {
  const schema = strict(kind.params);
  const parsed = schema.safeParse(params);
  if (parsed.success) return {params: parsed.data as JsonObject, findings: []};
  const {issues} = parsed.error;
  const frame = {schema, value: params, path: ['steps', index], name: kind.kind, explain: kind.kind};
  // What remains without the wrong params may still be looked at, so that all mistakes are reported at once.
  const wrong = new Set(issues.flatMap(({path, ...issue}) => ('keys' in issue ? issue.keys : [path[0]])));
  const rest = schema.safeParse(Object.fromEntries(Object.entries(params).filter(([key]) => !wrong.has(key))));
  const findings = findingsOf(issues, frame);
  return rest.success ? {params: rest.data as JsonObject, findings} : {findings};
}

/** What the kinds say of their steps once the whole runbook is seen. */
export const checkSteps = (typed: readonly TypedStep[], runbook: Runbook): readonly Finding[] =>
  typed.flatMap(({kind, params, index}, at) =>
    (kind.check?.(params, runbook, at) ?? []).map((mistake): Finding => {
      const hint = hintOf(mistake, params);
      return {
        at: {on: 'value', path: ['steps', index, ...mistake.path]},
        says: mistake.says,
        ...(hint === undefined ? {} : {hint}),
        ...(mistake.add && {add: mistake.add}),
        explain: kind.kind,
      };
    }),
  );

function hintOf({path, candidates = [], hint}: Mistake, params: JsonObject): string | undefined {
  if (candidates.length === 0) return hint;
  const typed = valueAt(params, path);
  const meant = typeof typed === 'string' ? didYouMean(typed, candidates) : undefined;
  return meant ?? `there is: ${candidates.join(', ')}`;
}

function unknownKind(name: string, index: number, kinds: StepKinds): Finding {
  const hint = didYouMean(name, kinds.keys());
  return {
    at: {on: 'value', path: ['steps', index, 'do']},
    says: `unknown step kind "${name.slice(0, 40)}"`,
    ...(hint === undefined ? {} : {hint}),
    explain: 'steps',
  };
}

/** A kind may have forgotten to refuse keys that it does not know; a runbook never has a key without a meaning. */
const strict = (params: z.ZodType): z.ZodType => (params instanceof z.ZodObject ? params.strict() : params);
