import {fromHost, hasAny, toHost} from './host-rules.ts';
import {contains, ipv4, networks} from '../../runbook/ipv4.ts';
import {isIpv4, type Rules} from './rules.ts';
import {block, cleared, hook} from './script.ts';
import {tableName, witnessName, type Site} from './site.ts';
import {witness} from './witness.ts';

/**
 * One nft script that puts the rules in force in a single transaction, whatever was in our tables before. The same
 * rules always give the same text.
 *
 * No rule accepts a packet only because its connection is `established`: an attacker's that was open before would be,
 * and is refused here. Of connections to the host, the TCP handshake tells an answer from a new one; of the host's own,
 * only those pass whose first packet these rules have seen and labelled.
 *
 * The family `bridge` is the whole barrier where the interface is a bridge port: everything to and from the host passes
 * it, routed or not, of any protocol. On many kernels it can neither reject nor follow connections. So between the host
 * and its neighbours none passes that the host opens; what the gateway routes, the family `inet` judges as well, and
 * there follows. The family `inet` is the barrier where the interface is routed, and on a bridge it also gives an
 * answer to what would otherwise vanish in silence.
 */
export function render(rules: Rules, site: Site): string {
  const name = tableName(guarded(site));
  return lines([
    `# ${site.host}: ${site.address} behind ${site.interface}: ${rules.mode}`,
    ...cleared(name),
    ...block(`table inet ${name}`, [...named(rules), ...inet(rules, site)]),
    ...block(`table bridge ${name}`, [...named(rules), ...bridge(rules, site)]),
    ...witness(site),
  ]);
}

/** Takes our tables away, whether they are there or not, and nothing else. */
export const renderLift = (site: Site): string =>
  lines([...cleared(tableName(guarded(site))), ...cleared(witnessName(site))]);

const lines = (all: readonly string[]): string => `${all.join('\n')}\n`;

function inet(rules: Rules, site: Site): readonly string[] {
  const {address, interface: port} = site;
  const from = [`iifname "${port}" jump from-host`, `ip saddr ${address} jump from-host`];
  const to = [`oifname "${port}" jump to-host`, `ip daddr ${address} jump to-host`];
  return [
    ...hook('input', 'filter - 5', from),
    ...hook('forward', 'filter - 5', [...from, ...to]),
    ...hook('output', 'filter - 5', to),
    ...block('chain from-host', [
      ...only4('meta nfproto != ipv4 goto refuse-from', rules),
      ...fromHost(rules, address, 'tracked'),
    ]),
    ...block('chain to-host', [
      ...only4('meta nfproto != ipv4 goto refuse-to', rules),
      // Without it a connection hangs where its path has a narrower link than its ends (RFC 1191).
      `ip daddr ${address} ct state related icmp type destination-unreachable icmp code frag-needed accept`,
      ...toHost(rules, address, 'tracked'),
    ]),
    ...block('chain refuse-from', ['counter name refused drop']),
    ...block('chain refuse-to', [
      'meta l4proto tcp counter name refused reject with tcp reset',
      'counter name refused reject with icmpx type admin-prohibited',
    ]),
  ];
}

/** The host has no IPv6 address under any policy that is more than a list of ports. */
const only4 = (rule: string, {mode}: Rules): readonly string[] => (mode === 'blocking' ? [] : [rule]);

/** Nothing but the ports is looked at: neither who sends nor what carries it. */
function bridgeBlocking(rules: Rules, {address, interface: port}: Site): readonly string[] {
  return [
    ...hook('input', 'filter', [`iifname "${port}" jump from-host`]),
    ...hook('forward', 'filter', [`iifname "${port}" jump from-host`, `oifname "${port}" jump to-host`]),
    ...hook('output', 'filter', [`oifname "${port}" jump to-host`]),
    ...block('chain from-host', fromHost(rules, address, 'none')),
    ...block('chain to-host', toHost(rules, address, 'none')),
    ...block('chain refuse-from', ['counter name refused drop']),
    ...block('chain refuse-to', ['counter name refused drop']),
  ];
}

