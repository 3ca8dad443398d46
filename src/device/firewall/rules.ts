import {contains, ipv4, ipv4Text, subnet, type Subnet} from '../../runbook/ipv4.ts';
import type {Port} from '../../runbook/runbook.ts';
import type {EdgePolicy} from '../../step/world/edge.ts';

/** A policy in its one form: sorted, without repetition, nothing named that something else already covers. */
export interface Rules {
  readonly mode: EdgePolicy['mode'];
  /** IPv4 addresses, or networks with their prefix length. */
  readonly admit: readonly string[];
  readonly open: Ports;
  readonly out: Ports;
  readonly block: Ports;
  /** In quarantine, where the host may open connections to. */
  readonly reach: readonly Endpoint[];
  /** In quarantine, the DNS servers that the host may ask. */
  readonly resolver: readonly string[];
}

/** A TCP port at an IPv4 address. */
export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

export interface Ports {
  readonly tcp: readonly number[];
  readonly udp: readonly number[];
}

/** Undefined where `admit` or `resolver` names what is no IPv4 address, or `reach` no port of one: the host has no other. */
export function rulesOf(policy: EdgePolicy): Rules | undefined {
  const nets = policy.admit.map((text) => subnet(text.includes('/') ? text : `${text}/32`));
  const admit = nets.filter((net) => net !== undefined);
  if (admit.length < nets.length) return undefined;
  const reach = policy.mode === 'quarantine' ? endpointsOf(policy.reach ?? []) : [];
  const resolver = policy.mode === 'quarantine' ? addressesOf(policy.resolver ?? []) : [];
  if (reach === undefined || resolver === undefined) return undefined;
  const {open, out} = policy.mode === 'serving' ? policy : {open: [], out: []};
  const block = policy.mode === 'quarantine' ? [] : policy.block;
  return {
    mode: policy.mode,
    admit: outermost(admit).map(netText),
    open: portsOf(open),
    out: portsOf(out),
    block: portsOf(block),
    reach,
    resolver,
  };
}

export function policyOf({mode, admit, open, out, block, reach, resolver}: Rules): EdgePolicy {
  switch (mode) {
    case 'quarantine':
      return {
        mode,
        admit,
        ...(reach.length > 0 && {reach: reach.map(({address, port}) => `${address}:${port}`)}),
        ...(resolver.length > 0 && {resolver}),
      };
    case 'blocking':
      return {mode, admit, block: portNames(block)};
    case 'serving':
      return {mode, admit, open: portNames(open), out: portNames(out), block: portNames(block)};
    default:
      return mode satisfies never;
  }
}

function addressesOf(list: readonly string[]): readonly string[] | undefined {
  const numbers = list.map(ipv4);
  return numbers.every((number) => number !== undefined)
    ? [...new Set(numbers)].toSorted((a, b) => a - b).map(ipv4Text)
    : undefined;
}

const outermost = (nets: readonly Subnet[]): readonly Subnet[] =>
  nets
    .filter((net, index) =>
      nets.every((other, at) => {
        if (at === index || !contains(other, net.first) || !contains(other, net.last)) return true;
        // Of two that are the same the first stays.
        return other.first === net.first && other.last === net.last && at > index;
      }),
    )
    .toSorted((a, b) => a.first - b.first);

const netText = ({first, prefix}: Subnet): string => (prefix === 32 ? ipv4Text(first) : `${ipv4Text(first)}/${prefix}`);

function portsOf(ports: readonly Port[]): Ports {
  const of = (protocol: 'tcp' | 'udp'): readonly number[] => {
    const named = ports.filter((port) => port.startsWith(`${protocol}/`));
    return [...new Set(named.map((port) => Number(port.slice(4))))].toSorted((a, b) => a - b);
  };
  return {tcp: of('tcp'), udp: of('udp')};
}

function endpointsOf(places: readonly string[]): readonly Endpoint[] | undefined {
  const found = new Map<string, Endpoint>();
  for (const place of places) {
    const [, address = '', digits = ''] = /^([\d.]+):([1-9]\d{0,4})$/.exec(place) ?? [];
    const number = ipv4(address);
    const port = Number(digits);
    if (number === undefined || !(port >= 1 && port <= 65_535)) return undefined;
    found.set(`${String(number).padStart(10, '0')}:${digits.padStart(5, '0')}`, {address, port});
  }
  return [...found].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, endpoint]) => endpoint);
}

const portNames = ({tcp, udp}: Ports): readonly Port[] => [
  ...tcp.map((number): Port => `tcp/${number}`),
  ...udp.map((number): Port => `udp/${number}`),
];

export const isIpv4 = (text: string): boolean => ipv4(text) !== undefined;
