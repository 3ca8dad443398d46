import type {FaultCode} from '../fault.ts';

/** What breaks in on a step from outside. */
export const causes = [
  /** The slot is empty, or the BMC's log says that it was emptied, and nothing is read any more. */
  'medium lost',
  /** The BMC shows the medium and has stopped reading it, or never began. */
  'medium unread',
  /** The medium was read, and the light system did not come up: nothing came, or another system. */
  'not started',
  /** The BMC did not take the medium or did not answer. */
  'bmc trouble',
  /** The connection to the target broke, or nothing moved on it. */
  'link cut',
  /** The target went down and its RAM with it. */
  'target restarted',
  /** The gateway no longer held the rules that isolate the host. */
  'isolation lost',
] as const;
export type Cause = (typeof causes)[number];

/** How a step ends where its connection to the host did. */
export const isCutOff = (code: FaultCode): boolean => code === 'ssh.lost' || code === 'ssh.unreachable';

/** Something broke in. Recorded when it is noticed, so that it stays on record whatever happens next. */
export interface Interruption {
  readonly cause: Cause;
  /** One line: what was seen of it. */
  readonly says: string;
  /** For so long nothing had progressed when this was recorded; 0 where nothing was lost. */
  readonly seconds: number;
  /** Bytes to be read or sent a second time. */
  readonly bytesAgain: number;
  /** Tries it took so far to go on: mounts and boots, or connections. */
  readonly attempts: number;
  /** It is over, and `seconds` is all it cost. Else the step goes on to make up for it. */
  readonly over: boolean;
}

/** The step is back where an interruption had met it. */
export interface Regained {
  /** From the last progress before the interruption. */
  readonly seconds: number;
  /** Tries it took. */
  readonly attempts: number;
}

/** One mount of a medium, as our own server saw it read: what a later forecast of the same path rests on. */
export interface MediumWatch {
  /** Mounted, and ours to lose, for so long. */
  readonly mountedSeconds: number;
  /** From the first byte to the last. */
  readonly readSeconds: number;
  readonly bytes: number;
  readonly lost: boolean;
}

/** Between two readings of a clock's ticks, in seconds; a record needs no more than milliseconds. */
export const secondsBetween = (from: number, to: number): number => Math.round(to - from) / 1000;
