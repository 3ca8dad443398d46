import {z} from 'zod';
import {hostName, instant, runId, serial, sha256, stepId} from '../brand.ts';
import type {Event} from '../engine/event.ts';
import {approvalShape, isSignature, requestShape} from '../gate/statement.ts';
import {catalogue, type FaultCode} from '../fault-catalogue.ts';
import type {JsonObject} from '../json.ts';
import {causes} from '../step/interruption.ts';

const branded = <B extends string>(parse: (text: string) => B | undefined) =>
  z.custom<B>((value) => typeof value === 'string' && parse(value) !== undefined);

const step = branded(stepId);
// Only ever applied to what JSON.parse returned, so an object is an object of JSON values.
const json = z.custom<JsonObject>((value) => typeof value === 'object' && value !== null && !Array.isArray(value));
const count = z.int().nonnegative();
const seconds = z.number().nonnegative();

const proof = z.strictObject({says: z.string(), data: json});

const faultValue = z.strictObject({
  code: z.custom<FaultCode>((value) => typeof value === 'string' && Object.hasOwn(catalogue, value)),
  says: z.string(),
  state: z.string().exactOptional(),
  next: z.string().exactOptional(),
  detail: json.exactOptional(),
});

const heading = z.strictObject({
  id: step,
  kind: z.string(),
  irreversible: z.boolean(),
  heldUntil: z.array(z.string()).readonly(),
  place: z.strictObject({file: z.string(), line: count, column: count}),
});

const signed = {
  signature: z.string().refine(isSignature),
  principal: z.string(),
  key: z.string(),
};

const gateTerms = z.strictObject({
  approvers: count,
  withinSeconds: seconds,
  steps: z.array(step).readonly(),
  machine: z.string(),
  disks: z.array(branded(serial)).readonly(),
  signers: branded(sha256),
  requester: z.strictObject({statement: requestShape, ...signed}),
});

const schema = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('run.begun'),
    run: branded(runId),
    host: branded(hostName),
    by: z.string(),
    rebuild: z.string(),
    plan: branded(sha256),
    runbook: branded(sha256),
    promiseSeconds: z.number().exactOptional(),
    lab: z.boolean(),
    steps: z.array(heading).readonly(),
    facts: json,
    gate: gateTerms.exactOptional(),
  }),
  z.strictObject({
    type: z.literal('run.resumed'),
    by: z.string(),
    pid: count,
    over: z
      .strictObject({who: z.string(), since: branded(instant), because: z.enum(['expired', 'dead'])})
      .exactOptional(),
    iso: branded(sha256).exactOptional(),
  }),
  z.strictObject({type: z.literal('step.started'), step, attempt: count}),
  z.strictObject({type: z.literal('step.saved'), step, checkpoint: json}),
  z.strictObject({type: z.literal('step.noted'), step, says: z.string(), data: json}),
  z.strictObject({
    type: z.literal('step.interrupted'),
    step,
    cause: z.enum(causes),
    says: z.string(),
    seconds,
    bytesAgain: count,
    attempts: count,
    over: z.boolean(),
  }),
  z.strictObject({type: z.literal('step.regained'), step, seconds, attempts: count}),
  z.strictObject({
    type: z.literal('medium.watched'),
    step,
    mountedSeconds: seconds,
    readSeconds: seconds,
    bytes: count,
    lost: z.boolean(),
  }),
  z.strictObject({type: z.literal('effect.sent'), step, effect: z.string()}),
  z.strictObject({type: z.literal('effect.settled'), step, effect: z.string()}),
  z.strictObject({
    type: z.literal('effect.found'),
    step,
    effect: z.string(),
    verdict: z.enum(['absent', 'present']),
  }),
  z.strictObject({type: z.literal('step.done'), step, proof}),
  z.strictObject({type: z.literal('step.failed'), step, fault: faultValue}),
  z.strictObject({type: z.literal('step.kept'), step, proof}),
  z.strictObject({type: z.literal('step.lapsed'), step, fault: faultValue}),
  z.strictObject({type: z.literal('gate.reached'), step, has: count, needs: count}),
  z.strictObject({
    type: z.literal('gate.approved'),
    approval: z.strictObject({statement: approvalShape, ...signed}),
    signers: branded(sha256),
  }),
  z.strictObject({type: z.literal('gate.opened'), step, by: z.array(z.string()).readonly()}),
  z.strictObject({type: z.literal('run.stop-asked'), by: z.string(), now: z.boolean()}),
  z.strictObject({type: z.literal('run.stopped'), why: z.enum(['asked', 'until', 'failed', 'interrupted', 'gate'])}),
  z.strictObject({type: z.literal('run.handed-over'), by: z.string(), epoch: count}),
  z.strictObject({type: z.literal('run.taken-over'), by: z.string(), epoch: count}),
  z.strictObject({type: z.literal('run.done')}),
  z.strictObject({type: z.literal('run.abandoned'), by: z.string(), why: z.string()}),
]);

// The compiler holds the schema to the type in both directions: an event added to one and not the other fails here.
type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : never) : never;
true satisfies Same<z.output<typeof schema>, Event>;

/** The event a stored text holds; undefined where it is not JSON or not an event this version knows. */
export function parseEvent(text: string): Event | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const parsed = schema.safeParse(value);
  return parsed.success ? parsed.data : undefined;
}
