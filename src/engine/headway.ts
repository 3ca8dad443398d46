import type {StepId} from '../brand.ts';
import type {Clock} from '../clock.ts';
import type {Progress} from '../progress.ts';
import type {Headway} from '../step/outage.ts';

interface Kept extends Headway {
  /** A step is begun, or a part of it is on record: what is done from here on is done again if it breaks off. */
  readonly mark: () => void;
  readonly tell: (step: StepId, progress: Progress) => void;
}

/** Whether a run gets anywhere. What a step tells again once it has been begun again is none. */
export function headway(clock: Clock): Kept {
  const furthest = new Map<string, number>();
  let made = false;
  let at = clock.ticks();
  const mark = () => {
    at = clock.ticks();
  };
  return {
    mark,
    tell: (step, {says, done, of = 0}) => {
      if (done === undefined) return;
      const what = `${step} ${says}`;
      // By what is left: a step that goes on counts from where it was.
      const reached = done - of;
      if (reached <= (furthest.get(what) ?? -Infinity)) return;
      furthest.set(what, reached);
      made = true;
      mark();
    },
    made: () => {
      const was = made;
      made = false;
      return was;
    },
    at: () => at,
  };
}
