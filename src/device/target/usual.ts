/** What a connection may take, from what it usually took. Milliseconds. */
export interface Usual {
  /** Without any movement, after which a connection is given up. */
  stallMs(): number;
  /** After which a second attempt to connect begins beside the first. */
  hedgeMs(): number;
  answered(ms: number): void;
  connected(ms: number): void;
}

const leastStallMs = 2500;
const mostStallMs = 60_000;
const leastHedgeMs = 500;

/** The smoothed time, as TCP keeps its own (RFC 6298): an eighth of each new one. */
const smooth = (before: number | undefined, ms: number): number =>
  before === undefined ? ms : before + (ms - before) / 8;

export function usual(): Usual {
  let answer: number | undefined;
  let connect: number | undefined;
  return {
    // A limit that does not follow the link kills a slow one for ever.
    stallMs: () => Math.min(mostStallMs, Math.max(leastStallMs, 4 * (answer ?? 0))),
    // A connection and an SSH handshake take eight round trips or so.
    hedgeMs: () => Math.max(leastHedgeMs, connect === undefined ? 4 * leastHedgeMs : 2 * connect),
    answered: (ms) => void (answer = smooth(answer, ms)),
    connected: (ms) => void (connect = smooth(connect, ms)),
  };
}
