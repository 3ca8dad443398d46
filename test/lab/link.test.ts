import {once} from 'node:events';
import {createServer, type Server} from 'node:http';
import type {AddressInfo} from 'node:net';
import {afterAll, afterEach, beforeAll, beforeEach, expect, test} from 'vitest';
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

test('a closed line refuses, and leads nowhere but to plain http', async () => {
  const local = await opened();
  line.close();
  expect((await readAll(local)).broken).toBe(true);
  for (const other of ['https://10.9.0.2/x.iso', 'nfs://10.9.0.2/x.iso', 'x.iso'])
    expect(await line.open(other)).toMatchObject({ok: false, fault: {code: 'lab.failed'}});
});
