import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import {canStage} from '../../image/target-stage.ts';
import {haveSshd} from '../ssh/sshd.ts';
import {blobOf, delivery, imageOf, packets, pathOf, sourceAt} from './image.ts';
import {makeStand, system, wipe, type Stand} from './stand.ts';
import {startStatic} from './static-server.ts';

const superseded = {ok: false, fault: {code: 'target.superseded'}};

/** Two controllers and one target: the one whose lease is older may no longer change anything, however it comes. */
describe.runIf(haveSshd && canStage)('a controller that was frozen while another took the host over', () => {
  let stand: Stand;
  beforeEach(async () => {
    stand = await makeStand();
    await wipe(stand.target(1));
  });
  afterEach(() => stand?.close());

  test('is cut off in the middle of its transfer, and the newer one brings the rest', async () => {
    const all = packets(16, 2_000_000);
    const thawed = stand.target(1);
    const slow = new Set<number>();
    const first = Promise.withResolvers<void>();
    const older = thawed.write(
      system,
      delivery(all, {
        // Frozen for as long as the other one needs to take over.
        packed: async (chunk) => {
          if (slow.size >= 2) await first.promise;
          slow.add(chunk.index);
          return all[chunk.index]?.data ?? Buffer.alloc(0);
        },
      }),
    );
    await expect.poll(() => slow.size, {timeout: 30_000}).toBeGreaterThanOrEqual(2);
    const newer = stand.target(2);
    const brought = newer.write(system, delivery(all));
    await expect.poll(() => newer.written(system, imageOf(all).digest), {timeout: 30_000}).toMatchObject({ok: true});
    first.resolve();
    expect(await brought).toEqual({ok: true, value: {bytesSent: expect.any(Number)}});
    // It may learn that all is done, which it is; it was not the one to do it.
    const end = await older;
    if (!end.ok) expect(end).toMatchObject(superseded);
    expect(await stand.holds(all)).toBe(true);
  });

  test('is refused whatever it asks for next over its old connection', async () => {
    const all = packets(2);
    const thawed = stand.target(1);
    expect(await thawed.hello()).toMatchObject({ok: true});
    expect(await stand.target(2).write(system, delivery(all))).toMatchObject({ok: true});
    const image = {...imageOf(all), root: {partition: 2, uuid: '6f0b1f5e-8d2a-4c3b-9a55-0123456789ab'}};
    expect(await thawed.startWipe(system, 'overwrite')).toMatchObject(superseded);
    expect(await thawed.setLatch(system, 'installed')).toMatchObject(superseded);
    expect(await thawed.write(system, delivery(packets(2)))).toMatchObject(superseded);
    expect(await thawed.grow(system, image)).toMatchObject(superseded);
    expect(await thawed.put(system, image, [])).toMatchObject(superseded);
    expect(await thawed.settle()).toMatchObject(superseded);
    expect(await stand.holds(all)).toBe(true);
    expect(await stand.target(2).latch(system)).toMatchObject({ok: true, value: {state: 'wiped'}});
    // It may still look.
    expect(await thawed.hello()).toMatchObject({ok: true});
  });

  test('what it had ordered from servers goes on for the newer one, byte for byte once', async () => {
    const all = packets(12, 1_500_000);
    const server = await startStatic(pathOf(imageOf(all)), blobOf(all), {bytesPerSecond: 400_000});
    try {
      const from = [sourceAt(server.port)];
      let seen = 0;
      const older = stand.target(1).write(system, delivery(all, {from, written: async () => void seen++}));
      await expect.poll(() => seen, {timeout: 30_000}).toBeGreaterThan(0);
      expect(await stand.target(2).write(system, delivery(all, {from}))).toMatchObject({ok: true});
      expect(server.sent()).toBe(blobOf(all).length);
      expect(await older).toMatchObject({ok: true});
      expect(await stand.holds(all)).toBe(true);
    } finally {
      await server.close();
    }
  });
});
