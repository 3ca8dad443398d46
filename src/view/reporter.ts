import type {StepId} from '../brand.ts';
import type {Stored} from '../engine/event.ts';
import type {Progress} from '../step/step.ts';

/** What a run tells while it runs. One for each kind of reader; none of them can make a run fail. */
export interface Reporter {
  /** An event that is durable, in order. */
  event(stored: Stored): void;
  /** Not durable and as often as a step likes. */
  progress(step: StepId, progress: Progress): void;
  /** A line to the person at the terminal that is no event. */
  say(line: string): void;
  /** Nothing more comes: says how it ended and what to type next. Safe to call twice. */
  end(): void;
}
