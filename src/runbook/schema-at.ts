import {z} from 'zod';
import type {Path} from './finding.ts';

type Schema = z.core.$ZodType;

/** The schema under its wrappers: defaults, optional, and what it is turned into afterwards. */
export function bare(schema: Schema): Schema {
  const inner = wrapped(schema);
  return inner ? bare(inner) : schema;
}

function wrapped(schema: Schema): Schema | undefined {
  if (schema instanceof z.ZodPipe) return schema.def.in;
  const def = definition(schema);
  return 'innerType' in def ? (def.innerType as Schema) : undefined;
}

/** The schema of what stands at a path, or undefined where the schema knows of nothing there. */
export function schemaAt(schema: Schema, path: Path): Schema | undefined {
  const [head, ...rest] = path;
  if (head === undefined) return schema;
  const next = child(bare(schema), String(head));
  return next && schemaAt(next, rest);
}

function child(schema: Schema, key: string): Schema | undefined {
  if (schema instanceof z.ZodObject) return Object.hasOwn(schema.shape, key) ? schema.shape[key] : undefined;
  if (schema instanceof z.ZodRecord) return schema.valueType;
  return schema instanceof z.ZodArray ? schema.element : undefined;
}

/** The keys that a mapping may have; none where the schema is not of that kind. */
export function keysOf(schema: Schema | undefined): readonly string[] {
  const here = schema && bare(schema);
  return here instanceof z.ZodObject ? Object.keys(here.shape) : [];
}

/** The description nearest to the outside. */
export function description(schema: Schema): string | undefined {
  const own = z.globalRegistry.get(schema)?.description;
  if (own !== undefined) return own;
  const inner = wrapped(schema);
  return inner && description(inner);
}

/** The format that a text must have, where the schema names one. */
export function formatOf(schema: Schema | undefined): string | undefined {
  const def = schema && definition(bare(schema));
  return def && 'format' in def && typeof def.format === 'string' ? def.format : undefined;
}

const definition = (schema: Schema): object => (schema as z.ZodType).def;
