import type {z} from 'zod';
import {refuse, type Reply} from './exchange.ts';
import {refusals} from './message.ts';

export type Read<T> = {readonly value: T} | {readonly refused: Reply};

/** A request's body, or its refusal as Redfish words it. */
export function read<T>(schema: z.ZodType<T>, text: string, action: string): Read<T> {
  let body: unknown;
  try {
    body = JSON.parse(text || '{}');
  } catch {
    return {refused: refuse(refusals.notJson())};
  }
  const parsed = schema.safeParse(body);
  if (parsed.success) return {value: parsed.data};
  const [issue] = parsed.error.issues;
  const property = issue?.path.join('/') ?? '';
  const given = (issue?.path ?? []).reduce<unknown>(
    (value, key) => (value as Record<PropertyKey, unknown> | undefined)?.[key],
    body,
  );
  if (given === undefined) return {refused: refuse(refusals.missingParameter(action, property))};
  const listed = issue?.code === 'invalid_value' && typeof given === 'string';
  return {refused: refuse(listed ? refusals.wrongValue(property, given) : refusals.wrongProperty(property))};
}
