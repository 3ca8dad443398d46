import {expect, test} from 'vitest';
import {rulesOf} from '../../src/device/firewall/rules.ts';
import {overlay} from '../../src/lab/overlay.ts';
import {labFolderAt, socketFits} from '../../src/lab/folder.ts';
import {requirementsOf} from '../../src/lab/requirements.ts';
import {chooseNetwork} from '../../src/lab/userspace/choice.ts';
import {framed, Framing} from '../../src/lab/userspace/framing.ts';
import {judgeOf, type Way} from '../../src/lab/userspace/judge.ts';
import {answerOf} from '../../src/lab/userspace/knock.ts';
import {portPaths, userspaceLayout, userspaceNetwork} from '../../src/lab/userspace/network.ts';
import {flag, readFrame} from '../../src/lab/userspace/packet.ts';
import {slirpArguments} from '../../src/lab/userspace/slirp.ts';
import type {EdgePolicy} from '../../src/step/world/edge.ts';
import {labBlueprint, labDirectory} from './lab-blueprint.ts';
import {labRunbook} from './lab-runbook.ts';
import {arp, at, ethernet, mac, segment, streamed, type Talk, type Wire} from './userspace-frames.ts';

const folder = labFolderAt(labDirectory);
const {syn, ack, rst} = flag;

const quarantine: EdgePolicy = {mode: 'quarantine', admit: [at.router]};
const serving: EdgePolicy = {
  mode: 'serving',
  admit: [at.router],
  open: ['tcp/22', 'udp/4500'],
  out: ['tcp/443', 'udp/53', 'tcp/445'],
  block: ['tcp/80', 'tcp/445'],
};

function passes(policy: EdgePolicy, frame: Buffer, way: Way): boolean {
  const read = readFrame(frame);
  const rules = rulesOf(policy);
  if (read === undefined || rules === undefined) throw new Error('not a frame, or not a policy');
  return judgeOf(rules, {address: at.host, mac: mac.host, router: at.router})(read, way);
}

const toHost = (
  peer: Way['peer'],
  talk: Partial<Talk>,
  wire: Wire = {from: mac[peer], to: mac.host},
): [Buffer, Way] => [
  segment(wire, {from: at[peer], to: at.host, sourcePort: 40_000, port: 22, flags: syn, ...talk}),
  {direction: 'to-host', peer},
];
const fromHost = (
  peer: Way['peer'],
  talk: Partial<Talk>,
  wire: Wire = {from: mac.host, to: mac[peer]},
): [Buffer, Way] => [
  segment(wire, {from: at.host, to: at[peer], sourcePort: 22, port: 40_000, flags: syn | ack, ...talk}),
  {direction: 'from-host', peer},
];

test.each([
  ['SSH of the one admitted', true, toHost('router', {})],
  ['its answers', true, fromHost('router', {})],
  ['a connection of the host from port 22', false, fromHost('router', {flags: syn})],
  ['SSH of a neighbour', false, toHost('neighbour', {})],
  ['an answer to a neighbour', false, fromHost('neighbour', {})],
  ['another port, of the one admitted', false, toHost('router', {port: 80})],
  ['an answer from another port', false, fromHost('router', {sourcePort: 80})],
  ['the worm next door', false, fromHost('neighbour', {sourcePort: 50_000, port: 445, flags: syn})],
  ['the beacon', false, fromHost('router', {to: at.far, sourcePort: 50_000, port: 80, flags: syn})],
  ['a name looked up', false, fromHost('router', {protocol: 'udp', sourcePort: 50_000, port: 53})],
  ['a fragment', false, toHost('router', {fragment: 0x2000})],
  ['what follows a fragment', false, fromHost('router', {fragment: 0x0007})],
  ['answers under another address', false, fromHost('router', {from: at.neighbour})],
  ['answers under another MAC address', false, fromHost('router', {}, {from: mac.neighbour, to: mac.router})],
] as const)('quarantine: %s: %s', (_, expected, [frame, way]) => {
  expect(passes(quarantine, frame, way)).toBe(expected);
});

