/** How far the light system is with its medium, by our own server's account of what was read. */
export type Stage = 'nothing read' | 'reading' | 'all in RAM';

/** What is known of a medium at one moment, from three sides that need not agree. */
export interface Evidence {
  readonly stage: Stage;
  /** Since a byte of it last left our server, or since the host was started. */
  readonly stillMs: number;
  /** What the BMC says of its slot; `unknown` where it did not answer. */
  readonly slot: 'attached' | 'stale' | 'detached' | 'unknown';
  /** How often in a row it has said so. */
  readonly readings: number;
  /** The boot was left under way by an earlier controller, and nothing has asked this one's server for the rest yet. */
  readonly orphaned: boolean;
  /** The BMC's log says that the medium went, since the host was started from it. */
  readonly loggedLost: boolean;
}

export type MediumVerdict =
  | 'wait'
  /** The BMC says that it has gone, and nothing reads it. */
  | 'lost'
  /** The BMC says that it is there, and nothing reads it. */
  | 'unread'
  /** All of it was read, and nothing came up. */
  | 'silent';

// A server's self-test takes up to ten minutes before it reads its first byte of any medium.
export const firstByteMs = 10 * 60_000;
// The slowest link the project is made for moves 167 kB/s; a minute without a byte is not a slow link.
export const stallMs = 60_000;
// A drive that has outlived its server asks again within seconds, or has reported an error and is done with it.
const orphanMs = 15_000;
// All that is read at boot is in RAM: what is left is unpacking, drivers and the network.
export const unpackMs = 5 * 60_000;
// A drive that has lost its medium asks no more at once; a boot loader that still has it may check for some seconds what it
// has read before it reads on.
const quietMs = 5_000;

/**
 * What to make of it. A BMC may say that a medium is gone which is still read, and that one is there which nothing
 * reads any more: what our server handed out decides. One odd reading is not a loss, a line in the BMC's log is.
 */
export function judgeMedium({stage, stillMs, slot, readings, orphaned, loggedLost}: Evidence): MediumVerdict {
  if (stage === 'all in RAM') return stillMs > unpackMs ? 'silent' : 'wait';
  const saidGone = loggedLost || ((slot === 'detached' || slot === 'stale') && readings >= 2);
  if (saidGone && stillMs > quietMs) return 'lost';
  const patienceMs = stage === 'nothing read' ? firstByteMs : orphaned ? orphanMs : stallMs;
  return stillMs > patienceMs ? 'unread' : 'wait';
}
