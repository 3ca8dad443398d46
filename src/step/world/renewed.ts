import type {HostKeyPin} from '../../brand.ts';
import type {Result} from '../../result.ts';
import type {Port} from '../../runbook/runbook.ts';
import type {TreeEntry} from '../system/tree.ts';

// The new system.

export interface RenewedFacts {
  readonly bootId: string;
  readonly hostname: string;
  readonly hostPin: HostKeyPin;
  /** IPv4 addresses with prefix length, per interface MAC. */
  readonly addresses: Readonly<Record<string, readonly string[]>>;
  readonly defaultGateway: string | undefined;
  /** Serial number of the disk that holds the root file system. */
  readonly rootDisk: string | undefined;
  readonly release: string;
  /** Which image was installed: its digest, as the install wrote it. */
  readonly image: string | undefined;
}

/** What of the new system could let somebody stay, as it says itself. */
export interface Inventory {
  /** What starts by itself, keys, SUID files: files and links, with the digests of files. */
  readonly entries: readonly TreeEntry[];
  /** Sockets that take connections or datagrams. */
  readonly listeners: readonly {readonly port: Port; readonly address: string}[];
}

export interface RenewedLook {
  inventory(): Promise<Result<Inventory>>;
  /** Asks the new system over SSH with the pinned key; a fault where it does not answer or is another. */
  hello(): Promise<Result<RenewedFacts>>;
}