test.each([
  ['an open port, for a neighbour', true, toHost('neighbour', {})],
  ['its answer', true, fromHost('neighbour', {})],
  ['an open UDP port', true, toHost('neighbour', {protocol: 'udp', port: 4500})],
  ['HTTPS of the host', true, fromHost('router', {to: at.far, sourcePort: 50_000, port: 443, flags: syn})],
  ['its answer', true, toHost('router', {from: at.far, sourcePort: 443, port: 50_000, flags: syn | ack})],
  ['a connection from port 443', false, toHost('router', {from: at.far, sourcePort: 443, port: 50_000, flags: syn})],
  ['HTTPS to a neighbour', false, fromHost('neighbour', {sourcePort: 50_000, port: 443, flags: syn})],
  ['a name looked up', true, fromHost('router', {protocol: 'udp', sourcePort: 50_000, port: 53})],
  ['what is blocked and let out', false, fromHost('router', {to: at.far, sourcePort: 50_000, port: 445, flags: syn})],
  ['what is blocked, from outside', false, toHost('router', {port: 80})],
  ['a port that nothing names', false, toHost('router', {port: 8080})],
] as const)('serving: %s: %s', (_, expected, [frame, way]) => {
  expect(passes(serving, frame, way)).toBe(expected);
});

const asks = (target: string): Buffer => arp({from: mac.host, to: mac.all}, at.host, target);
const asked = (sender: 'router' | 'neighbour'): Buffer => arp({from: mac[sender], to: mac.all}, at[sender], at.host);

test('in quarantine a host finds its router and nobody else finds it; nothing passes that is not IPv4', () => {
  const out: Way = {direction: 'from-host', peer: 'router'};
  const near: Way = {direction: 'to-host', peer: 'neighbour'};
  expect(passes(quarantine, asks(at.router), out)).toBe(true);
  expect(passes(quarantine, asks(at.neighbour), {...out, peer: 'neighbour'})).toBe(false);
  expect(passes(quarantine, asked('router'), {...near, peer: 'router'})).toBe(true);
  expect(passes(quarantine, asked('neighbour'), near)).toBe(false);
  expect(passes(serving, asked('neighbour'), near)).toBe(true);
  // Who claims another's address would be sent what is for the other.
  expect(passes(serving, arp({from: mac.host, to: mac.all}, at.router, at.neighbour), out)).toBe(false);
  for (const type of [0x86dd, 0x8100, 0x88a8, 0x88cc])
    expect(passes(serving, ethernet({from: mac.host, to: mac.router}, type, Buffer.alloc(60)), out)).toBe(false);
});

test('every frame of every length is read, and none breaks the reader', () => {
  const whole = segment(
    {from: mac.host, to: mac.router},
    {from: at.host, to: at.router, sourcePort: 22, port: 1, flags: syn},
  );
  for (let length = 0; length < whole.length; length++) {
    const read = readFrame(whole.subarray(0, length));
    expect(read?.packet.is ?? 'other').toBe('other');
  }
  expect(readFrame(whole)?.packet).toEqual({
    is: 'segment',
    protocol: 'tcp',
    from: 0xcb_00_71_14,
    to: 0xcb_00_71_01,
    sourcePort: 22,
    port: 1,
    flags: syn,
  });
});

test('a stream gives the same frames wherever it is cut, and ends where a length is no frame’s', () => {
  const frames = [60, 0, 1514].map((length) => Buffer.alloc(length, length));
  const stream = Buffer.concat(frames.map(streamed));
  for (const step of [1, 3, 61, stream.length]) {
    const framing = new Framing();
    const found: Buffer[] = [];
    for (let at = 0; at < stream.length; at += step)
      found.push(...(framing.push(stream.subarray(at, at + step)) ?? []).map(framed));
    expect(found).toEqual(frames);
  }
  expect(new Framing().push(Buffer.from('ffffffff00', 'hex'))).toBeUndefined();
});

const said = (talk: Partial<Talk>) => {
  const [frame] = fromHost('neighbour', talk);
  const packet = readFrame(frame)?.packet;
  if (packet?.is !== 'segment') throw new Error('no segment');
  return answerOf(packet, {address: at.neighbour, port: 22});
};

