import type {HostKeyPin, HostName, Serial, Sha256, StepId} from '../brand.ts';
import type {Gate} from '../gate/gate.ts';
import type {JsonObject} from '../json.ts';
import type {LinkSpec} from '../plan/link.ts';
import type {PathSpec} from '../plan/path.ts';
import type {WayKind} from '../step/bmc/state.ts';

/**
 * A runbook as a value: one host, the devices around it, and the ordered steps. `schema.ts` parses the YAML into this;
 * nothing else makes one. References (a step's `disks: [system]`) have been resolved against the names declared here.
 */
export interface Runbook {
  readonly version: 1;
  readonly host: {
    readonly name: HostName;
    /** What the BMC must report before anything is touched. */
    readonly serial: string;
    readonly firmware: 'uefi' | 'bios';
    /** What users were told, in seconds. */
    readonly promiseSeconds?: number;
  };
  /** Where BMC and target can reach this controller; by default the address it uses towards each of them. */
  readonly controller: {readonly address?: string; readonly mediaPort?: number};
  readonly bmc: BmcSpec;
  readonly edge: EdgeSpec;
  /** Places outside the host from which reachability is tested, beside the controller itself. */
  readonly vantages: Readonly<Record<string, SshSpec>>;
  /** How the old system is reached; absent where nothing is asked of it. */
  readonly suspect?: SuspectSpec;
  readonly disks: Readonly<Record<string, DiskSpec>>;
  readonly network: NetworkSpec;
  /** What the operator knows of the way on which images reach the light system. */
  readonly link?: LinkSpec;
  /** Public keys (one authorized_keys line each) that may log in to the new system, beside the run's own. */
  readonly access: {readonly authorizedKeys: readonly string[]};
  /** Absent where no step waits for people. */
  readonly gate?: GateSpec;
  readonly steps: readonly StepEntry[];
}

export interface GateSpec extends Gate {
  /** File with the keys that may approve, relative to the runbook's own folder. */
  readonly signers: string;
}

/** `env:NAME`, `file:PATH` or `command:PROGRAM ARG...`. The runbook never holds the secret itself. */
export type SecretReference = `${'env' | 'file' | 'command'}:${string}`;

export interface BmcSpec {
  readonly driver: 'redfish';
  readonly url: string;
  /** SHA-256 of the leaf certificate in DER. */
  readonly certificate: Sha256;
  readonly user: SecretReference;
  readonly password: SecretReference;
  /** What `bmc.rotate` sets in place of `password`. */
  readonly newpassword?: SecretReference;
  readonly baseline?: BmcBaseline;
  /** What the operator knows of the way over which the BMC reads a medium. */
  readonly path?: PathSpec;
}

/** What a BMC must say of itself: what `bmc.audit` holds against it. */
export interface BmcBaseline {
  /** Role by account name. */
  readonly accounts: Readonly<Record<string, string>>;
  /** Version by the inventory's id or name. */
  readonly firmware: Readonly<Record<string, string>>;
  /** Where it may send events to, as URLs. */
  readonly subscriptions: readonly string[];
  /** Directories that may vouch for users. */
  readonly directories: readonly string[];
  /** Ways from the host that may stay open. */
  readonly open: readonly WayKind[];
}

export interface SshSpec {
  readonly address: string;
  readonly port: number;
  readonly user: string;
  readonly hostKey: HostKeyPin;
  readonly key: SecretReference;
}

export interface SuspectSpec extends SshSpec {
  readonly system: 'linux' | 'windows';
}

export type EdgeSpec = NftablesEdgeSpec | SwitchEdgeSpec;

export interface NftablesEdgeSpec extends SshSpec {
  readonly driver: 'nftables';
  /** The gateway's interface or bridge port that leads to the host. */
  readonly interface: string;
}

/** The lab's switch in user space. No file names it: the lab puts it in place of the file's own edge. */
export interface SwitchEdgeSpec {
  readonly driver: 'switch';
  /** The router's address on the host's network, from which the host sees this controller come. */
  readonly address: string;
  /** The switch's port that leads to the host. */
  readonly interface: string;
  /** The unix socket over which the switch is set and read. */
  readonly control: string;
  /** Other hosts on the switch to look from: their addresses by name. */
  readonly neighbours: Readonly<Record<string, string>>;
}

export interface DiskSpec {
  readonly name: string;
  readonly serial: Serial;
  readonly sizeBytes: number;
  readonly keep: boolean;
  /** World wide name, `naa.5000c500a1b2c3d4`: what the disk must show beside its serial number. */
  readonly wwn?: string;
  /** Only this partition, by number or PARTUUID, of the disk with the serial number `of`; `serial` names both. */
  readonly partition?: {readonly of: Serial; readonly is: string};
  /** Memory that the light system leaves alone, from this byte on; gone when the power is. */
  readonly ram?: {readonly from: number};
}

export interface NetworkSpec {
  /** The host's network interface, lower case, colons. */
  readonly mac: string;
  /** IPv4 with prefix length, `203.0.113.20/24`. */
  readonly address: string;
  readonly gateway: string;
  readonly dns: readonly string[];
  /** Other addresses of the host, IPv4 or IPv6, under which nothing may answer: those of the old system, for one. */
  readonly aliases?: readonly string[];
  /** Where the controller reaches the host's SSH when that is not `address` and port 22 (port forwarding). */
  readonly reach?: {readonly address: string; readonly port: number};
}

export interface StepEntry {
  readonly id: StepId;
  /** The step kind, `disk.wipe`. */
  readonly kind: string;
  /** Validated by the kind's own schema; disk names are still names here. */
  readonly params: JsonObject;
  /** Where the step stands in its file, for faults: 1-based. */
  readonly place: Place;
}

export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** A TCP or UDP port as runbooks write it: `tcp/22`. */
export type Port = TcpPort | UdpPort;
export type TcpPort = `tcp/${number}`;
export type UdpPort = `udp/${number}`;
