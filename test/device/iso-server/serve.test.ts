import {spawnSync} from 'node:child_process';
import {createHash, randomBytes} from 'node:crypto';
import {once} from 'node:events';
import {existsSync} from 'node:fs';
import {mkdtemp, open, readFile, rename, rm, writeFile} from 'node:fs/promises';
import {request} from 'node:http';
import {connect, createServer} from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {execa} from 'execa';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import type {Sha256} from '../../../src/brand.ts';
import {openIsoServer, serveIso} from '../../../src/device/iso-server/serve.ts';
import {hasty} from '../hasty.ts';
import type {Read} from '../../../src/device/iso-server/reads.ts';

const runs = (program: string): boolean => spawnSync(program, ['--version']).error === undefined;
// QEMU's HTTP driver is a module of its own: Debian's qemu-block-extra.
const haveQemu = runs('qemu-img') && runs('qemu-io') && existsSync('/usr/lib/x86_64-linux-gnu/qemu/block-curl.so');

const token = 'k7Qm2vXw9TzB4nRs';
const content = randomBytes((3 << 20) + 517);
const digest = (data: Uint8Array): Sha256 => createHash('sha256').update(data).digest('hex') as Sha256;

let folder: string;
let file: string;
type Server = Extract<Awaited<ReturnType<typeof serveIso>>, {ok: true}>['value'];
let server: Server;
let heard: Read[];

async function start(port = 0): Promise<Server> {
  const started = await serveIso({
    address: '127.0.0.1',
    port,
    token,
    file,
    sha256: digest(content),
    onRead: (read) => heard.push(read),
  });
  if (!started.ok) throw new Error(started.fault.says);
  return started.value;
}

beforeEach(async () => {
  heard = [];
  folder = await mkdtemp(join(tmpdir(), 'iso-server-'));
  file = join(folder, 'light.iso');
  await writeFile(file, content);
  server = await start();
});

afterEach(async () => {
  await server.close();
  await rm(folder, {recursive: true});
});

const get = (headers: Record<string, string> = {}, url = server.url, method = 'GET') =>
  fetch(url, {headers, method}).then(async (answer) => ({
    status: answer.status,
    headers: answer.headers,
    body: Buffer.from(await answer.arrayBuffer()),
  }));

describe('the whole file', () => {
  test('is served, and accounted for', async () => {
    const answer = await get();
    expect(answer.status).toBe(200);
    expect(answer.headers.get('accept-ranges')).toBe('bytes');
    expect(answer.body.equals(content)).toBe(true);
    const served = server.served();
    expect(served).toMatchObject({bytes: content.length, requests: 1, covered: content.length});
    expect(served.idleMs).toBeGreaterThanOrEqual(0);
    expect(server.reads).toHaveLength(1);
    expect(heard).toEqual([
      expect.objectContaining({from: '127.0.0.1', method: 'GET', status: 200, range: undefined, bytes: content.length}),
    ]);
  });

  test('HEAD tells its length and sends nothing', async () => {
    const answer = await get({range: 'bytes=0-9'}, server.url, 'HEAD');
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-length')).toBe(String(content.length));
    expect(server.served()).toEqual({bytes: 0, requests: 1, covered: 0});
  });

  test('the URL satisfies every BMC: an address, no query, an end in .iso', () => {
    expect(server.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/[\w-]+\/rebuild\.iso$/);
  });
});

describe('ranges', () => {
  test.each([
    ['bytes=0-2047', 0, 2048],
    ['bytes=1048576-', 1 << 20, content.length],
    ['bytes=-100', content.length - 100, content.length],
    ['bytes=3000000-99999999999', 3_000_000, content.length],
  ])('%s', async (range, from, to) => {
    const answer = await get({range});
    expect(answer.status).toBe(206);
    expect(answer.headers.get('content-range')).toBe(`bytes ${from}-${to - 1}/${content.length}`);
    expect(answer.body.equals(content.subarray(from, to))).toBe(true);
    expect(server.served()).toMatchObject({bytes: to - from, covered: to - from});
    expect(heard[0]).toMatchObject({status: 206, range: {first: from, last: to - 1}, bytes: to - from});
  });

  test('one past the end is refused with the size', async () => {
    const answer = await get({range: `bytes=${content.length}-`});
    expect(answer.status).toBe(416);
    expect(answer.headers.get('content-range')).toBe(`bytes */${content.length}`);
    expect(answer.body).toHaveLength(0);
  });

  test('If-Range with another version gives the whole file', async () => {
    const {headers} = await get({}, server.url, 'HEAD');
    expect((await get({range: 'bytes=0-9', 'if-range': headers.get('etag') ?? ''})).status).toBe(206);
    expect((await get({range: 'bytes=0-9', 'if-range': '"another"'})).status).toBe(200);
    expect((await get({range: 'bytes=0-9', 'if-range': headers.get('last-modified') ?? ''})).status).toBe(200);
  });

  test('many readers at once each get their own bytes, and coverage counts them once', async () => {
    const size = 64 << 10;
    const starts = Array.from({length: 40}, (_, at) => (at % 20) * size);
    const answers = await Promise.all(starts.map((from) => get({range: `bytes=${from}-${from + size - 1}`})));
    answers.forEach((answer, at) => {
      const from = starts[at] ?? 0;
      expect(answer.body.equals(content.subarray(from, from + size))).toBe(true);
    });
    expect(server.served()).toMatchObject({bytes: 40 * size, requests: 40, covered: 20 * size});
  });
});

