import type {Sha256} from '../../brand.ts';

/**
 * What a BMC says of who may use it, and over which ways. It is the BMC's own word, cut to a length, and as untrusted as
 * the BMC is: a compromised one can leave out what it likes. What it does not hide can be mended.
 */
export interface BmcState {
  readonly accounts: readonly BmcAccount[];
  readonly sessions: readonly BmcSession[];
  readonly subscriptions: readonly BmcSubscription[];
  /** Services that vouch for accounts it does not list, as far as they are switched on: `ldap`, `active directory`. */
  readonly directories: readonly string[];
  /** Ways from the host to the BMC. */
  readonly ways: readonly HostWay[];
  /** What its virtual drives hold. */
  readonly media: readonly {readonly slot: string; readonly image: string}[];
  /** SHA-256 of each certificate it lists for its web server; empty where it lists none. */
  readonly certificates: readonly Sha256[];
  /** Empty where only access was asked for. */
  readonly firmware: readonly BmcFirmware[];
}

export interface BmcAccount {
  readonly id: string;
  readonly name: string;
  readonly role: string;
  readonly enabled: boolean;
  /** The one this run logs in with. */
  readonly own: boolean;
}

export interface BmcSession {
  readonly id: string;
  readonly user: string;
  /** Where from, and what for, as far as the BMC says; may be empty. */
  readonly from: string;
  /** The one this run works in. */
  readonly own: boolean;
}

/** Somebody to whom the BMC reports. */
export interface BmcSubscription {
  readonly id: string;
  readonly destination: string;
}

export interface BmcFirmware {
  readonly id: string;
  readonly name: string;
  readonly version: string;
}

export const wayKinds = ['host-interface', 'bootstrapping', 'kcs', 'tools'] as const;
/**
 * `host-interface`: a network between host and BMC. `bootstrapping`: accounts that the host may make itself on it. `kcs`:
 * IPMI commands from the host's kernel, with no password. `tools`: a vendor's program on the host.
 */
export type WayKind = (typeof wayKinds)[number];

export interface HostWay {
  readonly kind: WayKind;
  /** Unique: `host-interface 1`. */
  readonly name: string;
  readonly state: 'open' | 'closed' | 'unknown';
  /** Why the BMC cannot be told to close it; undefined where it can. */
  readonly stays?: string;
}

/** The two passwords of the BMC's account, by the names that the runbook has for where they come from. */
export type BmcPassword = 'password' | 'newpassword';
