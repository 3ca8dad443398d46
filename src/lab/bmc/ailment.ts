/** What the BMC can be made to suffer from. Each count is used up by the requests it spoils. */
export interface Ailments {
  /** The next requests are answered 500. */
  failNext(requests: number): void;
  /** Every session is forgotten; the next requests, valid or not, are answered 401. */
  forgetSessions(requests: number): void;
  /** What becomes of this request. */
  strike(): 'none' | 'error' | 'forgotten';
  readonly left: () => {readonly errors: number; readonly forgotten: number};
}

export function ailments(): Ailments {
  let errors = 0;
  let forgotten = 0;
  return {
    failNext: (requests) => (errors = requests),
    forgetSessions: (requests) => (forgotten = requests),
    left: () => ({errors, forgotten}),
    strike() {
      if (errors > 0) {
        errors -= 1;
        return 'error';
      }
      if (forgotten > 0) {
        forgotten -= 1;
        return 'forgotten';
      }
      return 'none';
    },
  };
}
