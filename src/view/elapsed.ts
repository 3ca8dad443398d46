import type {Instant} from '../brand.ts';
import {secondsBetween, thousandths} from './duration.ts';
import type {History} from './history.ts';
import type {StepHistory} from './step-history.ts';

/** Seconds worked on a step, over all its attempts; the open one counts up to `now`. Undefined where none was begun. */
export function secondsOf(step: StepHistory, now: Instant): number | undefined {
  if (step.attempts.length === 0) return undefined;
  const total = step.attempts.reduce((sum, {begun, ended}) => sum + secondsBetween(begun, ended ?? now), 0);
  return thousandths(total);
}

/** When the run ended, or the last that was heard of it. */
export const endOf = ({end, last}: History): Instant => (end.is === 'open' ? last : end.at);

/** From the first event to the end, whoever worked or slept in between: what users of the host waited. */
export const wallSeconds = (history: History): number => secondsBetween(history.begun, endOf(history));
