import type {Fault} from '../fault.ts';
import type {StepHeading} from './event.ts';
import type {EffectStatus, RunState, StepRecord} from './state.ts';

/** What to do next. Pure: the same history always gives the same answer. */
export type Action =
  | {readonly do: 'apply'; readonly step: StepHeading; readonly attempt: number}
  /** A done step of an earlier sitting: is it still true? */
  | {readonly do: 'check'; readonly step: StepHeading}
  | {readonly do: 'stop'; readonly step: StepHeading; readonly fault: Fault}
  | {readonly do: 'finish'}
  | {readonly do: 'rest'};

export function decide(state: RunState): Action {
  if (state.phase !== 'open') return {do: 'rest'};
  for (const [index, step] of state.steps.entries()) {
    const {status, heading} = step;
    switch (status.is) {
      case 'done':
        if (status.checked || superseded(heading, state.steps.slice(index + 1))) continue;
        return {do: 'check', step: heading};
      case 'failed':
        if (status.sitting === state.sitting) return {do: 'stop', step: heading, fault: status.fault};
        return {do: 'apply', step: heading, attempt: step.attempts + 1};
      case 'waiting':
      case 'unsure':
        return {do: 'apply', step: heading, attempt: step.attempts + 1};
      case 'running':
        return {do: 'rest'};
      default:
        return status satisfies never;
    }
  }
  return {do: 'finish'};
}

/** The done steps that a resume has still to check, in order. */
export function unchecked(state: RunState): readonly StepHeading[] {
  if (state.phase !== 'open') return [];
  return state.steps.flatMap(({heading, status}, index) =>
    status.is === 'done' && !status.checked && !superseded(heading, state.steps.slice(index + 1)) ? [heading] : [],
  );
}

/** A later step that was begun once has ended the claim for good, even where it must be applied again. */
const superseded = (heading: StepHeading, later: readonly StepRecord[]): boolean =>
  later.some((step) => step.attempts > 0 && heading.heldUntil.includes(step.heading.kind));

/**
 * Whether an irreversible effect may be sent. Once an intent is on record only the world itself may clear it:
 * `absent` was read from the target, so nothing of it has happened, or what had begun has failed.
 */
export function licence(effect: EffectStatus | undefined): 'send' | 'find' {
  return effect === undefined ? 'send' : 'find';
}
