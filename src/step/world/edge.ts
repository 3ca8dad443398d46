import type {Sha256} from '../../brand.ts';
import type {Result} from '../../result.ts';
import type {Port} from '../../runbook/runbook.ts';

// The edge: where the host's port is isolated from outside.

export type EdgePolicy =
  /**
   * Nothing to or from the host, IPv4 and IPv6, routed and bridged, but SSH from the addresses admitted, and the TCP
   * connections that the host opens to exactly the places in `reach`, `203.0.113.30:8080`; none where it is absent.
   * DNS is closed with the rest, but to the servers in `resolver`: our own, by address.
   */
  | {
      readonly mode: 'quarantine';
      readonly admit: readonly string[];
      readonly reach?: readonly string[];
      readonly resolver?: readonly string[];
    }
  /**
   * Only the ports in `block` are refused, both ways; everything else passes. It is what people do first, and no
   * isolation: `flows` shows what goes around it. `admit` keeps SSH whatever `block` says.
   */
  | {readonly mode: 'blocking'; readonly admit: readonly string[]; readonly block: readonly Port[]}
  /**
   * Inbound only `open`; outbound only new connections to the ports `out`, and answers. Outbound reaches as far as the
   * gateway routes: a neighbour on the host's own network, which a bridge alone lies before, is not reached. `block` is
   * refused in both directions whatever `open` and `out` say; `admit` keeps SSH whatever `block` says.
   */
  | {
      readonly mode: 'serving';
      readonly admit: readonly string[];
      readonly open: readonly Port[];
      readonly out: readonly Port[];
      readonly block: readonly Port[];
    };

/** Packets of one kind between the host and one place elsewhere, as the edge itself counted them. */
export interface Flow {
  /** `tcp`, `udp`, or the number or name of another protocol over IP. */
  readonly protocol: string;
  /** The other side's address, IPv4 or IPv6. */
  readonly address: string;
  /** The port there; absent where the protocol has none. */
  readonly port?: number;
  readonly packets: number;
}

/** What the edge saw the host begin, since the policy was set: the first packet of each connection, and every datagram. */
export interface Flows {
  /** Whatever became of it. */
  readonly tried: readonly Flow[];
  /** What went on to where it was for: through our rules and everybody else's there. */
  readonly passed: readonly Flow[];
  /** More than the edge has room to remember: what is not in the lists may have been. */
  readonly full: boolean;
}

/**
 * What every edge can be asked, whatever enforces there: nftables on a gateway, a VLAN of a switch, a provider's API.
 * One that cannot hold a policy refuses it with `edge.not-as-set`, before anything is changed.
 */
export interface EdgeLook {
  /** The policy now in force for this host, read from the gateway's own rules; undefined where there is none of ours. */
  policy(): Promise<Result<EdgePolicy | undefined>>;
  /** How the gateway counts what it refused for this host since the policy was set. */
  refused(): Promise<Result<{readonly packets: number}>>;
  /** Undefined where the edge keeps no such record, or where there is none of ours. */
  flows(): Promise<Result<Flows | undefined>>;
  /** SHA-256 over everything that the edge holds, others' rules included: equal before and after, nothing was left. */
  digest(): Promise<Result<Sha256>>;
}

export interface Edge extends EdgeLook {
  /**
   * Replaces the policy in one transaction, reads it back, and confirms it over a new connection. Where none can be
   * made, the edge takes the change back by itself, and the fault is `edge.reverted`.
   */
  enforce(policy: EdgePolicy): Promise<Result<void>>;
  /** Removes our rules for this host and nothing else. */
  lift(): Promise<Result<void>>;
}
