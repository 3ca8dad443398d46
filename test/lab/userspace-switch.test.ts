import {once} from 'node:events';
import {mkdtempSync, rmSync} from 'node:fs';
import {connect, createServer, type Socket} from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterEach, beforeEach, expect, test} from 'vitest';
import {switchAnswers} from '../../src/lab/userspace/answers.ts';
import {switchEdge} from '../../src/lab/userspace/edge.ts';
import {framed, Framing} from '../../src/lab/userspace/framing.ts';
import {knock, type Station} from '../../src/lab/userspace/knock.ts';
import {portPaths} from '../../src/lab/userspace/network.ts';
import {flag} from '../../src/lab/userspace/packet.ts';
import {standingSchema} from '../../src/lab/userspace/protocol.ts';
import {freePort} from '../../src/lab/userspace/slirp.ts';
import {makeSwitch, type Switch, type SwitchPort} from '../../src/lab/userspace/switch.ts';
import {stationVantage} from '../../src/lab/userspace/vantage.ts';
import {ok, type Result} from '../../src/result.ts';
import type {EdgePolicy} from '../../src/step/world/edge.ts';
import {arp, at, mac, segment, streamed} from './userspace-frames.ts';

const {syn, ack, rst} = flag;
const quarantine: EdgePolicy = {mode: 'quarantine', admit: [at.router]};

let directory: string;
let lan: Switch;
let cables: Socket[] = [];

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'rebuild-switch-'));
  lan = makeSwitch(portPaths({directory}), {address: at.host, mac: mac.host, router: at.router});
  await lan.listen();
});
afterEach(() => {
  for (const cable of cables) cable.destroy();
  cables = [];
  lan.close();
  rmSync(directory, {recursive: true, force: true});
});

interface Cable {
  readonly got: readonly Buffer[];
  send(...frames: Buffer[]): void;
  /** Settles with the first frame that has not been asked for. */
  next(): Promise<Buffer>;
}

async function plug(port: SwitchPort): Promise<Cable> {
  const socket = connect(portPaths({directory})[port]);
  cables.push(socket);
  await once(socket, 'connect');
  const framing = new Framing();
  const got: Buffer[] = [];
  let asked = 0;
  let came = Promise.withResolvers<void>();
  socket.on('data', (data: Buffer) => {
    got.push(...(framing.push(data) ?? []).map((frame) => Buffer.from(framed(frame))));
    came.resolve();
    came = Promise.withResolvers();
  });
  return {
    got,
    send: (...frames) => void socket.write(Buffer.concat(frames.map(streamed))),
    async next() {
      while (got.length <= asked) await came.promise;
      return got[asked++]!;
    },
  };
}

const plugAll = async () => ({
  host: await plug('host'),
  router: await plug('router'),
  neighbour: await plug('neighbour'),
});

const hello = arp({from: mac.host, to: mac.all}, at.host, at.router);
const known = arp({from: mac.router, to: mac.host}, at.router, at.host);
const login = (from: 'router' | 'neighbour', sourcePort = 40_000) =>
  segment({from: mac[from], to: mac.host}, {from: at[from], to: at.host, sourcePort, port: 22, flags: syn});
const answer = (to: 'router' | 'neighbour', port = 40_000, flags = syn | ack) =>
  segment({from: mac.host, to: mac[to]}, {from: at.host, to: at[to], sourcePort: 22, port, flags});

test('a broadcast reaches everyone, an answer only the one it is for', async () => {
  const {host, router, neighbour} = await plugAll();
  host.send(hello);
  expect(await router.next()).toEqual(hello);
  expect(await neighbour.next()).toEqual(hello);
  router.send(known);
  expect(await host.next()).toEqual(known);
  host.send(answer('router'), hello);
  expect(await router.next()).toEqual(answer('router'));
  expect(await neighbour.next()).toEqual(hello);
});

test('a host that sends under its router’s address gets nothing that is for the router', async () => {
  const {host, router, neighbour} = await plugAll();
  router.send(arp({from: mac.router, to: mac.all}, at.router, at.neighbour));
  await neighbour.next();
  host.send(arp({from: mac.router, to: mac.all}, at.router, at.neighbour));
  await neighbour.next();
  const letter = segment(
    {from: mac.neighbour, to: mac.router},
    {from: at.neighbour, to: at.router, sourcePort: 1, port: 2},
  );
  const last = arp({from: mac.neighbour, to: mac.all}, at.neighbour, at.host);
  neighbour.send(letter, last);
  await host.next();
  expect(await host.next()).toEqual(last);
  await router.next();
  expect(await router.next()).toEqual(letter);
});

