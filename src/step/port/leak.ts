import type {JsonObject} from '../../json.ts';
import {contains, ipv4, networks} from '../../runbook/ipv4.ts';
import type {Port} from '../../runbook/runbook.ts';
import type {EdgePolicy, Flow, Flows} from '../world/edge.ts';
import type {Reach} from '../world/vantage.ts';

/** One path to the host, tried from a place outside. */
export interface Tried {
  readonly from: string;
  readonly address: string;
  readonly port: Port;
  readonly reach: Reach;
}

export const openPaths = (tried: readonly Tried[]): readonly Tried[] => tried.filter(({reach}) => reach === 'open');

/** A question for a neighbour's place. */
const arp = 'arp';

/** `tcp/443 of 203.0.113.20 from outside`. */
export const pathText = ({from, address, port}: Omit<Tried, 'reach'>): string => `${port} of ${address} from ${from}`;

/** `tcp/443 to 198.51.100.10`. */
export const flowText = ({protocol, address, port}: Flow): string =>
  `${protocol}${port === undefined ? '' : `/${port}`} to ${address}`;

/** A flow as a proof has it. */
export const flowData = ({packets, ...flow}: Flow): JsonObject => ({to: flowText({packets, ...flow}), packets});

/**
 * What the host got through to and was not let: under a quarantine everything but the places it may reach, under a
 * list of ports everything there is. Of the services of a host that serves nothing is said: those are not begun by it.
 * Whom it may speak with it may look for, its gateway in any case.
 */
export function leaks(flows: Flows, policy: EdgePolicy, gateway: string): readonly Flow[] {
  const passed = flows.passed.filter(({protocol, address}) => protocol !== arp || address !== gateway);
  switch (policy.mode) {
    case 'quarantine': {
      const reach = new Set(policy.reach ?? []);
      const resolver = new Set(policy.resolver ?? []);
      return passed.filter(
        ({protocol, address, port}) =>
          !(protocol === arp && isPeer(policy, address)) &&
          !(protocol === 'tcp' && reach.has(`${address}:${port}`)) &&
          !((protocol === 'tcp' || protocol === 'udp') && port === 53 && resolver.has(address)),
      );
    }
    case 'blocking':
      return passed;
    case 'serving':
      return [];
    default:
      return policy satisfies never;
  }
}

/** Whom a host in quarantine speaks with: those admitted, some of them as whole networks, and where it may go itself. */
function isPeer({admit, reach = [], resolver = []}: EdgePolicy & {mode: 'quarantine'}, address: string): boolean {
  const asked = ipv4(address);
  return (
    reach.some((place) => place.startsWith(`${address}:`)) ||
    resolver.includes(address) ||
    (asked !== undefined && networks(admit).some((net) => contains(net, asked)))
  );
}

/** What the host began and did not get through with, the packets that it lost. Where its gateway is, it may ask. */
export function refused({tried, passed}: Flows, gateway: string): readonly Flow[] {
  const through = new Map(passed.map((flow) => [flowText(flow), flow.packets]));
  return tried
    .filter(({protocol, address}) => protocol !== arp || address !== gateway)
    .map((flow) => ({...flow, packets: flow.packets - (through.get(flowText(flow)) ?? 0)}))
    .filter(({packets}) => packets > 0);
}

/** The first few of a list, and how many more there are. */
export function few(texts: readonly string[], most = 3): string {
  const more = texts.length - most;
  return more > 0 ? `${texts.slice(0, most).join(', ')} and ${more} more` : texts.join(', ');
}
