import {z} from 'zod';
import type {JsonObject} from '../json.ts';
import type {Difference} from './difference.ts';
import {planDocument, type PlanDocument} from './document-schema.ts';

// What `rebuild plan HOST --against FILE --json` prints, for programs. The compiler holds it to the types.

const about = z.enum([
  'runbook',
  'machine',
  'fact',
  'disk',
  'step',
  'effect',
  'gate',
  'promise',
  'error',
  'digest',
] satisfies readonly Difference['about'][]);

const difference = z
  .strictObject({
    about: about.describe('What kind of thing differs; `digest` where nothing else tells the two plans apart.'),
    name: z.string().describe('Which: `wipe.models.S3Z8NB0K412345.model` of a fact, `install.write` of an effect.'),
    before: z.json().describe('Null where there was none.'),
    now: z.json().describe('Null where there is none any more.'),
  })
  .meta({id: 'difference'}) as z.ZodType<Difference, Difference>;

const {digest, readAt, errors} = planDocument.shape;

export const comparedDocument = z.strictObject({
  type: z.literal('plan.compared'),
  file: z.string().describe('The saved plan, as it was named.'),
  fits: z.boolean().describe('Whether `run --plan` would take it: nothing is stale.'),
  before: z.strictObject({digest, readAt}).describe('The saved plan.'),
  now: z.strictObject({digest, readAt, errors}).describe('What would be planned now.'),
  stale: z.array(difference).readonly().describe('What makes the saved plan stale, difference by difference.'),
  moved: z.array(difference).readonly().describe('What was expected to move, and has: no reason to refuse anything.'),
});

export type ComparedDocument = z.input<typeof comparedDocument>;

/** Of two plans of one host, what a program is told. */
export interface ComparedPlans {
  readonly file: string;
  readonly before: Pick<PlanDocument, 'digest' | 'readAt'>;
  readonly now: Pick<PlanDocument, 'digest' | 'readAt' | 'errors'>;
  readonly differences: {readonly stale: readonly Difference[]; readonly moved: readonly Difference[]};
}

export const comparedOf = ({file, before, now, differences: {stale, moved}}: ComparedPlans): ComparedDocument => ({
  type: 'plan.compared',
  file,
  fits: stale.length === 0,
  before: {digest: before.digest, readAt: before.readAt},
  now: {digest: now.digest, readAt: now.readAt, errors: now.errors},
  stale,
  moved,
});

/** The JSON Schema of `plan --against`. */
export function comparedSchema(): JsonObject {
  const schema = z.toJSONSchema(comparedDocument, {target: 'draft-7', io: 'input'}) as unknown as JsonObject;
  return {...schema, title: 'rebuild plan --against'};
}
