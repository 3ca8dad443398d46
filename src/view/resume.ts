import type {Instant} from '../brand.ts';
import type {TakenFrom} from '../journal/journal.ts';
import {count} from './count.ts';
import {clockTime, roughly, secondsBetween} from './duration.ts';
import {escape, wrap} from './escape.ts';
import {currentStep, doneSteps, numberOf, type History} from './history.ts';
import type {StepHistory} from './step-history.ts';
import type {Paint} from './paint.ts';
import {nameColumnsOf, rowLines, screenColumns, type Mark} from './row.ts';
import {endOf} from './elapsed.ts';

/**
 * What `resume` is about to do, from the record alone. Done steps are only claimed here: each is held against the world
 * once the run goes on, and says `keep` or `redo` then.
 */
export function resumeText(history: History, now: Instant, paint: Paint, from?: TakenFrom): readonly string[] {
  const nameColumns = nameColumnsOf(history.steps.map(({heading}) => heading.id));
  const stands = currentStep(history);
  const lines: string[] = [];
  const later: string[] = [];
  for (const step of history.steps) {
    const {heading, status} = step;
    const number = numberOf(history, heading.id);
    if (status.is === 'waiting' && step !== stands) {
      later.push(`${number} ${heading.id}`);
      continue;
    }
    const {mark, says} = outlook(history, step);
    lines.push(
      ...rowLines({mark, number, name: heading.id, says}, paint, {nameColumns}),
      ...effectNotes(step).flatMap((note) => hang(`-> ${note}`, nameColumns + 10)),
    );
  }
  return [
    ...(from ? wrap(takeoverText(from, stands), screenColumns - 1) : []),
    ...wrap(headline(history, stands, now), screenColumns - 1),
    '',
    ...lines,
    ...wrap(later.join('  '), screenColumns - 9).map((line, index) =>
      line === '' ? '' : ` ${(index === 0 ? 'then' : '').padEnd(7)}${line}`,
    ),
    '',
    ...closing(history),
  ].filter((line, index, all) => line !== '' || all[index - 1] !== '');
}

/** In whose place: who had the host, since when, why that is over, and where they were. */
function takeoverText({who, pid, reason, since, because}: TakenFrom, stands: StepHistory | undefined): string {
  const over = because === 'dead' ? 'its process is dead' : 'its lease expired';
  const at = stands ? `; last at ${stands.heading.id}` : '';
  return `Takes over from ${escape(who)} (pid ${pid}, ${escape(reason)}), who had it since ${clockTime(since)}: ${over}${at}.`;
}

function headline(history: History, stands: StepHistory | undefined, now: Instant): string {
  const ago = `${roughly(secondsBetween(endOf(history), now))} ago`;
  const where = stands ? ` at ${stands.heading.id}` : '';
  const why = whyText(history, stands);
  return `${history.run} ${why.verb} ${ago}${where}${why.because}. ${doneSteps(history).length} of ${history.steps.length} steps done.`;
}

function whyText({end, sittings}: History, stands: StepHistory | undefined): {verb: string; because: string} {
  switch (end.is) {
    case 'open':
      return {verb: 'was cut off', because: `; its controller (${escape(sittings.at(-1)?.by ?? '')}) never said why`};
    case 'failed':
      return {verb: 'stopped', because: stands?.status.is === 'failed' ? ` (${stands.status.fault.code})` : ''};
    case 'stopped':
      return {
        verb: 'stopped',
        because: ` (${end.why === 'interrupted' || end.why === 'handed over' ? end.why : 'as asked'})`,
      };
    case 'waits':
      return {verb: 'stopped', because: ' (waits for people)'};
    case 'away':
      return {verb: 'was handed over', because: ''};
    case 'done':
      return {verb: 'ended', because: ''};
    case 'abandoned':
      return {verb: 'was abandoned', because: ''};
    default:
      return end satisfies never;
  }
}

function outlook(history: History, step: StepHistory): {mark: Mark; says: string} {
  const {status, attempts} = step;
  const next = `attempt ${attempts.length + 1}`;
  switch (status.is) {
    case 'done': {
      const follower = takenOverBy(history, step);
      return follower
        ? {mark: 'past', says: `${follower.heading.id} has taken over from it`}
        : {mark: 'keep', says: `if still true: ${status.proof.says}`};
    }
    case 'unsure':
    case 'running': {
      const left = status.is === 'unsure' ? status.left : history.last;
      return {
        mark: '???',
        says: `begun ${clockTime(status.since)}, last heard of ${clockTime(left)}, outcome never recorded; ${next} looks first`,
      };
    }
    case 'failed':
      return {mark: 'redo', says: `${next}, after: ${status.fault.says}`};
    case 'waiting':
      return attempts.length ? {mark: 'redo', says: next} : {mark: 'next', says: 'not begun yet'};
    default:
      return status satisfies never;
  }
}

/** What is known of irreversible effects of a step that is not done: the question that keeps people awake. */
function effectNotes({status, effects, attempts}: StepHistory): readonly string[] {
  if (status.is === 'done') return [];
  const saved = attempts.reduce((sum, attempt) => sum + attempt.saved, 0);
  const notes = effects.map(({effect, at, is}) => {
    switch (is) {
      case 'sent':
        return `${effect} was sent ${clockTime(at)}, acceptance never seen: the target is asked first; it is sent again only if it never began`;
      case 'settled':
      case 'present':
        return `${effect} was accepted: it is waited for and never sent again`;
      case 'absent':
        return `${effect} had not begun at ${clockTime(at)}: the target is asked again first`;
      default:
        return is satisfies never;
    }
  });
  return [
    ...notes,
    ...(saved ? [`${count(saved, 'checkpoint')} saved: what is proved to be there is not sent again`] : []),
  ];
}

/** Mirrors the engine's rule: once a later step of a `heldUntil` kind has begun, this one is checked no more. */
const takenOverBy = ({steps}: History, step: StepHistory): StepHistory | undefined =>
  steps
    .slice(steps.indexOf(step) + 1)
    .find(({status, heading}) => status.is !== 'waiting' && step.heading.heldUntil.includes(heading.kind));

const hang = (text: string, indent: number): readonly string[] =>
  wrap(escape(text), screenColumns - 1 - indent - 3).map(
    (line, index) => `${' '.repeat(indent)}${index === 0 ? '' : '   '}${line}`,
  );

function closing(history: History): readonly string[] {
  const open = history.steps.filter(({heading, status}) => heading.irreversible && status.is !== 'done');
  const erase =
    open.length === 0
      ? 'nothing more is erased'
      : `not undoable and still to finish: ${open.map(({heading}) => heading.id).join(', ')}`;
  return wrap(`Same plan ${history.plan.slice(0, 8)}; ${erase}.`, screenColumns - 1);
}
