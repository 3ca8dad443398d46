import type {StepId} from '../brand.ts';
import type {Progress} from '../progress.ts';

/** Whether a run gets anywhere. What a step tells again once it has been begun again is none. */
export interface Headway {
  readonly tell: (step: StepId, progress: Progress) => void;
  /** Since this was last asked. */
  readonly made: () => boolean;
}

export function headway(): Headway {
  const furthest = new Map<string, number>();
  let made = false;
  return {
    tell: (step, {says, done = 0}) => {
      const what = `${step} ${says}`;
      if (done <= (furthest.get(what) ?? 0)) return;
      furthest.set(what, done);
      made = true;
    },
    made: () => {
      const was = made;
      made = false;
      return was;
    },
  };
}
