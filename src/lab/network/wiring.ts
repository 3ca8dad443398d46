import {stations, type Layout, type Station} from './layout.ts';

/** One command of the recipe, with what it reads from stdin. */
export interface WiringStep {
  readonly argv: readonly string[];
  readonly input?: string;
}

const short: Readonly<Record<Station, string>> = {
  controller: 'ctl',
  metal: 'metal',
  gateway: 'gw',
  neighbour: 'near',
  outside: 'far',
};

export const namespaceName = (prefix: string, station: Station): string => `${prefix}-${short[station]}`;

/** A program's argv prefix that puts it into a network namespace and leaves its view of the file system as it is. */
export const inNamespace = (name: string): readonly string[] => ['nsenter', `--net=/run/netns/${name}`, '--'];

/** QEMU's end of the machine's cable. */
export const tap = 'tap0';

/** The wires as commands, in order. No interface ever appears outside the lab's own namespaces. */
export function wiring(prefix: string, {management, lan, wan, hostPort}: Layout): readonly WiringStep[] {
  const name = (station: Station): string => namespaceName(prefix, station);
  const ip = (station: Station, ...words: readonly string[]): WiringStep => ({
    argv: ['ip', '-n', name(station), ...words],
  });
  const cable = (a: Station, portA: string, b: Station, portB: string): WiringStep =>
    ip(a, 'link', 'add', portA, 'type', 'veth', 'peer', 'name', portB, 'netns', name(b));
  const bridge = (station: Station, bridgeName: string, ...ports: readonly string[]): readonly WiringStep[] => [
    ip(station, 'link', 'add', bridgeName, 'type', 'bridge', 'forward_delay', '0', 'stp_state', '0'),
    ...ports.map((port) => ip(station, 'link', 'set', port, 'master', bridgeName)),
  ];
  const address = (station: Station, port: string, at: string, length: number): WiringStep =>
    ip(station, 'address', 'add', `${at}/${length}`, 'dev', port);
  const up = (station: Station, ...ports: readonly string[]): readonly WiringStep[] =>
    ports.map((port) => ip(station, 'link', 'set', port, 'up'));
  const route = (station: Station, via: string): WiringStep => ip(station, 'route', 'add', 'default', 'via', via);
  return [
    ...stations.map((station) => ({argv: ['ip', 'netns', 'add', name(station)]})),
    ...stations.flatMap((station) => up(station, 'lo')),
    cable('gateway', 'ctl0', 'controller', 'mgmt0'),
    cable('gateway', 'bmc0', 'metal', 'mgmt0'),
    cable('gateway', hostPort, 'metal', 'wire0'),
    cable('gateway', 'near0', 'neighbour', 'lan0'),
    cable('gateway', 'wan0', 'outside', 'wan0'),
    ip('metal', 'tuntap', 'add', tap, 'mode', 'tap'),
    ...bridge('gateway', 'mgmt', 'ctl0', 'bmc0'),
    ...bridge('gateway', 'lan', hostPort, 'near0'),
    ...bridge('metal', 'wire', 'wire0', tap),
    // The metal's bridge is a cable, not a host: without a link-local address nobody on the LAN can talk to it.
    ...['wire', 'wire0', tap].map((port) => ip('metal', 'link', 'set', port, 'addrgenmode', 'none')),
    address('gateway', 'mgmt', management.gateway, management.prefix),
    address('gateway', 'lan', lan.gateway, lan.prefix),
    address('gateway', 'wan0', wan.gateway, wan.prefix),
    address('controller', 'mgmt0', management.controller, management.prefix),
    address('metal', 'mgmt0', management.bmc, management.prefix),
    address('neighbour', 'lan0', lan.neighbour, lan.prefix),
    address('outside', 'wan0', wan.outside, wan.prefix),
    ...up('gateway', 'ctl0', 'bmc0', hostPort, 'near0', 'wan0', 'mgmt', 'lan'),
    ...up('metal', 'mgmt0', 'wire0', tap, 'wire'),
    ...up('controller', 'mgmt0'),
    ...up('neighbour', 'lan0'),
    ...up('outside', 'wan0'),
    route('controller', management.gateway),
    route('metal', management.gateway),
    route('neighbour', lan.gateway),
    route('outside', wan.gateway),
    // /proc/sys/net shows the namespace of whoever opens it; sysctl(8) is in procps, which a minimal Debian lacks.
    {argv: [...inNamespace(name('gateway')), 'tee', '/proc/sys/net/ipv4/ip_forward'], input: '1\n'},
    {argv: [...inNamespace(name('gateway')), 'nft', '-f', '-'], input: gatewayRules},
  ];
}

/** What a gateway has before anyone isolates anything: nobody opens a connection into the management network. */
const gatewayRules = `table inet lab {
  chain forward {
    type filter hook forward priority -10; policy accept;
    oifname "mgmt" iifname != "mgmt" ct state new drop
  }
  chain input {
    type filter hook input priority -10; policy accept;
    iifname { "lan", "wan0" } tcp dport 22 drop
  }
}
`;
