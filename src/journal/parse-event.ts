import {hostName, instant, runId, serial, sha256, stepId} from '../brand.ts';
import type {Event} from '../engine/event.ts';
import {approvalShape, isSignature, requestShape} from '../gate/statement.ts';
import {catalogue, type FaultCode} from '../fault-catalogue.ts';
import type {JsonObject} from '../json.ts';
import {
  amount,
  branded,
  count,
  flag,
  isObject,
  list,
  number,
  object,
  oneOf,
  text,
  type Of,
  type Shape,
} from '../shape.ts';
import {causes} from '../step/interruption.ts';

const step = branded(stepId);
// Only ever applied to what JSON.parse returned, so an object is an object of JSON values.
const json: Shape<JsonObject> = (value): value is JsonObject => isObject(value);
const code: Shape<FaultCode> = (value): value is FaultCode => text(value) && Object.hasOwn(catalogue, value);
const signature: Shape<string> = (value): value is string => text(value) && isSignature(value);

const proof = object({says: text, data: json});
const fault = object({code, says: text}, {state: text, next: text, detail: json});
const heading = object({
  id: step,
  kind: text,
  irreversible: flag,
  heldUntil: list(text),
  place: object({file: text, line: count, column: count}),
});
const signed = {signature, principal: text, key: text};
const gateTerms = object({
  approvers: count,
  withinSeconds: amount,
  steps: list(step),
  machine: text,
  disks: list(branded(serial)),
  signers: branded(sha256),
  requester: object({statement: requestShape, ...signed}),
});
const lapsed = object({who: text, since: branded(instant), because: oneOf('expired', 'dead')});

const type = <T extends Event['type']>(name: T): {readonly type: Shape<T>} => ({type: oneOf(name)});

const shapes = {
  'run.begun': object(
    {
      ...type('run.begun'),
      run: branded(runId),
      host: branded(hostName),
      by: text,
      rebuild: text,
      plan: branded(sha256),
      runbook: branded(sha256),
      lab: flag,
      steps: list(heading),
      facts: json,
    },
    {promiseSeconds: number, gate: gateTerms},
  ),
  'run.resumed': object(
    {...type('run.resumed'), by: text, pid: count},
    {over: lapsed, iso: branded(sha256), faults: text},
  ),
  'step.started': object({...type('step.started'), step, attempt: count}),
  'step.saved': object({...type('step.saved'), step, checkpoint: json}),
  'step.noted': object({...type('step.noted'), step, says: text, data: json}),
  'step.interrupted': object({
    ...type('step.interrupted'),
    step,
    cause: oneOf(...causes),
    says: text,
    seconds: amount,
    bytesAgain: count,
    attempts: count,
    over: flag,
  }),
  'step.regained': object({...type('step.regained'), step, seconds: amount, attempts: count}),
  'medium.watched': object({
    ...type('medium.watched'),
    step,
    mountedSeconds: amount,
    readSeconds: amount,
    bytes: count,
    lost: flag,
  }),
  'effect.sent': object({...type('effect.sent'), step, effect: text}),
  'effect.settled': object({...type('effect.settled'), step, effect: text}),
  'effect.found': object({...type('effect.found'), step, effect: text, verdict: oneOf('absent', 'present')}),
  'step.done': object({...type('step.done'), step, proof}),
  'step.failed': object({...type('step.failed'), step, fault}),
  'step.kept': object({...type('step.kept'), step, proof}),
  'step.lapsed': object({...type('step.lapsed'), step, fault}),
  'gate.reached': object({...type('gate.reached'), step, has: count, needs: count}),
  'gate.approved': object({
    ...type('gate.approved'),
    approval: object({statement: approvalShape, ...signed}),
    signers: branded(sha256),
  }),
  'gate.opened': object({...type('gate.opened'), step, by: list(text)}),
  'hold.released': object({...type('hold.released'), step, by: text, why: text}),
  'run.stop-asked': object({...type('run.stop-asked'), by: text, now: flag}),
  'run.stopped': object({...type('run.stopped'), why: oneOf('asked', 'until', 'failed', 'interrupted', 'gate')}),
  'disk.forgone': object({...type('disk.forgone'), disk: branded(serial), by: text, why: text}),
  'run.handed-over': object({...type('run.handed-over'), by: text, epoch: count}),
  'run.taken-over': object({...type('run.taken-over'), by: text, epoch: count}),
  'run.done': object({...type('run.done')}),
  'run.abandoned': object({...type('run.abandoned'), by: text, why: text}),
} satisfies {readonly [T in Event['type']]: Shape<Extract<Event, {type: T}>>};

// The compiler holds the shapes to the type in both directions: an event added to one and not the other fails here.
type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : never) : never;
type Shaped<T extends Event['type']> = Of<(typeof shapes)[T]>;
true satisfies Same<Shaped<Event['type']>, Event>;
// Optional members alone do not make two types differ.
true satisfies Same<{[T in Event['type']]: keyof Shaped<T>}, {[T in Event['type']]: keyof Extract<Event, {type: T}>}>;

/** The event a stored text holds; undefined where it is not JSON or not an event this version knows. */
export function parseEvent(line: string): Event | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  const name = isObject(value) ? value['type'] : undefined;
  if (!text(name) || !Object.hasOwn(shapes, name)) return undefined;
  const shape: Shape<Event> = shapes[name as Event['type']];
  return shape(value) ? value : undefined;
}
