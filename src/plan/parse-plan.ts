import {z} from 'zod';
import {hostName, instant, serial, sha256, stepId} from '../brand.ts';
import {catalogue, type FaultCode} from '../fault-catalogue.ts';
import type {JsonObject} from '../json.ts';
import {digestOf} from './assemble.ts';
import type {Plan} from './plan.ts';

const branded = <B extends string>(parse: (text: string) => B | undefined) =>
  z.custom<B>((value) => typeof value === 'string' && parse(value) !== undefined);

// Only ever applied to what JSON.parse returned, so an object is an object of JSON values.
const json = z.custom<JsonObject>((value) => typeof value === 'object' && value !== null && !Array.isArray(value));
const seconds = z.number().nonnegative();

const fault = z.strictObject({
  code: z.custom<FaultCode>((value) => typeof value === 'string' && Object.hasOwn(catalogue, value)),
  says: z.string(),
  state: z.string().exactOptional(),
  next: z.string().exactOptional(),
  detail: json.exactOptional(),
});

const effect = z.strictObject({
  id: z.string(),
  says: z.string(),
  certainty: z.discriminatedUnion('is', [
    z.strictObject({is: z.literal('will')}),
    z.strictObject({is: z.literal('not'), because: z.string()}),
    z.strictObject({is: z.literal('unknown'), until: z.string()}),
  ]),
  undo: z.boolean(),
  irreversible: z.boolean(),
  disk: z
    .strictObject({name: z.string(), serial: z.string(), sizeBytes: z.number(), model: z.string().exactOptional()})
    .exactOptional(),
  seconds: z.strictObject({from: seconds, to: seconds}).exactOptional(),
});

const shape = z.strictObject({
  version: z.literal(1),
  host: branded(hostName),
  runbook: branded(sha256),
  promiseSeconds: seconds.exactOptional(),
  system: z.strictObject({
    vendor: z.string(),
    model: z.string(),
    serial: z.string(),
    power: z.enum(['on', 'off']),
    profile: z.string(),
  }),
  steps: z
    .array(
      z.strictObject({
        id: branded(stepId),
        kind: z.string(),
        irreversible: z.boolean(),
        place: z.strictObject({file: z.string(), line: z.int(), column: z.int()}),
        effects: z.array(effect).readonly(),
      }),
    )
    .readonly(),
  facts: z.record(z.string(), json).readonly(),
  gate: z
    .strictObject({
      approvers: z.int().min(1),
      withinSeconds: seconds,
      steps: z.array(branded(stepId)).readonly(),
    })
    .exactOptional(),
  keptDisks: z.array(z.strictObject({name: z.string(), serial: branded(serial), sizeBytes: z.number()})).readonly(),
  errors: z.array(z.strictObject({step: branded(stepId).exactOptional(), fault})).readonly(),
  readAt: branded(instant),
  digest: branded(sha256),
});

// The compiler holds the shape to the type: what is added to a plan is added here.
type Same<A, B> = [A] extends [B] ? true : never;
true satisfies Same<z.output<typeof shape>, Plan>;

// The plan of a host with sixty-four disks has a few hundred kilobytes.
export const maxPlanBytes = 4 * 1024 * 1024;

/** A saved plan's text as the plan, if its digest is that of its content; else why it is none. */
export function parsePlan(text: string): {readonly plan: Plan} | {readonly wrong: string} {
  if (Buffer.byteLength(text) > maxPlanBytes) return {wrong: 'it is too large for a plan'};
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return {wrong: 'it is not JSON, or cut off'};
  }
  const parsed = shape.safeParse(value);
  if (!parsed.success) return {wrong: 'it is no plan of this version of rebuild'};
  const {digest, readAt: _, ...content} = parsed.data;
  return digestOf(content) === digest ? {plan: parsed.data} : {wrong: 'it was changed after it was saved'};
}
