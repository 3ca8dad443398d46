import type {z} from 'zod';
import type {Json} from '../json.ts';
import type {Path} from './finding.ts';
import {secretFormat} from './format.ts';
import {formatOf, keysOf, schemaAt} from './schema-at.ts';
import {suggest} from './suggest.ts';

type Schema = z.core.$ZodType;

export const isSecret = (schema: Schema | undefined): boolean => formatOf(schema) === secretFormat;

/** Where a secret seems to be written in clear: where a reference belongs, also under a misspelled key. */
export function secretPaths(value: Json, schema: Schema, path: Path = []): readonly Path[] {
  const here = schemaAt(schema, path);
  if (isSecret(here)) return isReference(value) ? [] : [path];
  if (value === null || typeof value !== 'object') return [];
  if (Array.isArray(value)) return value.flatMap((item: Json, index) => secretPaths(item, schema, [...path, index]));
  return Object.entries(value).flatMap(([key, inner]) => {
    const known = keysOf(here);
    const near = known.includes(key) ? undefined : suggest(key, known);
    const misspelled = near !== undefined && isSecret(schemaAt(schema, [...path, near]));
    return misspelled && !isReference(inner) ? [[...path, key]] : secretPaths(inner, schema, [...path, key]);
  });
}

const isReference = (value: Json): boolean => typeof value === 'string' && /^(?:env|file|command):/.test(value);