test('an isolated port passes its controller alone, counts the rest, and lets go when told', async () => {
  const {host, router, neighbour} = await plugAll();
  host.send(hello);
  router.send(known);
  await host.next();
  const edge = edgeOn(lan);
  expect(await edge.policy()).toEqual({ok: true, value: undefined});
  expect(await edge.enforce(quarantine)).toEqual({ok: true, value: undefined});
  expect(await edge.policy()).toEqual({ok: true, value: quarantine});
  neighbour.send(login('neighbour'));
  router.send(login('router'));
  expect(await host.next()).toEqual(login('router'));
  host.send(answer('neighbour'), answer('router'));
  await router.next();
  expect(await router.next()).toEqual(answer('router'));
  expect(neighbour.got).toEqual([hello]);
  expect(await edge.refused()).toEqual({ok: true, value: {packets: 2}});
  expect(await edge.lift()).toEqual({ok: true, value: undefined});
  neighbour.send(login('neighbour'));
  expect(await host.next()).toEqual(login('neighbour'));
  expect(await edge.refused()).toEqual({ok: true, value: {packets: 0}});
});

const called = (sourcePort: number, flags: number) =>
  segment({from: mac.neighbour, to: mac.host}, {from: at.neighbour, to: at.host, sourcePort, port: 40_000, flags});

test('a port in quarantine passes the connections that its host opens to the places named', async () => {
  const {host, router, neighbour} = await plugAll();
  host.send(hello);
  await neighbour.next();
  router.send(known);
  await host.next();
  neighbour.send(arp({from: mac.neighbour, to: mac.host}, at.neighbour, at.host));
  await host.next();
  expect(await edgeOn(lan).enforce({mode: 'quarantine', admit: [at.router], reach: [`${at.neighbour}:8080`]})).toEqual({
    ok: true,
    value: undefined,
  });
  const call = (port: number, flags: number = syn) =>
    segment({from: mac.host, to: mac.neighbour}, {from: at.host, to: at.neighbour, sourcePort: 40_000, port, flags});
  host.send(call(22), call(8081), call(8080), call(8080, ack));
  expect(await neighbour.next()).toEqual(call(8080));
  expect(await neighbour.next()).toEqual(call(8080, ack));
  // A connection of its own from there, and answers from elsewhere.
  neighbour.send(called(8080, syn), called(8081, syn | ack), called(8080, syn | ack));
  await host.next();
  expect(host.got.at(-1)).toEqual(called(8080, syn | ack));
});

test('an edge says when what stands is not what was set, and when nobody answers', async () => {
  const deaf = {ok: false, fault: {code: 'lab.down', says: 'no lab answers'}} as const;
  const lost = switchEdge({standing: async () => deaf, enforce: async () => deaf});
  expect(await lost.policy()).toMatchObject({ok: false, fault: {code: 'edge.unreachable'}});
  expect(await lost.enforce(quarantine)).toMatchObject({ok: false, fault: {code: 'edge.unreachable'}});
  const stubborn = async () =>
    ok({refused: 0, flows: {tried: [], passed: [], full: false}, policy: {...quarantine, admit: [at.far]}});
  const wrong = switchEdge({standing: stubborn, enforce: stubborn});
  expect(await wrong.enforce(quarantine)).toMatchObject({ok: false, fault: {code: 'edge.not-as-set'}});
  expect(await wrong.lift()).toMatchObject({ok: false, fault: {code: 'edge.not-as-set'}});
  expect(await wrong.enforce({...quarantine, admit: ['::1']})).toMatchObject({
    ok: false,
    fault: {code: 'edge.not-as-set'},
  });
});

/** A stack that takes every connection at once, as slirp does, and then lets the host's answer come or not. */
async function tried(by: 'router' | 'neighbour', reply: (port: number) => Buffer | undefined, ms: number) {
  const {host, router, neighbour} = await plugAll();
  host.send(hello);
  await neighbour.next();
  router.send(known);
  await host.next();
  neighbour.send(arp({from: mac.neighbour, to: mac.host}, at.neighbour, at.host));
  await host.next();
  const server = createServer((socket) => {
    socket.on('error', () => {});
    const frame = reply(socket.remotePort ?? 0);
    if (frame) host.send(frame);
  });
  const local = await freePort();
  server.listen(local, '127.0.0.1');
  await once(server, 'listening');
  const gone: number[] = [];
  const station: Station = {
    port: by,
    address: at[by],
    slirp: {
      forward: async () => ok(local),
      unforward: async (port) => void gone.push(port),
      end: async () => {},
    },
  };
  const reach = await knock(station, lan, 22, ms);
  server.close();
  expect(gone).toEqual([local]);
  return reach;
}

