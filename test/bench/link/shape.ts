/** What a link does to the packets on it, the same in each direction. */
export interface LinkShape {
  /** Bytes of IP packets a second. */
  readonly bytesPerSecond: number;
  readonly roundTripMs: number;
  /** Of packets, 0..1, independent of each other. */
  readonly loss: number;
  /** What a sender can be ahead of the link before packets are dropped. */
  readonly queueMs: number;
}

/** The issue is settled on these two: a common line with a common fault, and the line of the incident. */
export const fast: LinkShape = {bytesPerSecond: 12_500_000, roundTripMs: 20, loss: 0.001, queueMs: 50};
export const slow: LinkShape = {bytesPerSecond: 167_000, roundTripMs: 60, loss: 0.001, queueMs: 250};

export const describeShape = ({bytesPerSecond, roundTripMs, loss}: LinkShape): string =>
  `${rate(bytesPerSecond)}, ${roundTripMs} ms, ${Number((loss * 100).toFixed(3))} % loss`;

const rate = (bytes: number): string => (bytes >= 1e6 ? `${(bytes * 8) / 1e6} Mbit/s` : `${bytes / 1000} kB/s`);
