/** How far a piece of work is. It is told while it goes on, and never stored. */
export interface Progress {
  readonly says: string;
  readonly done?: number;
  /** Absent where nobody knows how much it is: nothing is made up then. */
  readonly of?: number;
  readonly unit?: 'bytes' | 'items' | 'seconds';
  /** P(what is left gets through before the medium is lost again), where there is anything to tell it from. */
  readonly chance?: number;
}

/** As often as the work likes. */
export type Tell = (progress: Progress) => void;

/** For work that is a part of other work: what it says is preceded by `name`. */
export const within =
  (name: string, tell: Tell): Tell =>
  (progress) =>
    tell({...progress, says: `${name}: ${progress.says}`});
