import {fault} from '../../fault.ts';
import {failed, ok, type Result} from '../../result.ts';
import {contains, ipv4, ipv4Text, isHost, subnet} from '../../runbook/ipv4.ts';
import type {NetworkSpec} from '../../runbook/runbook.ts';

/** The hosts of a lab's network, each with a network stack of its own. */
export const stations = ['controller', 'metal', 'gateway', 'neighbour', 'outside'] as const;
export type Station = (typeof stations)[number];

/**
 * Who is where. `metal` carries the BMC on the management network and the machine's wire into the LAN; the LAN is the
 * runbook's own network, so the host gets the address its runbook gives it.
 */
export interface Layout {
  readonly management: {
    readonly prefix: number;
    readonly gateway: string;
    readonly controller: string;
    readonly bmc: string;
  };
  readonly lan: {readonly prefix: number; readonly gateway: string; readonly host: string; readonly neighbour: string};
  readonly wan: {readonly prefix: number; readonly gateway: string; readonly outside: string};
  /** The gateway's bridge port that leads to the host. */
  readonly hostPort: string;
}

const management = {prefix: 24, gateway: '10.9.0.1', controller: '10.9.0.2', bmc: '10.9.0.31'};
// TEST-NET-2 (RFC 5737): nobody's address.
const wan = {prefix: 24, gateway: '198.51.100.1', outside: '198.51.100.10'};

/** Documentation's own addresses (RFC 3849). No runbook names the host's network over IPv6, so that it is always this. */
export const six = {
  prefix: 64,
  management: {gateway: '2001:db8:9::1', controller: '2001:db8:9::2'},
  lan: {gateway: '2001:db8:1::1', host: '2001:db8:1::20', neighbour: '2001:db8:1::30'},
  wan: {gateway: '2001:db8:2::1', outside: '2001:db8:2::10'},
} as const;

export function layoutFor({address, gateway}: Pick<NetworkSpec, 'address' | 'gateway'>): Result<Layout> {
  const lan = subnet(address);
  const [host = ''] = address.split('/');
  const router = ipv4(gateway);
  if (lan === undefined || router === undefined || !contains(lan, router))
    return failed(fault('lab.failed', `the lab needs the gateway ${gateway} inside the network of ${address}`));
  for (const taken of [management.gateway, wan.gateway])
    if (contains(lan, ipv4(taken) ?? 0) || overlaps(lan, taken))
      return failed(fault('lab.failed', `the lab itself uses ${taken}/24, which the network of ${address} overlaps`));
  const neighbour = freeAddress(lan, [lan.address, router]);
  if (neighbour === undefined)
    return failed(fault('lab.failed', `the network of ${address} has no room for the lab's neighbour`));
  return ok({
    management,
    lan: {prefix: lan.prefix, gateway, host, neighbour},
    wan,
    hostPort: 'host0',
  });
}

const overlaps = (lan: {readonly first: number; readonly last: number}, gateway: string): boolean => {
  const other = subnet(`${gateway}/24`);
  return other !== undefined && other.first <= lan.last && lan.first <= other.last;
};

/** Ten above the host where that is free, else the first free one. */
function freeAddress(lan: NonNullable<ReturnType<typeof subnet>>, taken: readonly number[]): string | undefined {
  const free = (at: number): boolean => contains(lan, at) && isHost(lan, at) && !taken.includes(at);
  if (free(lan.address + 10)) return ipv4Text(lan.address + 10);
  for (let at = lan.first; at <= Math.min(lan.last, lan.first + 8); at++) if (free(at)) return ipv4Text(at);
  return undefined;
}
