import {spawnSync} from 'node:child_process';
import {mkdtempSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterAll, describe, expect, test} from 'vitest';
import {sha256} from '../../src/brand.ts';
import {inTurn, ordersText} from '../../src/device/target/orders.ts';
import type {Chunk, DiskImage} from '../../src/step/world/image.ts';

const MiB = 2 ** 20;
const program = join(import.meta.dirname, '../../src/image/light/system/orders.awk');
const folder = mkdtempSync(join(tmpdir(), 'rebuild-orders-'));
afterAll(() => rmSync(folder, {recursive: true}));

const digest = sha256('ab'.repeat(32))!;
const chunks: Chunk[] = [2, 0.1, 1.9, 0.2, 2.1].map((packed, index) => ({
  index,
  offset: index * 8 * MiB,
  length: 8 * MiB,
  packedLength: Math.round(packed * MiB),
  packed: digest,
  raw: digest,
}));
const image = {digest, chunks} as unknown as DiskImage;
const source = {address: '203.0.113.80', port: 80, host: 'images.example', path: '/images'};

function read(text: string) {
  const values = {size: 64 * MiB, latch: 62 * MiB, most: 8 * MiB, folder};
  const given = Object.entries(values).flatMap(([name, value]) => ['-v', `${name}=${value}`]);
  const {status, stdout, stderr} = spawnSync('busybox', ['awk', ...given, '-f', program], {
    input: text,
    encoding: 'utf8',
    env: {...process.env, LC_ALL: 'C'},
  });
  return {status, stdout, stderr};
}

test('what the controller writes is read as it was written, and where a source is kept apart', () => {
  const text = ordersText(image, chunks, [source]);
  const {status, stdout, stderr} = read(text);
  expect({status, stderr}).toEqual({status: 0, stderr: ''});
  expect(stdout).toBe(text.replace(/^source .*$/m, 'source 0').replace('end\n', ''));
  expect(readFileSync(join(folder, 'source-0'), 'utf8')).toBe(
    `203.0.113.80 80 images.example /images/${digest}/chunks.zst\n`,
  );
});

test('the chunks that take longest to bring come last', () => {
  expect(inTurn(chunks).map(({index}) => index)).toEqual([1, 3, 2, 0, 4]);
  expect(inTurn(chunks.slice(0, 1)).map(({index}) => index)).toEqual([0]);
  expect(inTurn([])).toEqual([]);
});

describe('what is no order', () => {
  const good = `chunk 3 ${8 * MiB} ${MiB} 5000 ${digest} ${digest} 0`;
  test('is what these are made from', () => expect(read(`${good}\nend\n`)).toMatchObject({status: 0}));

  const word = (at: number, by: string): string => good.split(' ').with(at, by).join(' ');
  test.each([
    ['another word', 'wipe everything', 65, 'not an order'],
    ['an index that is no number', word(1, '3;reboot'), 65, 'not a chunk'],
    ['a digest that is none', word(5, `${digest.slice(1)}/`), 65, 'not a chunk'],
    ['a digest that is short', word(6, digest.slice(1)), 65, 'not a chunk'],
    ['a word too many', `${good} 7`, 65, 'not a chunk'],
    ['a word too few', good.slice(0, -2), 65, 'not a chunk'],
    ['an offset below zero', word(2, '-512'), 65, 'not a range'],
    ['an offset of too many digits', word(2, '9007199254740992'), 65, 'not a range'],
    ['an offset in octal', word(2, '0512'), 65, 'not a range'],
    ['an offset with an exponent', word(2, '1e3'), 65, 'not a range'],
    ['an offset inside a sector', word(2, '700'), 65, 'whole sectors'],
    ['a length of nothing', word(3, '0'), 65, 'not a range'],
    ['an end beyond the disk', word(2, String(64 * MiB)), 65, 'beyond the disk'],
    ['an end over the latch', word(2, String(61 * MiB + 512)), 64, 'overwrite the latch'],
    ['a chunk that is too long', word(3, String(8 * MiB + 512)), 65, 'too long'],
    ['a packed chunk that is too long', word(4, String(9 * MiB)), 65, 'too long'],
    ['a packed chunk of nothing', word(4, '0'), 65, 'too long'],
    ['a source whose number leads elsewhere', 'source ../1 10.0.0.1 80 host /path', 65, 'not a source'],
    ['a source whose address is a name', 'source 1 example.org 80 host /path', 65, 'not a source'],
    ['a source whose path is none', 'source 1 10.0.0.1 80 host path', 65, 'not a source'],
    ['a source whose path would end the request line', 'source 1 10.0.0.1 80 host /a\rb', 65, 'not a source'],
    ['a source with a word too many', 'source 1 10.0.0.1 80 host /a HTTP/1.0', 65, 'not a source'],
  ])('%s', (_, line, code, says) => {
    const {status, stdout, stderr} = read(`${good}\n${line}\nend\n`);
    expect({status, stdout}).toEqual({status: code, stdout: `${good}\n`});
    expect(stderr).toContain(says);
  });

  test.each(['', good, `${good}\n`, `${good}\nen`])('orders that end too soon: %j', (text) => {
    expect(read(text)).toMatchObject({status: 65});
  });
});
