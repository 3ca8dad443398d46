import type {Instant} from '../brand.ts';
import type {Stored} from '../engine/event.ts';
import {clockTime, duration, secondsBetween} from './duration.ts';
import {escape, pad, wrap} from './escape.ts';
import {approvalLine, openedText} from './gate.ts';
import {costText} from './cost.ts';
import {extend, stepOf, type History} from './history.ts';
import {nameColumnsOf, screenColumns} from './row.ts';

/** Something that happened, in words: not safe to show as it is. */
export interface Told {
  readonly at: Instant;
  /** A step, or `run`. */
  readonly subject: string;
  readonly says: string;
}

/** The run's events in words. Checkpoints are left to the log. */
export function happenings(stored: readonly Stored[]): readonly Told[] {
  const all: Told[] = [];
  let history: History | undefined;
  for (const entry of stored) {
    history = extend(history, entry);
    const says = history && tell(history, entry);
    if (says !== undefined) all.push({at: entry.at, subject: 'step' in entry.event ? entry.event.step : 'run', says});
  }
  return all;
}

/** The same as text, one paragraph each: moment, step, what happened. */
export function timeline(stored: readonly Stored[]): readonly string[] {
  const lines: string[] = [];
  const [first] = stored;
  const ids = first?.event.type === 'run.begun' ? first.event.steps.map(({id}) => id) : [];
  const names = nameColumnsOf([...ids, 'run']);
  const indent = 10 + 1 + names + 1;
  let day = '';
  for (const {at, subject, says} of happenings(stored)) {
    const date = at.slice(0, 10);
    if (date !== day) lines.push(date);
    day = date;
    const [first = '', ...rest] = wrap(escape(says), screenColumns - 1 - indent);
    lines.push(
      `${pad(clockTime(at), 10)} ${pad(subject, names)} ${first}`.trimEnd(),
      ...rest.map((line) => ' '.repeat(indent) + line),
    );
  }
  return lines;
}

function tell(history: History, {at, event}: Stored): string | undefined {
  switch (event.type) {
    case 'run.begun':
      return `begun by ${event.by}${event.lab ? ', in the lab' : ''}`;
    case 'run.resumed':
      return `resumed by ${event.by}${event.over ? `, in place of ${event.over.who}, whose lease had lapsed` : ''}`;
    case 'run.stopped':
      return event.why === 'gate' ? 'stopped: people must agree first' : `stopped: ${event.why}`;
    case 'run.done':
      return 'done';
    case 'run.abandoned':
      return `abandoned by ${event.by}: ${event.why}`;
    case 'run.stop-asked':
      return `${event.by} asked to stop ${event.now ? 'now' : 'after the step'}`;
    case 'disk.forgone':
      return `${event.by} goes on without disk ${event.disk}: ${event.why}`;
    case 'hold.released':
      return `${event.by} ended the hold: ${event.why}`;
    case 'run.handed-over':
      return `handed over to another machine by ${event.by}`;
    case 'run.taken-over':
      return `taken over by ${event.by}`;
    case 'gate.approved':
      return approvalLine(event.approval);
    case 'gate.reached':
      return `waits for people: ${event.has} of ${event.needs} approvals`;
    case 'gate.opened':
      return openedText(history, event);
    case 'step.interrupted':
      return `${event.cause}: ${event.says}${costText(event)}`;
    case 'step.regained':
      return `back where it was, ${duration(event.seconds)} later`;
    case 'medium.watched':
    case 'step.saved':
    case 'effect.settled':
      return undefined;
    case 'step.started':
      return event.attempt > 1 ? `attempt ${event.attempt} begun` : undefined;
    case 'step.noted':
      return event.says;
    case 'effect.sent':
      return `sending, no undo: ${event.effect}`;
    case 'effect.found':
      return `${event.effect} found ${event.verdict}`;
    case 'step.done': {
      const attempt = stepOf(history, event.step)?.attempts.at(-1);
      const took = attempt ? ` in ${duration(secondsBetween(attempt.begun, at))}` : '';
      return `done${took}: ${event.proof.says}`;
    }
    case 'step.kept':
      return `still true: ${event.proof.says}`;
    case 'step.failed':
      return `FAILED: ${event.fault.code}: ${event.fault.says}`;
    case 'step.lapsed':
      return `no longer true: ${event.fault.says}`;
    default:
      return event satisfies never;
  }
}
