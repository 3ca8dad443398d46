/** The exit codes, an interface since the first release. `rebuild explain exit` prints them. */
export const exit = {
  done: 0,
  /** A step failed; the run is open and `rebuild resume` goes on. */
  failed: 1,
  /** Wrong usage or an invalid runbook. Nothing was touched. */
  usage: 2,
  /** Refused by a safety gate: wrong name, stale plan, lease held, disk not in the plan. Nothing was touched. */
  refused: 3,
  /** Waits for a person. */
  waits: 4,
  bug: 70,
  /** Interrupted; the checkpoint is kept. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof exit)[keyof typeof exit];
