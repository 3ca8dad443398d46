import type {Instant} from '../brand.ts';
import type {History, Leaving} from './history.ts';

/** Between two sittings: nobody drove the run. */
export interface Gap {
  readonly from: Instant;
  readonly to: Instant;
  readonly why: Leaving;
}

export const gapsOf = ({sittings}: History): readonly Gap[] =>
  sittings.flatMap(({left}, index) => {
    const next = sittings[index + 1];
    return left && next ? [{from: left.at, to: next.at, why: left.why}] : [];
  });
