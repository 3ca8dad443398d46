import type {Stored} from '../engine/event.ts';
import {costText} from './cost.ts';
import {clockTime, duration, secondsBetween} from './duration.ts';
import {escape, wrap} from './escape.ts';
import {approvalLine, openedText} from './gate.ts';
import {numberOf, stepOf, type History} from './history.ts';
import type {Paint} from './paint.ts';
import {nameColumnsOf, rowLines, screenColumns, type Mark} from './row.ts';

/**
 * What of an event stays on the screen of a live run, as lines; none where the running block already shows it.
 * `history` includes the event.
 */
export function happening(
  history: History,
  {at, event}: Pick<Stored, 'at' | 'event'>,
  paint: Paint,
  columns?: number,
): readonly string[] {
  switch (event.type) {
    case 'run.begun':
      return [`${paint('strong', history.run)} begun by ${escape(event.by)}${event.lab ? ', in the lab' : ''}`];
    case 'run.resumed':
      return [
        `${paint('strong', history.run)} resumed by ${escape(event.by)}${event.over ? `, in place of ${escape(event.over.who)}` : ''}`,
      ];
    case 'run.abandoned':
      return [`${paint('strong', history.run)} abandoned by ${escape(event.by)}: ${escape(event.why)}`];
    case 'run.stop-asked':
      return [`${escape(event.by)} asks to stop ${event.now ? 'now' : 'after this step'}`];
    case 'disk.forgone':
      return [`${escape(event.by)} goes on without disk ${escape(event.disk)}: ${escape(event.why)}`];
    case 'hold.released':
      return row('..', `${escape(event.by)} ends the hold: ${escape(event.why)}`);
    case 'run.handed-over':
      return [`${paint('strong', history.run)} handed over by ${escape(event.by)}`];
    case 'run.taken-over':
      return [`${paint('strong', history.run)} taken over by ${escape(event.by)}`];
    case 'gate.approved':
      return wrap(approvalLine(event.approval), Math.min(columns ?? screenColumns, screenColumns) - 1);
    case 'gate.reached':
      return row('??', `waits for people: ${event.has} of ${event.needs} approvals`);
    case 'gate.opened':
      return row('..', openedText(history, event));
    // The block shows them while they matter; how a run ends is said by `end`.
    case 'step.started':
    case 'step.saved':
    case 'effect.settled':
    case 'run.stopped':
    case 'run.done':
      return [];
    case 'medium.watched':
      return [];
    case 'step.interrupted':
      return row(event.over && event.seconds === 0 ? '..' : '!!', `${event.says}${costText(event)}`);
    case 'step.regained':
      return row('..', `back where it was, ${duration(event.seconds)} later`);
    case 'step.noted':
      return row('..', event.says);
    case 'effect.sent':
      return row('!!', `sending, no undo: ${event.effect}`);
    case 'effect.found':
      return row(
        '!!',
        event.verdict === 'present'
          ? `${event.effect} was sent before; it is not sent again`
          : `${event.effect} never began`,
      );
    case 'step.done':
      return row('ok', event.proof.says, true);
    case 'step.failed':
      return row('FAIL', event.fault.says, true);
    case 'step.kept':
      return row('keep', `still true: ${event.proof.says}`);
    case 'step.lapsed': {
      const irreversible = stepOf(history, event.step)?.heading.irreversible;
      return row(irreversible ? 'FAIL' : 'redo', `no longer true: ${event.fault.says}`);
    }
    default:
      return event satisfies never;
  }

  function row(mark: Mark, says: string, timed = false): readonly string[] {
    if (!('step' in event)) return [];
    const nameColumns = nameColumnsOf(history.steps.map(({heading}) => heading.id));
    const attempt = stepOf(history, event.step)?.attempts.at(-1);
    return rowLines(
      {
        mark,
        number: numberOf(history, event.step),
        name: event.step,
        says,
        when: clockTime(at),
        ...(timed && attempt ? {took: duration(secondsBetween(attempt.begun, at))} : {}),
      },
      paint,
      {nameColumns, ...(columns === undefined ? {} : {columns})},
    );
  }
}
