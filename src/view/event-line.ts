import type {Stored} from '../engine/event.ts';
import type {Json, JsonObject} from '../json.ts';
import {duration, secondsBetween, wholeSeconds} from './duration.ts';
import {escapeTo} from './escape.ts';
import {doneSteps, stepOf, type History} from './history.ts';
import {waitedAtGate} from './gate.ts';
import {nextCommand, stateWord} from './state-word.ts';
import {secondsOf, wallSeconds} from './elapsed.ts';

/**
 * An event as one line to grep: `2026-11-21T09:22:44Z marruuk-3 wipe done 1m42s proof="read back as zero: system"`.
 * Moment, run, step (or `run`), what happened, then `name=value`, quoted where a value has spaces.
 * `history` is what was known up to and including this event. `whole` adds a proof's data.
 */
export function eventLine(history: History, {at, event}: Pick<Stored, 'at' | 'event'>, whole = false): string {
  const line = (subject: string, verb: string, values: Values = {}, ...more: readonly string[]): string =>
    [wholeSeconds(at), history.run, subject, verb, ...more, ...fields(values)].join(' ');
  const worked = (id: Parameters<typeof stepOf>[1]): readonly string[] => {
    const step = stepOf(history, id);
    const last = step?.attempts.at(-1);
    return last ? [duration(secondsBetween(last.begun, last.ended ?? at))] : [];
  };
  switch (event.type) {
    case 'run.begun': {
      const {host, by, plan, steps, lab} = event;
      return line('run', 'begun', {
        host,
        by,
        plan: plan.slice(0, 8),
        steps: steps.length,
        ...(event.gate && {
          gate: event.gate.steps,
          approvers: event.gate.approvers,
          asked: event.gate.requester.principal,
        }),
        ...(lab ? {lab} : {}),
      });
    }
    case 'run.resumed':
      return line('run', 'resumed', {
        by: event.by,
        pid: event.pid,
        done: doneSteps(history).length,
        ...(event.over && {from: event.over.who, lease: event.over.because}),
      });
    case 'run.stopped':
      return line('run', 'stopped', {why: event.why, next: next(history)});
    case 'run.done':
      return line('run', 'done', {steps: history.steps.length, next: next(history)}, duration(wallSeconds(history)));
    case 'run.abandoned':
      return line('run', 'abandoned', {by: event.by, why: event.why});
    case 'run.stop-asked':
      return line('run', 'stop-asked', {by: event.by, now: event.now});
    case 'disk.forgone':
      return line('run', 'disk-forgone', {disk: event.disk, by: event.by, why: event.why});
    case 'hold.released':
      return line(event.step, 'released', {by: event.by, why: event.why});
    case 'run.handed-over':
      return line('run', 'handed-over', {by: event.by, epoch: event.epoch});
    case 'run.taken-over':
      return line('run', 'taken-over', {by: event.by, epoch: event.epoch});
    case 'gate.reached':
      return line(event.step, 'waits', {has: event.has, needs: event.needs});
    case 'gate.approved': {
      const {principal, key, statement} = event.approval;
      return line('run', 'approved', {principal, until: wholeSeconds(statement.expires), why: statement.why, key});
    }
    case 'gate.opened':
      return line(event.step, 'opened', {approved: event.by}, duration(waitedAtGate(history, event.step)));
    case 'step.started':
      return line(event.step, 'started', {attempt: event.attempt});
    case 'step.saved':
      return line(event.step, 'saved', scalars(event.checkpoint));
    case 'step.noted':
      return line(event.step, 'noted', {says: event.says, ...event.data});
    case 'step.interrupted': {
      const {cause, says, seconds, bytesAgain, attempts, over} = event;
      return line(event.step, 'interrupted', {cause, says, seconds, bytesAgain, attempts, over});
    }
    case 'step.regained':
      return line(event.step, 'regained', {seconds: event.seconds, attempts: event.attempts});
    case 'medium.watched': {
      const {mountedSeconds, readSeconds, bytes, lost} = event;
      return line(event.step, 'watched', {mountedSeconds, readSeconds, bytes, lost});
    }
    case 'effect.sent':
      return line(event.step, 'sending', {effect: event.effect});
    case 'effect.settled':
      return line(event.step, 'accepted', {effect: event.effect});
    case 'effect.found':
      return line(event.step, 'found', {effect: event.effect, verdict: event.verdict});
    case 'step.done':
      return line(
        event.step,
        'done',
        {proof: event.proof.says, ...(whole ? event.proof.data : {})},
        ...worked(event.step),
      );
    case 'step.kept':
      return line(event.step, 'kept', {proof: event.proof.says, ...(whole ? event.proof.data : {})});
    case 'step.failed':
      return line(event.step, 'failed', {fault: event.fault.code, says: event.fault.says}, ...worked(event.step));
    case 'step.lapsed':
      return line(event.step, 'lapsed', {fault: event.fault.code, says: event.fault.says});
    default:
      return event satisfies never;
  }
}

/** What a long step says of itself between two events: `… wipe running 4m00s progress=58%`. */
export function heartbeatLine(
  history: History,
  step: History['steps'][number],
  at: Stored['at'],
  values: Values,
): string {
  const seconds = secondsOf(step, at) ?? 0;
  return [wholeSeconds(at), history.run, step.heading.id, 'running', duration(seconds), ...fields(values)].join(' ');
}

type Values = Readonly<Record<string, Json>>;

const next = (history: History): string => `rebuild ${nextCommand(history, stateWord(history, false))}`;

/** A checkpoint's lists say nothing to a reader and may be long. */
const scalars = (data: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(data).filter(([, value]) => typeof value !== 'object'));

/** `name=value`, each one word to a shell's eye. */
export const fields = (values: Values): readonly string[] =>
  Object.entries(values).flatMap(([name, value]) =>
    isObject(value)
      ? fields(Object.fromEntries(Object.entries(value).map(([inner, part]) => [`${name}.${inner}`, part])))
      : [`${escapeTo(80, name).replace(/[^\w.:-]/g, '_')}=${quoted(value)}`],
  );

const isObject = (value: Json): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Bare where it is one word, else in quotes, with its own quotes and backslashes marked: it cannot pass for the next field. */
function quoted(value: Json): string {
  const flat = Array.isArray(value) && value.every((item) => typeof item !== 'object') ? value.join(',') : value;
  const text = typeof flat === 'string' ? flat : JSON.stringify(flat);
  if (/^[^\s"'=\\]+$/.test(text)) return escapeTo(400, text);
  return `"${escapeTo(400, text.replace(/["\\]/g, '\\$&'))}"`;
}
