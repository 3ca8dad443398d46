import {spawn} from 'node:child_process';
import {createHash, randomBytes} from 'node:crypto';
import {once} from 'node:events';
import {open, readFile} from 'node:fs/promises';
import {join} from 'node:path';
import {zstdCompressSync} from 'node:zlib';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import {systemClock} from '../../../src/clock.ts';
import {serial, sha256, type Serial, type Sha256} from '../../../src/brand.ts';
import {keptSession} from '../../../src/device/ssh/kept.ts';
import type {Chunk} from '../../../src/step/world/image.ts';
import type {Delivery} from '../../../src/step/world/target.ts';
import {sshTarget} from '../../../src/device/target/target.ts';
import {cutter} from '../ssh/cutter.ts';
import {haveSshd, startSshd, type Sshd} from '../ssh/sshd.ts';
import {canStage, makeStage, type Stage} from '../../image/target-stage.ts';

const MiB = 1_048_576;
const size = 64 * MiB;
const system = serial('SYSTEM-1') as Serial;
const patient = new AbortController().signal;
const sha = (data: Uint8Array): Sha256 => sha256(createHash('sha256').update(data).digest('hex')) as Sha256;

interface Packet {
  readonly chunk: Chunk;
  readonly data: Uint8Array;
}

/** `count` chunks of 512 KiB that compress to about that, a hole after each. */
function image(count: number): readonly (Packet & {readonly raw: Buffer})[] {
  return Array.from({length: count}, (_, index) => {
    const raw = randomBytes(MiB / 2);
    const data = zstdCompressSync(raw);
    const digests = {raw: sha(raw), packed: sha(data), packedLength: data.length};
    return {chunk: {index, offset: index * MiB, length: raw.length, ...digests}, data, raw};
  });
}

/** What brings them, all from here. */
const delivery = (packets: readonly Packet[], more: Partial<Delivery> = {}): Delivery => {
  const want = packets.map(({chunk}) => chunk);
  const packedBytes = want.reduce((sum, {packedLength}) => sum + packedLength, 0);
  return {
    image: {
      name: 'test',
      digest: sha(Buffer.from(JSON.stringify(want))),
      sizeBytes: size / 2,
      packedBytes,
      chunks: want,
    },
    want,
    from: [],
    packed: async ({index}) => packets[index]?.data ?? Buffer.alloc(0),
    written: async () => {},
    signal: patient,
    ...more,
  };
};

const wiped = async (target: ReturnType<typeof sshTarget>): Promise<void> => {
  expect(await target.startWipe(system, 'overwrite')).toEqual({ok: true, value: undefined});
  await expect
    .poll(() => target.wipe(system), {timeout: 20_000})
    .toMatchObject({ok: true, value: {state: 'done', method: 'overwrite'}});
  expect(await target.setLatch(system, 'wiped')).toEqual({ok: true, value: undefined});
};

const full = async (): Promise<void> => Promise.reject(new Error('no space left'));

