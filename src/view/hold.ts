import {instant, type Instant} from '../brand.ts';
import {duration, minute, secondsBetween} from './duration.ts';
import {currentStep, type History} from './history.ts';
import type {StepHistory} from './step-history.ts';

/** The hold that a run stands in: until when at the most, and why. */
export interface Hold {
  readonly until: Instant;
  readonly says: string;
}

/** Its deadline is a checkpoint, told in the note beside it. */
export function holdOf({heading, status, notes}: StepHistory): Hold | undefined {
  if (heading.kind !== 'evidence.hold' || status.is === 'done' || status.is === 'waiting') return undefined;
  const told = notes.findLast(({data}) => typeof data['until'] === 'string');
  const found = told?.data['until'];
  const until = typeof found === 'string' ? instant(found) : undefined;
  return told && until && {until, says: told.says.replace(/^held until \S+: /, '')};
}

/** `held until 2026-11-22 09:16Z, 11h36m more at the most: the police wants to look` */
export function holdWords(step: StepHistory, now: Instant): string | undefined {
  const hold = holdOf(step);
  if (!hold) return undefined;
  const left = secondsBetween(now, hold.until);
  return `held until ${minute(hold.until)}, ${left > 0 ? `${duration(left)} more at the most` : 'which is over'}: ${hold.says}`;
}

/** How the hold that the run stands in is ended before its time; none where it stands in none. */
export function releaseLines(history: History): readonly string[] {
  const step = currentStep(history);
  return step && holdOf(step)
    ? [`To end the hold before that:`, `    rebuild release ${history.host}${history.lab ? ' --lab' : ''} -m WHY`]
    : [];
}
