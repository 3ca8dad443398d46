import type {JsonObject} from '../json.ts';

/** One question that was put to the rebuilt host, and its answer. */
export interface Check {
  /** What was looked at: `ports`, `files`, `contacts`. */
  readonly check: string;
  /** `not made`: nothing is known of it, and `says` tells why. */
  readonly verdict: 'passed' | 'failed' | 'not made';
  /** One line. */
  readonly says: string;
  /** Every difference, one text each; what was found is not trusted and is shown escaped. */
  readonly differences?: readonly string[];
}

export const passed = (check: string, says: string): Check => ({check, verdict: 'passed', says});
export const notMade = (check: string, says: string): Check => ({check, verdict: 'not made', says});

/** Failed where there is any difference; `right` is what is said of none. */
export const judged = (check: string, differences: readonly string[], right: string): Check =>
  differences.length === 0
    ? passed(check, right)
    : {
        check,
        verdict: 'failed',
        says:
          differences.length === 1
            ? (differences[0] as string)
            : `${differences[0]}, and ${differences.length - 1} more`,
        differences: differences.slice(0, most),
      };

// Whoever differs in everything must not fill the journal.
const most = 100;

export const checkData = (checks: readonly Check[]): readonly JsonObject[] =>
  checks.map(({differences, ...check}) => ({...check, ...(differences && {differences})}));
