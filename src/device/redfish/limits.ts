/** What one exchange with a BMC may take. A BMC is a slow machine: minutes after its own start it still answers in seconds. */
export interface Limits {
  readonly connectMs: number;
  /** From the request sent to the answer's headers. Dell answers InsertMedia only after it has tried the image. */
  readonly headersMs: number;
  /** A whole exchange, body included. */
  readonly exchangeMs: number;
  readonly bodyBytes: number;
  readonly connections: number;
}

export const limits: Limits = {
  connectMs: 15_000,
  headersMs: 60_000,
  exchangeMs: 90_000,
  // The largest resource recorded (a Dell manager) is 11 kB; a firmware registry is near 1 MB.
  bodyBytes: 4 << 20,
  connections: 4,
};
