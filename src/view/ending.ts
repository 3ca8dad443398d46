import {duration} from './duration.ts';
import {secondsOf, wallSeconds} from './elapsed.ts';
import {escape, wrap} from './escape.ts';
import {gateText} from './gate.ts';
import {currentStep, doneSteps, numberOf, type History} from './history.ts';
import {faultScreen} from './fault.ts';
import type {Paint} from './paint.ts';
import {screenColumns} from './row.ts';
import {nextCommand, stateWord} from './state-word.ts';

export interface Ending {
  /** The result, for stdout: one or two lines that say how it ended and what to type next. */
  readonly result: string;
  /** What a person needs when it did not end well, for stderr; empty otherwise. */
  readonly advice: readonly string[];
}

const lines = (...texts: readonly string[]): string =>
  texts.flatMap((text) => wrap(text, screenColumns - 1)).join('\n');

export function ending(history: History, paint: Paint): Ending {
  const state = stateWord(history, false);
  const next = `    rebuild ${nextCommand(history, state)}`;
  const all = history.steps.length;
  const done = doneSteps(history).length;
  const {end} = history;
  switch (end.is) {
    case 'done': {
      const seconds = wallSeconds(history);
      const {promiseSeconds: promise} = history;
      const held =
        promise === undefined
          ? ''
          : `, ${seconds <= promise ? 'within' : 'LATER than'} the ${duration(promise)} promised`;
      const head = `${history.run} ${paint('good', 'done')} in ${duration(seconds)}${held}: ${all} of ${all} steps proved.`;
      return {result: `${head}\n${next}`, advice: []};
    }
    case 'waits':
      return {result: `${history.run} ${gateText(history, history.last, paint).join('\n')}`, advice: []};
    case 'away':
      return {result: lines(`${history.run} was handed over by ${escape(end.by)}.`, next), advice: []};
    case 'failed': {
      const step = currentStep(history);
      const at = step ? ` at ${numberOf(history, step.heading.id)} ${step.heading.id}` : '';
      const code = step?.status.is === 'failed' ? ` (${step.status.fault.code})` : '';
      return {
        result: lines(`${history.run} failed${at}${code}, ${done} of ${all} steps done.`, next),
        advice: step?.status.is === 'failed' ? ['', ...faultScreen(step.status.fault, {history, step}, paint)] : [],
      };
    }
    case 'stopped': {
      const step = currentStep(history);
      const where = step
        ? `${step.status.is === 'unsure' ? 'in' : 'before'} ${numberOf(history, step.heading.id)} ${step.heading.id}`
        : '';
      const why = {
        asked: 'as asked',
        until: 'as --until asked',
        interrupted: 'interrupted',
        'handed over': 'handed over',
      }[end.why];
      const unsure =
        step?.status.is === 'unsure'
          ? [`What ${step.heading.id} had sent is on record; its outcome is unsure until resume has looked.`]
          : [];
      return {
        result: lines(
          `${history.run} stopped ${where}, ${why}. ${done} of ${all} steps done, checkpoints kept.`,
          ...unsure,
          next,
        ),
        advice: [],
      };
    }
    case 'abandoned':
      return {result: `${history.run} abandoned.\n${next}`, advice: []};
    case 'open': {
      const step = currentStep(history);
      const since = step && secondsOf(step, history.last);
      const where = step ? ` in ${numberOf(history, step.heading.id)} ${step.heading.id}` : '';
      const after = since === undefined ? '' : ` after ${duration(since)}`;
      return {
        result: lines(`${history.run} was cut off${where}${after}. What is on record is kept.`, next),
        advice: [],
      };
    }
    default:
      return end satisfies never;
  }
}
