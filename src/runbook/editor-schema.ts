import {z} from 'zod';
import type {JsonObject} from '../json.ts';
import {runbookSchema} from './schema.ts';
import type {StepKinds} from './steps.ts';
import {mapping} from './value-at.ts';

// yaml-language-server reads draft-07 and older drafts only.
const target = {
  target: 'draft-7',
  io: 'input',
  // Our formats are none that an editor knows (and its `duration` is another); their patterns say what counts.
  override: ({jsonSchema}) => {
    if (jsonSchema.pattern !== undefined) delete jsonSchema.format;
    delete jsonSchema.readOnly;
  },
} satisfies z.core.ToJSONSchemaParams;

/**
 * The runbook format as a JSON Schema for editors, made of the schemas that the parser itself uses: completion and
 * hover texts for each key, and for each step those of its kind. What needs the whole file to be seen (names of disks,
 * secrets) only `rebuild check` knows.
 */
export function editorSchema(kinds: StepKinds): JsonObject {
  const schema = z.toJSONSchema(runbookSchema, target) as unknown as JsonObject;
  const properties = mapping(schema['properties']);
  const steps = mapping(properties['steps']);
  const items = mapping(steps['items']);
  const {id, do: kind} = mapping(items['properties']);
  const all = [...kinds.values()];
  const step = {
    type: 'object',
    required: ['id', 'do'],
    properties: {id: id ?? {}, do: {...mapping(kind), enum: all.map(({kind}) => kind)}},
    // One condition for each kind: with oneOf an editor would report a step's mistakes against every kind.
    allOf: all.map((kind) => ({
      if: {required: ['do'], properties: {do: {const: kind.kind}}},
      // oxlint-disable-next-line unicorn/no-thenable
      then: paramsOf(kind),
    })),
  };
  return {
    ...schema,
    title: 'rebuild runbook',
    properties: {...properties, steps: {...steps, items: step}},
  };
}

function paramsOf({params, kind, summary}: {params: z.ZodType; kind: string; summary: string}): JsonObject {
  const {$schema: _, ...schema} = z.toJSONSchema(params, target) as unknown as JsonObject;
  return {
    ...schema,
    description: `${kind}: ${summary}`,
    properties: {id: {}, do: {}, ...mapping(schema['properties'])},
    additionalProperties: false,
  };
}
