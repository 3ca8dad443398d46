import type {Event} from '../engine/event.ts';
import type {Fault} from '../fault.ts';
import type {Json, JsonObject} from '../json.ts';
import type {Masker} from './mask.ts';

/**
 * The event with secrets hidden in everything that can hold text from outside. Ids, kinds, codes and digests come from
 * closed sets of our own and stay: a password that happens to be `install` must not make a run unreadable.
 */
export function maskEvent(event: Event, masker: Masker): Event {
  const {text} = masker;
  switch (event.type) {
    case 'run.begun':
      return {...event, by: text(event.by), facts: masker.json(event.facts)};
    case 'run.resumed':
      return {...event, by: text(event.by), ...(event.over && {over: {...event.over, who: text(event.over.who)}})};
    case 'run.stop-asked':
    case 'run.handed-over':
    case 'run.taken-over':
      return {...event, by: text(event.by)};
    case 'gate.approved': {
      // A statement in which something had to be hidden no longer fits its signature, and so it counts for nothing.
      const {statement} = event.approval;
      const safe = {...statement, by: text(statement.by), why: text(statement.why)};
      return {...event, approval: {...event.approval, statement: safe}};
    }
    case 'step.saved':
      return {...event, checkpoint: masker.json(event.checkpoint)};
    case 'step.noted':
      return {...event, says: text(event.says), data: masker.json(event.data)};
    case 'step.interrupted':
      return {...event, says: text(event.says)};
    case 'step.done':
    case 'step.kept':
      return {...event, proof: {says: text(event.proof.says), data: masker.json(event.proof.data)}};
    case 'step.failed':
    case 'step.lapsed':
      return {...event, fault: maskFault(event.fault, masker)};
    case 'disk.forgone':
    case 'hold.released':
    case 'run.abandoned':
      return {...event, by: text(event.by), why: text(event.why)};
    case 'step.started':
    case 'step.regained':
    case 'medium.watched':
    case 'effect.sent':
    case 'effect.settled':
    case 'effect.found':
    case 'gate.reached':
    case 'gate.opened':
    case 'run.stopped':
    case 'run.done':
      return event;
    default:
      return event satisfies never;
  }
}

/** A fault for showing or storing: its code stays, everything said is masked. */
export function maskFault(fault: Fault, {text, json}: Masker): Fault {
  return {
    code: fault.code,
    says: text(fault.says),
    ...(fault.state !== undefined && {state: text(fault.state)}),
    ...(fault.next !== undefined && {next: text(fault.next)}),
    ...(fault.detail !== undefined && {detail: json(plain(fault.detail))}),
  };
}

/** As JSON would write it: a detail is built from whatever a device said, and may hold members that are undefined. */
const plain = (detail: JsonObject): JsonObject => JSON.parse(JSON.stringify(detail)) as Json as JsonObject;
