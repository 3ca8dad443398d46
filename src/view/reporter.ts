import type {StepId} from '../brand.ts';
import type {Stored} from '../engine/event.ts';
import type {Progress} from '../progress.ts';

/** What a run tells while it runs. One for each kind of reader; none of them can make a run fail. */
export interface Reporter {
  /** An event that is durable, in order. */
  event(stored: Stored): void;
  /** Not durable and as often as a step likes; without a step, of what the one that runs waits for. */
  progress(step: StepId | undefined, progress: Progress): void;
  /** A line to the person at the terminal that is no event. */
  say(line: string): void;
  /** The run stops after the present step: what Ctrl-C does is another thing from now on. */
  stopping(): void;
  /** Nothing more comes: says how it ended and what to type next. Safe to call twice. */
  end(): void;
}