function bridge(rules: Rules, site: Site): readonly string[] {
  if (rules.mode === 'blocking') return bridgeBlocking(rules, site);
  const {address, interface: port, mac} = site;
  // Neighbours do not even learn the address of a host in quarantine.
  const [asked, asking] =
    rules.mode === 'serving' ? ['', ''] : [' arp daddr ip @arp-peers', ' arp saddr ip @arp-peers'];
  const routed = hasAny(rules.out) ? '-routed' : '';
  // A tag would carry a frame past every rule on addresses and into another network.
  const tagged = 'ether type { 8021q, 8021ad }';
  const frame = [
    ...(mac === undefined ? [] : [`ether saddr != ${mac} goto refuse-from`]),
    `${tagged} goto refuse-from`,
  ];
  return [
    ...(rules.mode === 'serving' ? [] : elements('arp-peers', 'ipv4_addr', arpPeers(rules, site))),
    ...hook('input', 'filter', [`iifname "${port}" jump from-host-here`]),
    ...hook('forward', 'filter', [`iifname "${port}" jump from-host-on`, `oifname "${port}" jump to-host-on`]),
    ...hook('output', 'filter', [`oifname "${port}" jump to-host-here`]),
    ...block('chain from-host-here', [...frame, `arp saddr ip ${address} accept`, `goto from-host${routed}`]),
    ...block('chain from-host-on', [...frame, `arp saddr ip ${address}${asked} accept`, 'goto from-host']),
    ...block('chain to-host-here', [
      `arp daddr ip ${address} accept`,
      // The family inet has judged whether it belongs to a connection.
      `ip daddr ${address} icmp type destination-unreachable icmp code frag-needed accept`,
      `goto to-host${routed}`,
    ]),
    ...block('chain to-host-on', [
      `${tagged} goto refuse-to`,
      `arp daddr ip ${address}${asking} accept`,
      'goto to-host',
    ]),
    ...block('chain from-host', ['meta protocol != ip goto refuse-from', ...fromHost(rules, address, 'none')]),
    ...block('chain to-host', ['meta protocol != ip goto refuse-to', ...toHost(rules, address, 'none')]),
    ...(hasAny(rules.out)
      ? [
          ...block('chain from-host-routed', [
            'meta protocol != ip goto refuse-from',
            ...fromHost(rules, address, 'routed'),
          ]),
          ...block('chain to-host-routed', ['meta protocol != ip goto refuse-to', ...toHost(rules, address, 'routed')]),
        ]
      : []),
    ...block('chain refuse-from', ['counter name refused drop']),
    ...block('chain refuse-to', ['counter name refused drop']),
  ];
}

/** The counter and the sets that the rules refer to; `reading.ts` finds the policy in the same sets. */
function named({admit, open, out, block: blocked, reach, resolver}: Rules): readonly string[] {
  return [
    'counter refused { }',
    ...elements('admit', 'ipv4_addr', admit),
    ...elements(
      'reach',
      'ipv4_addr . inet_service',
      reach.map(({address, port}) => `${address} . ${port}`),
    ),
    ...elements('resolver', 'ipv4_addr', resolver),
    ...(['tcp', 'udp'] as const).flatMap((protocol) => [
      ...elements(`open-${protocol}`, 'inet_service', open[protocol]),
      ...elements(`out-${protocol}`, 'inet_service', out[protocol]),
      ...elements(`block-${protocol}`, 'inet_service', blocked[protocol]),
    ]),
  ];
}

function elements(
  name: string,
  type: 'ipv4_addr' | 'inet_service' | 'ipv4_addr . inet_service',
  members: readonly (string | number)[],
): readonly string[] {
  if (members.length === 0 && name !== 'admit') return [];
  return block(`set ${name}`, [
    `type ${type}`,
    // Only an interval set holds networks.
    ...(type === 'ipv4_addr' ? ['flags interval'] : []),
    ...(members.length === 0 ? [] : [`elements = { ${members.join(', ')} }`]),
  ]);
}

/** Who the host must find on its own network: its router, and who may be a neighbour of those it may speak with. */
const arpPeers = ({admit, reach, resolver}: Rules, {router}: Site): readonly string[] => {
  const nets = networks(admit);
  const more = [router, ...reach.map(({address}) => address), ...resolver].filter((text) => {
    const address = text === undefined ? undefined : ipv4(text);
    return address !== undefined && !nets.some((net) => contains(net, address));
  });
  return [...new Set(more.filter((text) => text !== undefined)), ...admit];
};

/** The script is built from these, so none may hold anything that nft would read as syntax. The runbook saw to it. */
function guarded(site: Site): Site {
  const sound =
    /^[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(site.host) &&
    isIpv4(site.address) &&
    /^[A-Za-z0-9][A-Za-z0-9_.@-]{0,14}$/.test(site.interface) &&
    (site.router === undefined || isIpv4(site.router)) &&
    (site.mac === undefined || /^[0-9a-f]{2}(?::[0-9a-f]{2}){5}$/.test(site.mac));
  if (!sound) throw new Error(`not a place on a gateway: ${JSON.stringify(site)}`);
  return site;
}