describe('what is not for readers', () => {
  test.each([
    '',
    '/',
    '/rebuild.iso',
    `/${token}`,
    `/${token}/`,
    `/${token}/rebuild.iso/`,
    `/${token}/other.iso`,
    `/x/../${token}/REBUILD.ISO`,
  ])('the path %j is not found', async (path) => {
    expect((await get({}, `http://127.0.0.1:${server.port}${path}`)).status).toBe(404);
    expect(server.served().requests).toBe(0);
  });

  test.each(['POST', 'PUT', 'DELETE', 'OPTIONS'])('%s is not allowed', async (method) => {
    const answer = await get({}, server.url, method);
    expect(answer.status).toBe(405);
    expect(answer.headers.get('allow')).toBe('GET, HEAD');
  });

  test('what is no HTTP is cut off, and the server goes on', async () => {
    const socket = connect(server.port, '127.0.0.1');
    await once(socket, 'connect');
    socket.on('error', () => {}).resume();
    socket.write('EHLO here\r\n\r\n');
    await once(socket, 'close');
    expect((await get({range: 'bytes=0-0'})).status).toBe(206);
  });
});

test('one connection carries several requests', async () => {
  const socket = connect(server.port, '127.0.0.1');
  let text = '';
  socket.setEncoding('latin1').on('data', (data: string) => (text += data));
  const path = new URL(server.url).pathname;
  for (const range of ['0-3', '4-7']) socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\nRange: bytes=${range}\r\n\r\n`);
  socket.write(`HEAD http://x${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
  await once(socket, 'close');
  expect(text.match(/HTTP\/1\.1 206/g)).toHaveLength(2);
  expect(text.match(/HTTP\/1\.1 200/g)).toHaveLength(1);
});

test('a reader that goes away is recorded with what it was sent', async () => {
  const asked = request(server.url);
  asked.end();
  asked.on('error', () => {});
  const [answer] = (await once(asked, 'response')) as [NodeJS.ReadableStream];
  await once(answer, 'readable');
  asked.destroy();
  await expect.poll(() => heard.length, {timeout: 20_000}).toBe(1);
  expect(heard[0]?.status).toBe(200);
  expect(heard[0]?.bytes).toBeLessThan(content.length);
  expect(server.served().bytes).toBe(heard[0]?.bytes);
});

async function bounded(
  path: string,
  data: Uint8Array,
  limits: Partial<Record<'requestMs' | 'stalledMs' | 'connections', number>>,
) {
  await writeFile(path, data);
  await server.close();
  const started = await serveIso({
    address: '127.0.0.1',
    token,
    file: path,
    sha256: digest(data),
    limits,
    onRead: (read) => heard.push(read),
  });
  if (!started.ok) throw new Error(started.fault.says);
  server = started.value;
}

describe('limits', () => {
  test('a client that trickles its request is cut off', async () => {
    await bounded(file, content, {requestMs: 200});
    const socket = connect(server.port, '127.0.0.1');
    let text = '';
    socket.on('data', (data: Buffer) => (text += data.toString('latin1'))).on('error', () => {});
    socket.write('GET / HTTP/1.1\r\nHost:');
    await once(socket, 'close');
    expect(text).toMatch(/^HTTP\/1\.1 408/);
  });

  test('a reader that has stopped is cut off at last, and what it got is recorded', async () => {
    await bounded(file, Buffer.alloc(32 << 20), {stalledMs: 300});
    const socket = connect(server.port, '127.0.0.1').on('error', () => {});
    socket.write(`GET ${new URL(server.url).pathname} HTTP/1.1\r\nHost: x\r\n\r\n`);
    socket.pause();
    await expect.poll(() => heard.length, {timeout: 20_000}).toBe(1);
    expect(heard[0]?.bytes).toBeLessThan(32 << 20);
    socket.destroy();
  });
});

test('a recount starts the coverage anew and keeps the bytes', async () => {
  await get({range: 'bytes=0-999'});
  server.recount();
  await get({range: 'bytes=500-699'});
  expect(server.served()).toMatchObject({bytes: 1200, covered: 200, requests: 2});
});

