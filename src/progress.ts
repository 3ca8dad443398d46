import type {Left} from './plan/forecast/left.ts';

/** How far a piece of work is. It is told while it goes on, and never stored. */
export interface Progress {
  readonly says: string;
  readonly done?: number;
  /** Absent where nobody knows how much it is: nothing is made up then. */
  readonly of?: number;
  readonly unit?: 'bytes' | 'items' | 'seconds';
  /** Of a medium that is read. */
  readonly medium?: MediumReading;
}

export interface MediumReading {
  /** How often it was lost since the step began. */
  readonly lost: number;
  /** Absent where there is nothing yet to tell it from. */
  readonly left?: Left;
}

/** As often as the work likes. */
export type Tell = (progress: Progress) => void;

/** For work that is a part of other work: what it says is preceded by `name`. */
export const within =
  (name: string, tell: Tell): Tell =>
  (progress) =>
    tell({...progress, says: `${name}: ${progress.says}`});
