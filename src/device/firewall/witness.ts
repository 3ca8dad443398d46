import {block, cleared, hook} from './script.ts';
import {witnessName, type Site} from './site.ts';

/** Places that one set remembers. A host that tries more is told by the set being full. */
export const remembered = 1024;

/**
 * Tables that let everything pass and count what the host begins, by where to: as it comes in by the host's port, before
 * any rule, and again behind every rule, ours and the gateway's own. What the second has not seen was refused.
 *
 * What is bridged is seen by the family `bridge`; what is routed, or for the gateway itself, passes the family `inet`
 * behind it. There the port is no longer known, so the host is told by its addresses.
 */
export function witness(site: Site): readonly string[] {
  const name = witnessName(site);
  const {interface: port, address, mac} = site;
  const byPort = `iifname "${port}" goto`;
  const itself = [...(mac === undefined ? [] : [`ether saddr ${mac} goto`]), `ip saddr ${address} goto`];
  return [
    ...cleared(name),
    ...block(`table inet ${name}`, [
      ...sets,
      ...hook('prerouting', '-350', [`${byPort} tried`]),
      ...hook(
        'input',
        '350',
        [byPort, ...itself].map((from) => `${from} passed`),
      ),
      ...hook(
        'forward',
        '350',
        [byPort, ...itself].map((from) => `${from} passed`),
      ),
      ...counting('tried', ''),
      ...counting('passed', 'ct direction original '),
    ]),
    ...block(`table bridge ${name}`, [
      ...sets,
      ...neighbourSets,
      ...hook('prerouting', '-350', [asking('tried', site), `${byPort} tried`]),
      ...hook('forward', '350', [asking('passed', site), `${byPort} passed`]),
      ...counting('tried', ''),
      ...counting('passed', ''),
    ]),
  ];
}

const set = (name: string, type: string): readonly string[] =>
  block(`set ${name}`, [`type ${type}`, 'flags dynamic', `size ${remembered}`]);

const sets: readonly string[] = (['tried', 'passed'] as const).flatMap((list) => [
  ...set(`${list}-ip`, 'ipv4_addr . inet_proto . inet_service'),
  ...set(`${list}-ip6`, 'ipv6_addr . inet_proto . inet_service'),
  ...set(`${list}-other-ip`, 'ipv4_addr . inet_proto'),
  ...set(`${list}-other-ip6`, 'ipv6_addr . inet_proto'),
]);

/**
 * A host whose question by ARP is not answered sends nothing more: once its table has forgotten a neighbour, that question
 * is all that is seen of what it wants there (RFC 826). One for its own address is an announcement (RFC 5227). What the
 * gateway itself is asked passes no bridge, as broadcasts to others do that the rules keep from them.
 */
const neighbourSets: readonly string[] = (['tried', 'passed'] as const).flatMap((list) =>
  set(`${list}-neighbour`, 'ipv4_addr . ether_type'),
);
const asking = (list: 'tried' | 'passed', {interface: port, address}: Site): string =>
  `iifname "${port}" arp operation request arp daddr ip != ${address} ` +
  `add @${list}-neighbour { arp daddr ip . ether type counter }`;

/** `first`: what tells a datagram of the host's own from its answer, where that can be told. */
function counting(list: 'tried' | 'passed', first: string): readonly string[] {
  const opens = 'tcp flags & (fin | syn | rst | ack) == syn';
  return block(
    `chain ${list}`,
    (['ip', 'ip6'] as const).flatMap((family) => [
      `${opens} add @${list}-${family} { ${family} daddr . meta l4proto . tcp dport counter }`,
      `${first}add @${list}-${family} { ${family} daddr . meta l4proto . udp dport counter }`,
      `meta l4proto != { tcp, udp, ipv6-icmp } add @${list}-other-${family} { ${family} daddr . meta l4proto counter }`,
      ...(family === 'ip6' ? [`${housekeeping} add @${list}-other-ip6 { ip6 daddr . meta l4proto counter }`] : []),
    ]),
  );
}

// How neighbours find each other over IPv6 (RFC 4861, RFC 2710) begins nothing.
const housekeeping =
  'icmpv6 type != { nd-router-solicit, nd-router-advert, nd-neighbor-solicit, nd-neighbor-advert, mld-listener-report, ' +
  'mld2-listener-report }';
