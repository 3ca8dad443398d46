import type {Json} from '../../json.ts';
import type {Result} from '../../result.ts';
import type {BmcPassword, BmcState} from '../bmc/state.ts';
import type {ControllerLog} from '../health/drive.ts';
import type {DriveMap} from '../health/drive-map.ts';

// The management controller.

export interface SystemFacts {
  readonly vendor: string;
  readonly model: string;
  readonly serial: string;
  readonly power: Power;
  /** The vendor profile in use, `generic` where none fits. */
  readonly profile: string;
}

export type Power = 'on' | 'off';

export type MediaState =
  | {readonly state: 'attached'; readonly image: string}
  /** The BMC says inserted and contradicts itself, or shows an image we did not insert. */
  | {readonly state: 'stale'; readonly image: string}
  | {readonly state: 'detached'};

export interface DriveFacts {
  readonly serial: string;
  readonly vendor: string;
  readonly model: string;
  readonly sizeBytes: number;
}

/** What a BMC's own log says of its virtual media. Its clock and its words are the BMC's: evidence, never an order. */
export interface BmcEvent {
  readonly is: 'inserted' | 'ejected';
  /** Who or what took it out, as far as the log tells. */
  readonly by: 'reset' | 'other';
  /** `35.169` and the like; empty where the BMC numbers nothing. */
  readonly code: string;
  readonly says: string;
}

export interface BmcEvents {
  /** Oldest first; only those written after the mark that was given. */
  readonly events: readonly BmcEvent[];
  /** Where to read on from. */
  readonly mark: string;
}

/** One resource of a BMC as it answered: hostile, and kept as it came. */
export interface BmcPaper {
  readonly path: string;
  readonly body?: Json;
  /** Why it could not be read. */
  readonly trouble?: string;
}

/** The host's screen as its BMC showed it: hostile, and looked at no further than to its first bytes. */
export interface BmcScreen {
  /** What it begins like. */
  readonly form: 'png' | 'jpg';
  readonly data: Uint8Array;
  /** The path of the BMC's action: letters, digits and `._-/`. */
  readonly asked: string;
}

/** What a BMC has on record of drives and controllers. Its words, as it gives them: evidence, never an order. */
export interface BmcHealth {
  /** A map for each storage controller that it knows. */
  readonly maps: readonly DriveMap[];
  /** What each of its logs says of drives and controllers, an entry a line, oldest first. */
  readonly logs: readonly ControllerLog[];
  /** What it has and does not give, each with the reason. */
  readonly unread: readonly string[];
}

export interface BmcPapers {
  readonly papers: readonly BmcPaper[];
  /** Why there is more that was not read: it stopped answering, or it tells more than is taken. */
  readonly cut?: 'lost' | 'limit';
}

export interface BmcLook {
  system(): Promise<Result<SystemFacts>>;
  media(): Promise<Result<MediaState>>;
  /**
   * What the BMC's log has to say of virtual media since `mark`; without a mark, only where the log ends now.
   * Undefined where it keeps no log that can be read.
   */
  events(mark?: string): Promise<Result<BmcEvents | undefined>>;
  /** Drives as the BMC sees them, from outside the host; undefined where it has no such view. */
  drives(): Promise<Result<readonly DriveFacts[] | undefined>>;
  /** What it has on record of drives and their controllers: its inventory, and its logs as they came. */
  health(): Promise<Result<BmcHealth>>;
  /** Who may use it and over which ways; `access` leaves out the firmware, which takes minutes on some. */
  state(depth: 'access' | 'all'): Promise<Result<BmcState>>;
  /**
   * Whether a new login is taken with that password; the login is ended at once. One try, as each that fails counts:
   * some BMCs lock an account after three.
   */
  takes(password: BmcPassword): Promise<Result<boolean>>;
  /** All that the BMC tells of itself and of the machine, for the evidence. */
  papers(signal: AbortSignal): Promise<Result<BmcPapers>>;
}

export interface Bmc extends BmcLook {
  /**
   * A picture of the host's screen, which the BMC makes when it is told to. `bmc.screen-not-shown` where this BMC has no
   * such thing; `bmc.screen-unreadable` where what it sent is no picture.
   */
  screen(signal: AbortSignal): Promise<Result<BmcScreen>>;
  /** Disables it, then deletes it, or empties its slot where slots are fixed. Not there: done. Refused for our own. */
  removeAccount(id: string, signal: AbortSignal): Promise<Result<'deleted' | 'emptied' | 'disabled'>>;
  /** Not there: done. Refused for our own. */
  endSession(id: string, signal: AbortSignal): Promise<Result<void>>;
  removeSubscription(id: string, signal: AbortSignal): Promise<Result<void>>;
  /** Closes a way from the host, by its name, and reads back that it is. */
  closeWay(name: string, signal: AbortSignal): Promise<Result<void>>;
  /**
   * Sets the password that `bmc.newpassword` names. The session in use is kept until a new login has been taken with it; it
   * takes that one's place. Where the BMC takes neither password any more, the old one is put back over that session.
   */
  changePassword(signal: AbortSignal): Promise<Result<void>>;
  /** Mounts `url` as the virtual CD. Succeeds only once the slot itself shows it; a 2xx proves nothing. */
  insert(url: string, signal: AbortSignal): Promise<Result<MediaState>>;
  /** Empties the slot, whatever it claims to hold; polls until it is empty. */
  eject(signal: AbortSignal): Promise<Result<MediaState>>;
  /** The next start, and only that one, is from the virtual CD. Read back before it returns. */
  bootCdOnce(signal: AbortSignal): Promise<Result<void>>;
  /** Takes any boot override back. */
  bootNormally(signal: AbortSignal): Promise<Result<void>>;
  /** Hard power state; polls until the BMC reports it. Already so: done. */
  power(want: Power, signal: AbortSignal): Promise<Result<void>>;
}
