import {z} from 'zod';
import type {JsonObject} from '../json.ts';
import {planDocument} from './document-schema.ts';

/** The JSON Schema of a plan, of the schema that the parser itself uses. */
export function planSchema(): JsonObject {
  const schema = z.toJSONSchema(planDocument, {target: 'draft-7', io: 'input'}) as unknown as JsonObject;
  return {...schema, title: 'rebuild plan'};
}