describe('the file', () => {
  test('that is not the recorded one is not served', async () => {
    const other = await serveIso({address: '127.0.0.1', token, file, sha256: digest(Buffer.from('other'))});
    expect(other).toMatchObject({ok: false, fault: {code: 'media.digest-differs', detail: {found: digest(content)}}});
  });

  test('that is missing is named', async () => {
    const missing = await serveIso({address: '127.0.0.1', token, file: `${file}.gone`, sha256: digest(content)});
    expect(missing).toMatchObject({ok: false, fault: {code: 'media.not-served'}});
  });

  test('may be replaced by name: what was checked goes on being served', async () => {
    await writeFile(`${file}.new`, 'another');
    await rename(`${file}.new`, file);
    expect((await get()).body.equals(content)).toBe(true);
    expect(await server.check()).toEqual({ok: true, value: undefined});
  });

  test('changed in place is noticed when it is checked again', async () => {
    const handle = await open(file, 'r+');
    await handle.write(Buffer.from([(content[1000] ?? 0) ^ 1]), 0, 1, 1000);
    await handle.close();
    expect(await server.check()).toMatchObject({ok: false, fault: {code: 'media.digest-differs'}});
  });

  test('cut in place never looks complete', async () => {
    await writeFile(file, content.subarray(0, 1 << 20));
    await expect(get()).rejects.toThrow();
  });
});

describe('the port', () => {
  test('and the token survive a restart', async () => {
    const {url, port} = server;
    await get({range: 'bytes=0-9'});
    await server.close();
    server = await start(port);
    expect(server.url).toBe(url);
    expect((await get({range: 'bytes=0-9'})).status).toBe(206);
  });

  test('is waited for while the old process still holds it', async () => {
    const {port} = server;
    const restarted = serveIso({address: '127.0.0.1', port, token, file, sha256: digest(content)});
    setTimeout(() => void server.close(), 400);
    const second = await restarted;
    expect(second.ok).toBe(true);
    if (second.ok) server = second.value;
  });

  test('of someone else is a fault that names it', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const {port} = other.address() as {port: number};
    const clock = hasty();
    const taken = await serveIso({address: '127.0.0.1', port, token, file, sha256: digest(content), clock});
    expect(taken).toMatchObject({
      ok: false,
      fault: {code: 'media.not-served', says: expect.stringContaining(String(port))},
    });
    other.close();
  });

  test('an address that is not ours is a fault', async () => {
    const away = await serveIso({address: '192.0.2.1', token, file, sha256: digest(content)});
    expect(away).toMatchObject({ok: false, fault: {code: 'media.not-served'}});
  });
});

describe('several files', () => {
  test('each have a path and an account of their own', async () => {
    const other = join(folder, 'vendor.iso');
    await writeFile(other, 'another medium');
    const opened = await openIsoServer({address: '127.0.0.1'});
    if (!opened.ok) throw new Error(opened.fault.says);
    const offers = await Promise.all([
      opened.value.offer({token, file, sha256: digest(content)}),
      opened.value.offer({token: `${token}-2`, file: other, sha256: digest(Buffer.from('another medium'))}),
    ]);
    const [light, vendor] = offers.map((offer) => (offer.ok ? offer.value : undefined));
    expect((await get({}, vendor?.url)).body.toString()).toBe('another medium');
    expect((await get({range: 'bytes=0-99'}, light?.url)).body.equals(content.subarray(0, 100))).toBe(true);
    expect(vendor?.served()).toMatchObject({covered: 14, requests: 1});
    expect(light?.served()).toMatchObject({covered: 100, requests: 1});
    expect(await vendor?.touched()).toBe(false);
    await writeFile(other, 'another medIum');
    expect(await vendor?.touched()).toBe(true);
    expect(await light?.touched()).toBe(false);
    await opened.value.close();
  });
});

describe('foreign readers', () => {
  test.runIf(runs('curl'))('curl resumes a download that was cut', async () => {
    const part = join(folder, 'part');
    await writeFile(part, content.subarray(0, 1_234_567));
    await execa('curl', ['--silent', '--show-error', '--fail', '--continue-at', '-', '--output', part, server.url]);
    expect((await readFile(part)).equals(content)).toBe(true);
    expect(server.served()).toMatchObject({bytes: content.length - 1_234_567, covered: content.length - 1_234_567});
  });

  test.runIf(haveQemu)('QEMU’s HTTP driver reads it as a disk', async () => {
    const image = `json:${JSON.stringify({driver: 'raw', file: {driver: 'http', url: server.url}})}`;
    const info = await execa('qemu-img', ['info', '--output=json', image]);
    const sectors = Math.ceil(content.length / 512) * 512;
    expect([content.length, sectors]).toContain((JSON.parse(info.stdout) as {'virtual-size': number})['virtual-size']);
    const copy = join(folder, 'copy');
    await execa('qemu-img', ['convert', '-O', 'raw', image, copy]);
    expect((await readFile(copy)).subarray(0, content.length).equals(content)).toBe(true);
    const {covered, requests} = server.served();
    expect(covered).toBe(content.length);
    expect(requests).toBeGreaterThan(2);
    const random = await execa('qemu-io', ['-r', '-c', 'read -v 2097152 512', image]);
    expect(random.stdout).toContain('512/512 bytes at offset 2097152');
  });
});
