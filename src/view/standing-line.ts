import {fields} from './event-line.ts';
import {currentStep, doneSteps, numberOf} from './history.ts';
import {nextCommand, stateWord} from './state-word.ts';
import type {Standing} from './status.ts';

/**
 * Where a run stands, as one line to grep: `marruuk-3 wipe running at=4/8 attempt=1 by=lena@jump1`. Two that are the same
 * mean that nothing has changed: nothing in it moves with the clock.
 */
export function standingLine({run, history, holder, fault}: Standing): string {
  if (!history) return [run, 'run', 'unreadable', ...fields({fault: fault?.code ?? 'none'})].join(' ');
  const state = stateWord(history, holder !== undefined);
  const step = currentStep(history);
  const all = history.steps.length;
  const attempt = step?.attempts.length ?? 0;
  const failure = step?.status.is === 'failed' ? step.status.fault.code : undefined;
  return [
    run,
    step?.heading.id ?? 'run',
    state,
    ...fields({
      at: `${step ? numberOf(history, step.heading.id) : doneSteps(history).length}/${all}`,
      ...(attempt > 0 && {attempt}),
      ...(failure !== undefined && {fault: failure}),
      by: holder?.who ?? history.sittings.at(-1)?.by ?? '',
      ...(state !== 'running' && {next: `rebuild ${nextCommand(history, state)}`}),
    }),
  ].join(' ');
}
