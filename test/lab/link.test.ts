import {once} from 'node:events';
import {createServer, type Server} from 'node:http';
import {connect, type AddressInfo} from 'node:net';
import {afterAll, afterEach, beforeAll, beforeEach, expect, test} from 'vitest';
import {chance} from '../../src/lab/fault/chance.ts';
import {whole} from '../../src/lab/machine/line-condition.ts';
import {link, type Link} from '../../src/lab/machine/link.ts';

const medium = Buffer.alloc(1_000_000, 'medium ');
let server: Server;
let url: string;
let line: Link;

beforeAll(async () => {
  server = createServer((_, outgoing) => outgoing.end(medium));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/light.iso?x=1`;
});
afterAll(() => server.close());
beforeEach(() => {
  line = link();
});
afterEach(() => line.close());

async function opened(): Promise<string> {
  const local = await line.open(url);
  if (!local.ok) throw new Error(local.fault.says);
  return local.value;
}

/** Bytes that arrived before the line broke, and whether it did. */
async function readAll(from: string): Promise<{readonly bytes: number; readonly broken: boolean}> {
  let bytes = 0;
  try {
    const answer = await fetch(from, {headers: {connection: 'close'}});
    for await (const part of answer.body ?? []) bytes += (part as Uint8Array).length;
    return {bytes, broken: false};
  } catch {
    return {bytes, broken: true};
  }
}

test('a whole line carries everything and keeps the path', async () => {
  const local = await opened();
  expect(local).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/light\.iso\?x=1$/);
  expect(await readAll(local)).toEqual({bytes: medium.length, broken: false});
  expect(line.carried()).toBeGreaterThan(medium.length);
  expect(line.carried()).toBeLessThan(medium.length + 1_000);
});

test('what is to happen after so many bytes happens before one more', async () => {
  const local = await opened();
  let at = 0;
  line.whenCarried(400_000, () => {
    at = line.carried();
    line.become({passage: 'cut'});
  });
  const read = await readAll(local);
  expect(at).toBe(400_000);
  expect(line.carried()).toBe(400_000);
  expect(read.broken).toBe(true);
  expect(read.bytes).toBeLessThan(400_000);
  expect((await readAll(local)).broken).toBe(true);
});

test('it happens on the next medium where this one is too short, and at once where it is late', async () => {
  await readAll(await opened());
  let struck = 0;
  line.whenCarried(500_000, () => struck++);
  expect(struck).toBe(1);
  line.whenCarried(5_000_000, () => struck++);
  expect(struck).toBe(1);
  const again = await opened();
  for (let times = 0; times < 5; times++) await readAll(again);
  expect(struck).toBe(2);
});

test('a stalled line moves nothing until it is whole again', async () => {
  const local = await opened();
  line.become({passage: 'stalled'});
  const reading = readAll(local);
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(line.carried()).toBe(0);
  line.become({passage: 'open'});
  expect(await reading).toEqual({bytes: medium.length, broken: false});
});

test('a throttled line trickles, and gives the rest once it is whole again', async () => {
  const local = await opened();
  line.become({passage: 'open', bytesPerSecond: 40});
  const reading = readAll(local);
  while (line.carried() === 0) await new Promise((resolve) => setTimeout(resolve, 10));
  expect(line.carried()).toBeLessThan(1_000);
  line.become({passage: 'open'});
  expect(await reading).toEqual({bytes: medium.length, broken: false});
});

test('a delayed line answers no earlier than its round trips', async () => {
  const local = await opened();
  line.become({passage: 'open', delaySeconds: 0.1});
  const begun = performance.now();
  expect(await readAll(local)).toEqual({bytes: medium.length, broken: false});
  // The making of the connection and the way of the first byte: timers may be a millisecond early.
  expect(performance.now() - begun).toBeGreaterThanOrEqual(299);
});

test('losses cost time and no byte, and come from the seed', async () => {
  const pauses = async (seed: number): Promise<number> => {
    const local = await opened();
    const draws = chance(seed);
    let drawn = 0;
    const counted = {
      next: () => {
        drawn++;
        return draws.next();
      },
      between: (low: number, high: number) => draws.between(low, high),
    };
    line.become({passage: 'open', lossPercent: 0.2}, counted);
    expect(await readAll(local)).toEqual({bytes: medium.length, broken: false});
    return drawn;
  };
  const first = await pauses(5);
  // One draw for each segment, one more for each that was lost.
  expect(first).toBeGreaterThan(Math.floor(medium.length / 1448));
  expect(await pauses(5)).toBe(first);
});

test('a reset breaks what is open and nothing else', async () => {
  const local = await opened();
  line.whenCarried(300_000, () => line.reset());
  expect(await readAll(local)).toMatchObject({broken: true});
  expect(await readAll(local)).toEqual({bytes: medium.length, broken: false});
});

test('what a dropping line swallows never comes, and nobody is told', async () => {
  const local = await opened();
  const {port} = new URL(local);
  const client = connect(Number(port), '127.0.0.1');
  const seen = {received: 0, ended: false};
  client.on('data', (data) => (seen.received += data.length));
  client.on('close', () => (seen.ended = true));
  line.whenCarried(300_000, () => line.become({passage: 'dropping'}));
  client.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  while (line.condition().passage === 'open' || seen.received < 300_000)
    await new Promise((resolve) => setTimeout(resolve, 5));
  line.become(whole);
  // A new connection is whole; the old one stays as it is.
  expect(await readAll(local)).toEqual({bytes: medium.length, broken: false});
  expect(seen).toEqual({received: 300_000, ended: false});
  client.destroy();
});

test('of two that wait for a byte count, each has its own', async () => {
  const local = await opened();
  const at: number[] = [];
  line.whenCarried(200_000, () => at.push(line.carried()));
  line.whenCarried(100_000, () => at.push(line.carried()));
  const leave = line.whenCarried(150_000, () => at.push(0));
  leave();
  await readAll(local);
  expect(at).toEqual([100_000, 200_000]);
});

test('a closed line refuses, and leads nowhere but to plain http', async () => {
  const local = await opened();
  line.close();
  expect((await readAll(local)).broken).toBe(true);
  for (const other of ['https://10.9.0.2/x.iso', 'nfs://10.9.0.2/x.iso', 'x.iso'])
    expect(await line.open(other)).toMatchObject({ok: false, fault: {code: 'lab.failed'}});
});
