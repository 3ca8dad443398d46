import type {HostName} from '../../brand.ts';

/** Where on the gateway the host is. */
export interface Site {
  readonly host: HostName;
  /** The host's IPv4 address. It has no other: IPv6 is closed under every policy. */
  readonly address: string;
  /**
   * The bridge port, or the routed interface, that leads to this host and to nobody else: what comes in by it is taken
   * for the host's, whatever sender it claims.
   */
  readonly interface: string;
  /** The router on the host's own network, where that is another machine than this gateway. */
  readonly router?: string;
  /** The host's MAC address, lower case; frames that claim another sender are refused. */
  readonly mac?: string;
}

/** One table in each of two families carries this name and holds all that is ours on the gateway for this host. */
export const tableName = ({host}: Site): string => `rebuild-${host}`;

/** Beside them, two tables that judge nothing and remember what the host began. */
export const witnessName = ({host}: Site): string => `rebuild-${host}-seen`;
