import {firstByteMs} from '../medium/evidence.ts';

/** What is known at one moment of an ISO that an installer reads as it runs. */
export interface InstallerEvidence {
  readonly begun: boolean;
  /** As much of it was read as an installer reads. */
  readonly enough: boolean;
  /** A port tells when it is needed no more. Without one it is needed until enough was read. */
  readonly untilPort: boolean;
  /** Since a byte of it last left our server, or since the host was started. */
  readonly stillMs: number;
  /** How often in a row the slot has held something else, or nothing. */
  readonly gone: number;
  /** The BMC's log says that the medium went, since the host was started from it. */
  readonly loggedLost: boolean;
  /** No installer of this kind goes on for longer without reading. */
  readonly silenceMs: number;
}

export type InstallerVerdict =
  | 'wait'
  /** The BMC says that it has gone, and nothing reads it. */
  | 'lost'
  /** The BMC says nothing of the kind, and nothing has ever read it. */
  | 'never read'
  /** The BMC says nothing of the kind, and nothing reads it any more. */
  | 'read no more';

// One that has lost its medium asks no more at once; a slot that says so while bytes flow is wrong.
const quietMs = 5_000;

/** What to make of it: what our server handed out decides, whatever the BMC shows. One odd reading is not a loss. Pure. */
export function judgeInstaller(evidence: InstallerEvidence): InstallerVerdict {
  const {begun, enough, untilPort, stillMs, gone, loggedLost, silenceMs} = evidence;
  if (enough && !untilPort) return 'wait';
  if ((loggedLost || gone >= 2) && stillMs > quietMs) return 'lost';
  if (!begun) return stillMs > firstByteMs ? 'never read' : 'wait';
  return !enough && stillMs > silenceMs ? 'read no more' : 'wait';
}
