import {mkdtempSync, rmSync} from 'node:fs';
import {connect, type Socket} from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import {chance} from '../../src/lab/fault/chance.ts';
import {cable, type Cable} from '../../src/lab/machine/cable.ts';
import {queue} from '../../src/lab/machine/frame-queue.ts';
import {whole, type LineCondition} from '../../src/lab/machine/line-condition.ts';
import type {Qmp} from '../../src/lab/machine/qmp.ts';
import {ok} from '../../src/result.ts';

const frame = (n: number, bytes = 100): Buffer => {
  const made = Buffer.alloc(4 + bytes);
  made.writeUInt32BE(bytes);
  made.writeUInt32BE(n, 4);
  return made;
};
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe('frames of one direction', () => {
  let condition: LineCondition;
  let came: number[];
  const to = {destroyed: false, write: (data: Buffer) => came.push(data.readUInt32BE(4))} as unknown as Socket;
  const through = (seed = 1) => {
    const draws = chance(seed);
    return queue(
      () => condition,
      () => draws,
    );
  };

  beforeEach(() => {
    condition = whole;
    came = [];
  });

  test('pass a whole cable at once', () => {
    const frames = through();
    for (let n = 0; n < 5; n++) frames.push(frame(n), to);
    expect(came).toEqual([0, 1, 2, 3, 4]);
  });

  test('arrive late and in order, whatever the jitter', async () => {
    condition = {passage: 'open', delaySeconds: 0.05, jitterSeconds: 0.05};
    const frames = through();
    for (let n = 0; n < 20; n++) frames.push(frame(n), to);
    await sleep(30);
    expect(came).toEqual([]);
    while (came.length < 20) await sleep(10);
    expect(came).toEqual(came.toSorted((a, b) => a - b));
  });

  test('are lost as the seed says', () => {
    condition = {passage: 'open', lossPercent: 10};
    const [first = [], again, other] = [7, 7, 8].map((seed) => {
      came = [];
      const frames = through(seed);
      for (let n = 0; n < 1000; n++) frames.push(frame(n), to);
      return came;
    });
    expect(first.length).toBeGreaterThan(850);
    expect(first.length).toBeLessThan(950);
    expect(again).toEqual(first);
    expect(other).not.toEqual(first);
  });

  test('wait while it is stalled, and are gone where it drops them', async () => {
    const frames = through();
    condition = {passage: 'stalled'};
    frames.push(frame(1), to);
    await sleep(20);
    expect(came).toEqual([]);
    condition = whole;
    frames.changed();
    expect(came).toEqual([1]);
    condition = {passage: 'dropping'};
    frames.push(frame(2), to);
    condition = whole;
    frames.changed();
    expect(came).toEqual([1]);
  });

  test('that find a slow cable’s buffer full are lost', async () => {
    condition = {passage: 'open', bytesPerSecond: 1000};
    const frames = through();
    for (let n = 0; n < 200; n++) frames.push(frame(n, 1496), to);
    condition = whole;
    frames.changed();
    await sleep(0);
    // 128 KiB of buffer.
    expect(came.length).toBeLessThanOrEqual(87);
  });
});

describe('between the card and the wire', () => {
  let directory: string;
  let sent: string[];
  let lines: Map<string, Socket>;
  let wire: Cable;

  /** A QEMU that plugs in what it is told to. */
  const qmp = {
    async execute(command: string, parameters: Record<string, unknown> = {}) {
      sent.push([command, parameters['id'] ?? parameters['up']].join(' '));
      if (command === 'chardev-add') {
        const socket = connect(join(directory, 'cable.sock'));
        socket.on('error', () => {});
        lines.set(String(parameters['id']), socket);
      }
      return ok(null);
    },
  } as unknown as Qmp;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'rebuild-cable-'));
    sent = [];
    lines = new Map();
    wire = cable(join(directory, 'cable.sock'));
  });
  afterEach(() => {
    for (const line of lines.values()) line.destroy();
    wire.detach();
    rmSync(directory, {recursive: true});
  });

  test('there is nothing while the cable is whole', async () => {
    await wire.attach(qmp);
    await wire.become(whole);
    expect(sent).toEqual([]);
  });

  test('frames are led through while something ails it, each way, and past it afterwards', async () => {
    await wire.attach(qmp);
    await wire.become({passage: 'open', delaySeconds: 0.01});
    expect(sent).toEqual([
      'chardev-add cable-rx-out',
      'chardev-add cable-rx-in',
      'object-add cable-rx',
      'chardev-add cable-tx-out',
      'chardev-add cable-tx-in',
      'object-add cable-tx',
    ]);
    for (const direction of ['rx', 'tx']) {
      const back = new Promise<Buffer>((resolve) => lines.get(`cable-${direction}-in`)?.once('data', resolve));
      lines.get(`cable-${direction}-out`)?.write(frame(7));
      expect((await back).readUInt32BE(4)).toBe(7);
    }
    sent = [];
    await wire.become(whole);
    expect(sent.filter((each) => each.startsWith('object-del'))).toEqual([
      'object-del cable-rx',
      'object-del cable-tx',
    ]);
  });

  test('a cut cable has no carrier', async () => {
    await wire.attach(qmp);
    await wire.become({passage: 'cut'});
    await wire.become(whole);
    expect(sent).toEqual(['set_link false', 'set_link true']);
  });

  test('what ails it outlasts a restart of the machine', async () => {
    await wire.become({passage: 'cut'});
    expect(sent).toEqual([]);
    await wire.attach(qmp);
    wire.detach();
    await wire.attach(qmp);
    expect(sent).toEqual(['set_link false', 'set_link false']);
  });
});