test('a port is open when the host’s answer was seen to leave, and only then', async () => {
  expect(await tried('neighbour', (port) => answer('neighbour', port), 5_000)).toEqual(ok('open'));
});

test('a port is refused when the host’s reset was seen to leave', async () => {
  expect(await tried('neighbour', (port) => answer('neighbour', port, rst | ack), 5_000)).toEqual(ok('refused'));
});

test.each([
  ['nobody answers', () => undefined],
  ['the host answers somebody else', (port: number) => answer('router', port)],
  ['the host answers another connection', (port: number) => answer('neighbour', port ^ 1)],
])('a port is silent where %s, though the connection was taken', async (_, reply) => {
  expect(await tried('neighbour', reply, 200)).toEqual(ok('silent'));
});

test('a port is silent where the host’s answer was held back', async () => {
  await edgeOn(lan).enforce({...quarantine, admit: [at.router, at.neighbour]});
  const held = (port: number) => {
    void edgeOn(lan).enforce(quarantine);
    return answer('neighbour', port);
  };
  expect(await tried('neighbour', held, 200)).toEqual(ok('silent'));
});

test('the keeper answers for the lab’s host alone, and knows no other order', async () => {
  const asked: string[] = [];
  const station = (port: 'router' | 'neighbour'): Station => ({
    port,
    address: at[port],
    slirp: {
      forward: async (to) => {
        asked.push(`${port} ${to}`);
        return ok(4000 + to);
      },
      unforward: async () => {},
      end: async () => {},
    },
  });
  const answers = switchAnswers({
    lan,
    host: at.host,
    stations: {router: station('router'), neighbour: station('neighbour')},
  });
  const path = {station: 'neighbour', address: at.host, port: 22};
  expect(await answers('POST /forward', path)).toEqual(ok({local: 4022}));
  expect(await answers('POST /forward', path)).toEqual(ok({local: 4022}));
  expect(asked).toEqual(['neighbour 22']);
  for (const body of [{...path, address: '127.0.0.1'}, {...path, station: 'host'}, {...path, port: 0}, undefined])
    expect(await answers('POST /knock', body)).toMatchObject({ok: false});
  expect(await answers('POST /switch', {policy: {mode: 'open'}})).toMatchObject({ok: false});
  expect(await answers('POST /switch', {policy: {...quarantine, admit: ['::1']}})).toMatchObject({ok: false});
  expect(await answers('GET /else', {})).toBeUndefined();
  expect(lan.policy()).toBeUndefined();
});

test('a vantage scans through its station and says whence it looks', async () => {
  const vantage = stationVantage(
    'neighbour',
    {station: 'neighbour', address: at.neighbour},
    {
      knock: async ({station, address, port}) => {
        expect({station, address}).toEqual({station: 'neighbour', address: at.host});
        return ok(port === 22 ? 'open' : 'silent');
      },
      forward: async () => ok(await freePort()),
    },
  );
  expect(vantage).toMatchObject({name: 'neighbour', address: at.neighbour});
  expect(await vantage.scan(at.host, ['tcp/21', 'tcp/22', 'tcp/80'])).toEqual(
    ok({'tcp/21': 'silent', 'tcp/22': 'open', 'tcp/80': 'silent'}),
  );
  expect(await vantage.ask(at.host, ['udp/53'])).toMatchObject({ok: true, value: {is: 'unable'}});
  expect(await vantage.hostKey(at.host, 22)).toEqual(ok(undefined));
});

const unasked = (): never => {
  throw new Error('no station is asked');
};

async function standing(answered: Promise<Result<object> | undefined>) {
  const given = await answered;
  if (!given?.ok) throw new Error('refused');
  return ok(standingSchema.parse(given.value));
}

/** The edge over the keeper's answers, without the socket between them. */
function edgeOn(wires: Switch) {
  const slirp = {forward: unasked, unforward: unasked, end: unasked};
  const stations = {
    router: {port: 'router', address: at.router, slirp},
    neighbour: {port: 'neighbour', address: at.neighbour, slirp},
  } as const;
  const answers = switchAnswers({lan: wires, host: at.host, stations});
  return switchEdge({
    standing: () => standing(answers('GET /switch', {})),
    enforce: (policy) => standing(answers('POST /switch', policy ? {policy} : {})),
  });
}