test('only the host’s own answer to a station says that a port is open or refused', () => {
  expect(said({flags: syn | ack})).toBe('open');
  expect(said({flags: rst | ack})).toBe('refused');
  expect(said({flags: ack})).toBeUndefined();
  expect(said({flags: syn | ack, sourcePort: 80})).toBeUndefined();
  expect(said({flags: syn | ack, to: at.router})).toBeUndefined();
  expect(said({flags: syn | ack, protocol: 'udp'})).toBeUndefined();
});

test('a station’s stack lets nothing out and takes its addresses from the LAN', () => {
  const place = {
    address: at.router,
    prefix: 29,
    host: '203.0.113.2',
    wire: '/lab/a,b.sock',
    monitor: '/lab/router.qmp',
    log: '/lab/router.log',
  };
  const argv = slirpArguments(place, [{local: 4022, port: 22}]);
  expect(argv).toContain(
    'user,id=stack,net=203.0.113.0/29,host=203.0.113.1,dns=203.0.113.6,dhcpstart=203.0.113.5,ipv6=off,restrict=on,hostfwd=tcp:127.0.0.1:4022-203.0.113.2:22',
  );
  expect(argv).toContain('stream,id=wire,server=off,addr.type=unix,addr.path=/lab/a,,b.sock');
});

const all = 'ffffffffffffffff';

test.each([
  ['root', {uid: 0, capabilities: all}, 'namespaces'],
  ['root in a container without CAP_NET_ADMIN', {uid: 0, capabilities: '00000000a80425fb'}, 'userspace'],
  ['a user', {uid: 1000, capabilities: '0000000000000000'}, 'userspace'],
  ['a user where /proc says nothing', {uid: 1000, capabilities: ''}, 'userspace'],
] as const)('%s gets the network that is possible', (_, powers, kind) => {
  expect(chooseNetwork('', powers)).toEqual({ok: true, value: kind});
  expect(chooseNetwork('userspace', powers)).toEqual({ok: true, value: 'userspace'});
  expect(chooseNetwork('vlan', powers)).toMatchObject({ok: false, fault: {code: 'lab.usage'}});
});

test('each kind of network wants its own packages', () => {
  const [namespaces, userspace] = (['namespaces', 'userspace'] as const).map((kind) =>
    requirementsOf(kind).map(({debian}) => debian),
  );
  expect(userspace).toEqual(expect.arrayContaining(['qemu-system-x86', 'util-linux', 'uidmap']));
  expect(userspace).not.toEqual(expect.arrayContaining(['nftables']));
  expect(namespaces).toEqual(expect.arrayContaining(['nftables', 'iproute2', 'openssh-server']));
  expect(namespaces).not.toContain('uidmap');
});

test('the overlay leads to this machine’s loopback, and the edge to the keeper', () => {
  const drawn = labBlueprint('bios');
  const lab = {...drawn, layout: userspaceLayout(drawn.layout), userspace: {bmcPort: 4443, sshPort: 4022}};
  const over = overlay(labRunbook(), lab, folder);
  expect(over.bmc.url).toBe('https://127.0.0.1:4443');
  expect(over.controller.address).toBe('127.0.0.1');
  expect(over.network).toMatchObject({address: '203.0.113.20/24', reach: {address: '127.0.0.1', port: 4022}});
  expect(over.edge).toEqual({
    driver: 'switch',
    address: at.router,
    interface: 'host0',
    control: folder.control,
    neighbours: {neighbour: at.neighbour},
  });
  expect(over.vantages).toEqual({});
});

test('the switch’s sockets fit where the keeper’s own does', () => {
  for (const path of [...Object.values(portPaths(folder)), folder.directory + '/router.qmp'])
    expect(path.length).toBeLessThanOrEqual(folder.control.length);
  expect(socketFits(portPaths(folder).host)).toBe(true);
  expect(userspaceNetwork(folder).card(mac.host).join(' ')).toContain(`addr.path=${portPaths(folder).host}`);
  expect(userspaceNetwork(folder).on('metal')).toEqual([]);
});