/** The controller’s side, a real sshd, and the agent itself on a stage of files. */
describe.runIf(haveSshd && canStage)('the agent over SSH', () => {
  let stage: Stage;
  let sshd: Sshd;
  const closing: (() => void)[] = [];
  beforeEach(async () => {
    stage = await makeStage();
    await stage.addDisk({name: 'vdx', bytes: size, attributes: {serial: system, 'device/model': 'Model 7'}});
    await stage.addDisk({name: 'vdy', bytes: size, attributes: {serial: 'WORLDS-1'}});
    await stage.plan(['run marruuk-3', `wipe ${system}`, `install ${system}`]);
    sshd = await startSshd([`ForceCommand ${await stage.entrance()}`]);
  });
  afterEach(async () => {
    for (const close of closing.splice(0)) close();
    await sshd?.stop();
    await stage?.remove();
  });

  const targetAt = (port: number, epoch = 1): ReturnType<typeof sshTarget> => {
    const {user, key, hostKey} = sshd;
    const target = sshTarget(keptSession({address: '127.0.0.1', port, user, key, hostKey}), epoch);
    closing.push(() => target.close());
    return target;
  };
  test('says who it is, which disks there are, and what became of each request', async () => {
    const target = targetAt(sshd.port);
    expect(await target.hello()).toMatchObject({ok: true, value: {run: 'marruuk-3'}});
    expect(await target.disks()).toMatchObject({
      ok: true,
      value: [
        {serial: system, name: 'vdx', model: 'Model 7', sizeBytes: size, transport: 'virtio', rotational: false},
        {serial: 'WORLDS-1', name: 'vdy'},
      ],
    });
    expect(await target.writable()).toMatchObject({
      ok: true,
      value: [
        {serial: system, name: 'vdx', model: 'Model 7', sizeBytes: size},
        {serial: 'WORLDS-1', name: 'vdy', wwn: undefined},
      ],
    });
    expect(await target.latch(system)).toEqual({ok: true, value: undefined});
    expect(await target.wipe(system)).toEqual({ok: true, value: {state: 'absent'}});
    await wiped(target);
    expect(await target.latch(system)).toMatchObject({ok: true, value: {run: 'marruuk-3', state: 'wiped'}});
    const place = {offset: 0, length: MiB};
    expect(await target.notZero(system, [place])).toEqual({ok: true, value: []});
    expect(await target.notOnes(system, [place])).toEqual({ok: true, value: [place]});
    expect(await target.startWipe(serial('WORLDS-1') as Serial, 'overwrite')).toMatchObject({
      ok: false,
      fault: {code: 'target.refused', says: expect.stringContaining('WORLDS-1')},
    });
    expect(await target.latch(serial('NOBODY') as Serial)).toMatchObject({ok: false, fault: {code: 'disk.not-found'}});
    await stage.addDisk({name: 'vdz', bytes: size, attributes: {serial: system}});
    expect(await target.latch(system)).toMatchObject({ok: false, fault: {code: 'disk.ambiguous'}});
  });

  test('writes an image, and reads it back', async () => {
    const target = targetAt(sshd.port);
    await wiped(target);
    const packets = image(12);
    const written: number[] = [];
    const sent = await target.write(system, delivery(packets, {written: async ({index}) => void written.push(index)}));
    expect(sent).toEqual({ok: true, value: {bytesSent: packets.reduce((sum, {data}) => sum + data.length, 0)}});
    expect(written.toSorted((a, b) => a - b)).toEqual(packets.map(({chunk}) => chunk.index));
    const seen: number[] = [];
    const read = await target.digests(
      system,
      packets.map(({chunk}) => chunk),
      (done) => seen.push(done),
    );
    expect(read).toEqual({ok: true, value: packets.map(({chunk}) => chunk.raw)});
    expect(seen.at(-1)).toBe(packets.length);
  });

  test('goes on over a connection that is cut again and again, and sends little twice', async () => {
    await wiped(targetAt(sshd.port));
    const packets = image(16);
    const total = packets.reduce((sum, {data}) => sum + data.length, 0);
    const cut = await cutter(sshd.port, 2_500_000);
    try {
      const written: number[] = [];
      const target = targetAt(cut.port);
      const sent = await target.write(
        system,
        delivery(packets, {written: async ({index}) => void written.push(index)}),
      );
      expect(sent.ok).toBe(true);
      expect(written.toSorted((a, b) => a - b)).toEqual(packets.map(({chunk}) => chunk.index));
      // What arrived before a cut is not sent again; a block that was half written is.
      expect(sent.ok && sent.value.bytesSent - total).toBeLessThan(MiB / 2);
      const disk = await open(stage.disk('vdx'), 'r');
      for (const {chunk, raw} of packets) {
        const {buffer} = await disk.read(Buffer.alloc(chunk.length), 0, chunk.length, chunk.offset);
        expect(buffer.equals(raw)).toBe(true);
      }
      await disk.close();
    } finally {
      cut.server.close();
    }
  });

  test('goes on with the same streams where its writer was killed and another comes late', async () => {
    const target = targetAt(sshd.port);
    await wiped(target);
    const packets = image(12);
    const state = join(stage.folder, 'run/rebuild');
    const killed = Promise.withResolvers<void>();
    let wanted = 0;
    const sent = target.write(
      system,
      delivery(packets, {
        packed: async ({index}) => {
          if (++wanted > 2) await killed.promise;
          return packets[index]?.data ?? Buffer.alloc(0);
        },
      }),
    );
    await expect.poll(() => wanted, {timeout: 30_000}).toBeGreaterThan(2);
    // Nothing writes to the disk until this one lets it: the streams come again before the next writer does.
    const holder = spawn('flock', [join(state, `disk-${system}.lock`), 'sh', '-c', 'echo held && exec cat'], {
      stdio: 'pipe',
    });
    const held = once(holder.stdout, 'data');
    process.kill(-Number(await readFile(join(state, `write-${system}/worker`), 'utf8')), 'SIGKILL');
    killed.resolve();
    await held;
    await systemClock.sleep(2000);
    holder.stdin.end();
    expect(await sent).toEqual({ok: true, value: {bytesSent: expect.any(Number)}});
  });

  test('stops at once when asked to', async () => {
    const target = targetAt(sshd.port);
    await wiped(target);
    const stop = new AbortController();
    const written: number[] = [];
    const whole = delivery(image(12), {
      written: async ({index}) => void written.push(index),
      signal: stop.signal,
    });
    const result = await target.write(system, {
      ...whole,
      packed: async (chunk) => {
        if (chunk.index === 6) stop.abort();
        return whole.packed(chunk);
      },
    });
    expect(result).toMatchObject({ok: false, fault: {code: 'run.interrupted'}});
    expect(written.length).toBeLessThan(12);
  });

  test('a chunk that is not what the manifest says is a fault, and is not written', async () => {
    const target = targetAt(sshd.port);
    await wiped(target);
    const packet = image(1)[0] as Packet;
    const damaged = {chunk: {...packet.chunk, packed: sha(Buffer.from('other'))}, data: packet.data};
    expect(await target.write(system, delivery([damaged]))).toMatchObject({
      ok: false,
      fault: {code: 'image.refused'},
    });
    const otherwise = {chunk: {...packet.chunk, raw: sha(Buffer.from('other'))}, data: packet.data};
    expect(await target.write(system, delivery([otherwise]))).toMatchObject({
      ok: false,
      fault: {code: 'disk.write-failed'},
    });
  });

  test('what the caller’s own record throws comes back to the caller', async () => {
    const target = targetAt(sshd.port);
    await wiped(target);
    await expect(target.write(system, delivery(image(3), {written: full}))).rejects.toThrow('no space left');
  });
});
