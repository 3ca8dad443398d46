import {six, stations, type Layout, type Station} from './layout.ts';

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
export function wiring(prefix: string, layout: Layout): readonly WiringStep[] {
  const name = (station: Station): string => namespaceName(prefix, station);
  const gateway = inNamespace(name('gateway'));
  return [
    ...stations.map((station) => ({argv: ['ip', 'netns', 'add', name(station)]})),
    // The gateway comes first: it holds one end of every cable.
    ...(['gateway', 'metal', 'controller', 'neighbour', 'outside'] as const).map((station) => ({
      argv: ['ip', '-n', name(station), '-batch', '-'],
      input: `${links(station, layout, name).join('\n')}\n`,
    })),
    // /proc/sys/net shows the namespace of whoever opens it; sysctl(8) is in procps, which a minimal Debian lacks.
    {argv: [...gateway, 'tee', '/proc/sys/net/ipv4/ip_forward'], input: '1\n'},
    {argv: [...gateway, 'tee', '/proc/sys/net/ipv6/conf/all/forwarding'], input: '1\n'},
    {argv: [...gateway, 'nft', '-f', '-'], input: gatewayRules},
  ];
}

/** A station's own commands for ip(8). */
function links(station: Station, {management, lan, wan, hostPort}: Layout, name: (of: Station) => string): string[] {
  const cable = (port: string, to: Station, far: string): string =>
    `link add ${port} type veth peer name ${far} netns ${name(to)}`;
  switch (station) {
    case 'gateway':
      return [
        cable('ctl0', 'controller', 'mgmt0'),
        cable('bmc0', 'metal', 'mgmt0'),
        cable(hostPort, 'metal', 'wire0'),
        cable('near0', 'neighbour', 'lan0'),
        cable('wan0', 'outside', 'wan0'),
        ...bridge('mgmt', 'ctl0', 'bmc0'),
        ...bridge('lan', hostPort, 'near0'),
        at('mgmt', management.gateway, management.prefix),
        at('lan', lan.gateway, lan.prefix),
        at('wan0', wan.gateway, wan.prefix),
        at6('mgmt', six.management.gateway),
        at6('lan', six.lan.gateway),
        at6('wan0', six.wan.gateway),
        ...up('ctl0', 'bmc0', hostPort, 'near0', 'wan0', 'mgmt', 'lan'),
      ];
    case 'metal':
      return [
        `tuntap add ${tap} mode tap`,
        ...bridge('wire', 'wire0', tap),
        // The metal's bridge is a cable, not a host: without a link-local address nobody on the LAN can talk to it.
        ...['wire', 'wire0', tap].map((port) => `link set ${port} addrgenmode none`),
        at('mgmt0', management.bmc, management.prefix),
        ...up('mgmt0', 'wire0', tap, 'wire'),
        via(management.gateway),
      ];
    case 'controller':
      return [
        at('mgmt0', management.controller, management.prefix),
        at6('mgmt0', six.management.controller),
        ...up('mgmt0'),
        via(management.gateway),
        via6(six.management.gateway),
      ];
    case 'neighbour':
      return [
        at('lan0', lan.neighbour, lan.prefix),
        at6('lan0', six.lan.neighbour),
        ...up('lan0'),
        via(lan.gateway),
        via6(six.lan.gateway),
      ];
    case 'outside':
      return [
        at('wan0', wan.outside, wan.prefix),
        at6('wan0', six.wan.outside),
        ...up('wan0'),
        via(wan.gateway),
        via6(six.wan.gateway),
      ];
    default:
      return station satisfies never;
  }
}

const bridge = (called: string, ...ports: readonly string[]): readonly string[] => [
  `link add ${called} type bridge forward_delay 0 stp_state 0`,
  ...ports.map((port) => `link set ${port} master ${called}`),
];
const at = (port: string, address: string, length: number): string => `address add ${address}/${length} dev ${port}`;
/** Nobody else can have it, so that nothing waits until that is known. */
const at6 = (port: string, address: string): string => `address add ${address}/${six.prefix} dev ${port} nodad`;
const up = (...ports: readonly string[]): readonly string[] => ['lo', ...ports].map((port) => `link set ${port} up`);
const via = (address: string): string => `route add default via ${address}`;
const via6 = (address: string): string => `route add ::/0 via ${address}`;

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
