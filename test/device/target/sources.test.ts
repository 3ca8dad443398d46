import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import {canStage} from '../../image/target-stage.ts';
import {haveSshd} from '../ssh/sshd.ts';
import {blobOf, delivery, imageOf, packets, pathOf, sourceAt, type Packet} from './image.ts';
import {makeStand, system, wipe, type Stand} from './stand.ts';
import {startStatic, type Manner, type StaticServer} from './static-server.ts';

const none = async (): Promise<never> => {
  throw new Error('nothing of it may come from here');
};
const total = (all: readonly Packet[]): number => all.reduce((sum, {data}) => sum + data.length, 0);

/** The target fetches from plain static servers by itself; nothing of the image goes through the controller. */
describe.runIf(haveSshd && canStage)('chunks from HTTP sources', () => {
  let stand: Stand;
  const servers: StaticServer[] = [];
  beforeEach(async () => {
    stand = await makeStand();
    await wipe(stand.target());
  });
  afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => server.close()));
    await stand?.close();
  });

  const serve = async (all: readonly Packet[], manner: Manner = {}): Promise<StaticServer> => {
    const server = await startStatic(pathOf(imageOf(all)), blobOf(all), manner);
    servers.push(server);
    return server;
  };

  test('come over several connections, each byte once', async () => {
    const all = packets(16, 2_000_000);
    const server = await serve(all);
    const written: number[] = [];
    const brought = await stand.target().write(
      system,
      delivery(all, {
        from: [sourceAt(server.port)],
        packed: none,
        written: async ({index}) => void written.push(index),
      }),
    );
    expect(brought).toEqual({ok: true, value: {bytesSent: total(all)}});
    expect(server.sent()).toBe(total(all));
    expect(written.toSorted((a, b) => a - b)).toEqual(all.map(({chunk}) => chunk.index));
    expect(await stand.holds(all)).toBe(true);
  });

  test('go on after every connection was cut, from the byte that had arrived', async () => {
    const all = packets(12, 2_000_000);
    const server = await serve(all, {bytesPerSecond: 600_000});
    const cutting = setInterval(() => server.cut(), 1500);
    const brought = await stand.target().write(system, delivery(all, {from: [sourceAt(server.port)], packed: none}));
    clearInterval(cutting);
    expect(brought).toMatchObject({ok: true});
    expect(await stand.holds(all)).toBe(true);
    // A cut costs what was on its way: blocks half written, and what the kernels held.
    expect(brought.ok && brought.value.bytesSent).toBeLessThan(total(all) * 1.02);
  });

  test.each<[string, Manner]>([
    ['dies half way', {diesAt: 3_000_000}],
    ['was never there', {diesAt: 0}],
    ['answers and then says nothing', {stalls: Infinity}],
    ['knows no ranges', {whole: true}],
    ['sends a line that has no end', {rambles: true}],
    ['sends garbage', {garbles: () => true}],
    ['has another version of some chunks', {garbles: (at) => at > 4_000_000 && at < 9_000_000}],
  ])('come from the other server when one %s', async (_, manner) => {
    const all = packets(12, 1_500_000);
    const [bad, good] = [await serve(all, manner), await serve(all, {bytesPerSecond: 500_000})];
    const notes: string[] = [];
    const brought = await stand.target().write(
      system,
      delivery(all, {
        from: [sourceAt(bad.port), sourceAt(good.port)],
        packed: none,
        note: async (says) => void notes.push(says),
      }),
    );
    expect(brought).toMatchObject({ok: true});
    expect(await stand.holds(all)).toBe(true);
    if (manner.garbles) expect(notes.join('\n')).toContain(`port ${bad.port} sent other bytes for chunk`);
  });

  test('a server that ends the connection after each answer does as well', async () => {
    const all = packets(8, 1_000_000);
    const server = await serve(all, {closes: true});
    const brought = await stand.target().write(system, delivery(all, {from: [sourceAt(server.port)], packed: none}));
    expect(brought).toEqual({ok: true, value: {bytesSent: total(all)}});
    expect(await stand.holds(all)).toBe(true);
  });

  test('the controller sends what no source brings', async () => {
    const all = packets(6, 1_000_000);
    const server = await serve(all, {garbles: () => true});
    const brought = await stand.target().write(system, delivery(all, {from: [sourceAt(server.port)]}));
    expect(brought).toMatchObject({ok: true});
    expect(await stand.holds(all)).toBe(true);
  });

  test('the target works on alone while its controller is dead, and the next one goes on from there', async () => {
    const all = packets(12, 1_500_000);
    const server = await serve(all, {bytesPerSecond: 300_000});
    const first = stand.target(1);
    const dead = new AbortController();
    const seen = new Set<number>();
    const orders = delivery(all, {from: [sourceAt(server.port)], packed: none});
    const written = async ({index}: {index: number}): Promise<void> => {
      seen.add(index);
      first.close();
    };
    // No word goes to the target when a controller dies: what it had asked for goes on.
    void first.write(system, {...orders, written}).catch(() => {});
    await expect.poll(() => seen.size, {timeout: 30_000}).toBeGreaterThan(0);
    const at = seen.size;
    await expect
      .poll(async () => stand.target(2).written(system, orders.image.digest), {timeout: 30_000})
      .toMatchObject({ok: true, value: {length: expect.toSatisfy((length: number) => length > at + 2)}});
    dead.abort();
    const brought = await stand.target(2).write(system, orders);
    expect(brought).toMatchObject({ok: true});
    expect(server.sent()).toBeLessThan(total(all) * 1.02);
    expect(await stand.holds(all)).toBe(true);
  });
});
