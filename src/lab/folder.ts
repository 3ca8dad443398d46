import {createHash} from 'node:crypto';
import {join} from 'node:path';
import {existsSync, readdirSync, readlinkSync} from 'node:fs';
import {hostName, type HostName} from '../brand.ts';
import {home} from '../home.ts';

/** A lab's files. Everything below `directory` is the lab's own and goes when it is taken down. */
export interface LabFolder {
  readonly directory: string;
  /** Eight hex digits that tell this lab from one of the same host name kept elsewhere on the machine. */
  readonly tag: string;
  /** The keeper's unix socket. */
  readonly control: string;
  /** QEMU's monitor socket. */
  readonly monitor: string;
  /** Where QEMU hands over what goes through a cable that something ails. */
  readonly cable: string;
  /** What the lab is made of, once it is up. */
  readonly description: string;
  /** What the keeper has been told to build. */
  readonly blueprint: string;
  readonly serialConsole: string;
  readonly keys: string;
  readonly disks: string;
  readonly firmwareVariables: string;
  readonly keeperLog: string;
  readonly machineLog: string;
  /** One JSON line per request to the BMC. */
  readonly accessLog: string;
  /** One JSON line per fault that struck or was mended. */
  readonly strikes: string;
  /** The journal of the lab's runs: beside the lab, and it outlives it. */
  readonly journal: string;
}

/** Hosts that a lab was brought up for, whether or not somebody still keeps it. */
export function labHosts({state} = home()): readonly HostName[] {
  const machines = machinesIn(state);
  return existsSync(machines) ? readdirSync(machines).flatMap((name) => hostName(name) ?? []) : [];
}

/** Beside the journal of the lab's runs. */
const machinesIn = (state: string): string => join(state, 'lab', 'machines');

/** Where this home keeps the host's lab, or points to that of another (`borrow`). */
export const labPlace = (host: HostName, {state} = home()): string => join(machinesIn(state), host);

/** What a link points to; undefined where there is none. */
export function linkedFrom(place: string): string | undefined {
  try {
    return readlinkSync(place);
  } catch {
    return undefined;
  }
}

export function labFolder(host: HostName, where = home()): LabFolder {
  const place = labPlace(host, where);
  return labFolderAt(linkedFrom(place) ?? place);
}

export function labFolderAt(directory: string): LabFolder {
  return {
    directory,
    tag: createHash('sha256').update(directory).digest('hex').slice(0, 8),
    control: join(directory, 'control.sock'),
    monitor: join(directory, 'monitor.sock'),
    cable: join(directory, 'cable.sock'),
    description: join(directory, 'lab.json'),
    blueprint: join(directory, 'blueprint.json'),
    serialConsole: join(directory, 'serial.log'),
    keys: join(directory, 'keys'),
    disks: join(directory, 'disks'),
    firmwareVariables: join(directory, 'firmware-variables.fd'),
    keeperLog: join(directory, 'keeper.log'),
    machineLog: join(directory, 'machine.log'),
    accessLog: join(directory, 'bmc-access.jsonl'),
    strikes: join(directory, 'strikes.jsonl'),
    journal: join(directory, '..', '..', 'journal.sqlite'),
  };
}

// sun_path of struct sockaddr_un holds 108 bytes with its final zero (unix(7)); Node cuts a longer one silently.
const longestSocketPath = 107;

export const socketFits = (path: string): boolean => Buffer.byteLength(path) <= longestSocketPath;
