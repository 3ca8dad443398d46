import {createHash} from 'node:crypto';
import {appendFile, mkdtemp, open, readFile, rm, stat, truncate, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterAll, beforeAll, expect, test} from 'vitest';
import {chunks, isZero, pack, unpack} from '../../src/image/chunks.ts';
import {blobName, imageDigest, manifestName, manifestText, openImage, parseManifest} from '../../src/image/manifest.ts';
import type {Chunk} from '../../src/step/world/image.ts';

const size = 64 * 1024;
const total = 10 * size + 4096;
let dir: string;
let raw: string;
let list: readonly Chunk[];

const hex = (data: Uint8Array) => createHash('sha256').update(data).digest('hex');

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'rebuild-manifest-'));
  raw = join(dir, 'disk.raw');
  const file = await open(raw, 'w');
  await file.truncate(total);
  // Chunks 0, 3 (only its last byte) and the short one at the end hold data; the others are zero.
  await file.write(Buffer.from('boot code'), 0, 9, 0);
  await file.write(Buffer.from([7]), 0, 1, 4 * size - 1);
  await file.write(Buffer.alloc(4096, 'tail'), 0, 4096, 10 * size);
  await file.close();
  list = await pack(raw, join(dir, blobName), size);
  await writeManifest();
});
afterAll(() => rm(dir, {recursive: true, force: true}));

async function writeManifest(change: (text: string) => string = (text) => text): Promise<void> {
  const packedBytes = list.reduce((sum, {packedLength}) => sum + packedLength, 0);
  const root = {partition: 3, uuid: '9ef3788f-5140-8aa2-9252-c579492ea699'};
  const image = {name: 'debian', sizeBytes: total, packedBytes, chunks: list, root};
  const digest = imageDigest(image, size);
  const text = manifestText({image: {...image, digest}, chunkBytes: size, about: {suite: 'bookworm'}});
  await writeFile(join(dir, manifestName), change(text));
}

async function opened() {
  const image = await openImage(dir);
  if (!image.ok) throw new Error(image.fault.says);
  return image.value;
}

test('chunks that are all zero are not listed, and the last chunk is as short as the disk', () => {
  expect(list.map(({index, offset, length}) => [index, offset, length])).toEqual([
    [0, 0, size],
    [3, 3 * size, size],
    [10, 10 * size, 4096],
  ]);
});

test('an unpacked image has the bytes it was packed from, in a larger file too', async () => {
  const out = join(dir, 'copy.raw');
  await unpack(await opened(), out, total + size);
  const [before, after] = [await readFile(raw), await readFile(out)];
  expect(hex(after.subarray(0, total))).toBe(hex(before));
  expect(isZero(after.subarray(total))).toBe(true);
  expect((await stat(out)).size).toBe(total + size);
});

test('chunks come in the order they are asked for, each with its packed digest', async () => {
  const want = [list[2], list[0]] as Chunk[];
  const got: number[] = [];
  for await (const {chunk, data} of chunks(await opened(), want)) {
    expect(hex(data)).toBe(chunk.packed);
    got.push(chunk.index);
  }
  expect(got).toEqual([10, 0]);
});

test('the digest names the bytes on the disk, not how they are packed', () => {
  const image = {sizeBytes: total, packedBytes: 1, chunks: list, root: {partition: 3, uuid: 'u'}};
  const repacked = list.map((chunk) => ({...chunk, packed: chunk.raw, packedLength: 1}));
  expect(imageDigest({...image, packedBytes: 9, chunks: repacked}, size)).toBe(imageDigest(image, size));
  expect(imageDigest({...image, chunks: list.slice(1)}, size)).not.toBe(imageDigest(image, size));
  expect(imageDigest({...image, root: {partition: 2, uuid: 'u'}}, size)).not.toBe(imageDigest(image, size));
});

test.each([
  ['no JSON', () => 'x', 'not JSON'],
  ['another version', (text: string) => text.replace('"version": 1', '"version": 2'), 'version'],
  ['an unknown key', (text: string) => text.replace('"version": 1', '"version": 1, "extra": 1'), 'extra'],
  ['a chunk elsewhere', (text: string) => text.replace('"offset":196608', '"offset":196609'), 'wrong place'],
  ['a chunk beyond the end', (text: string) => text.replace('"length":4096', '"length":65536'), 'wrong place'],
  ['a sum that is off', (text: string) => text.replace(/"packedBytes": \d+/, '"packedBytes": 1'), 'add up'],
  [
    'another disk size',
    (text: string) => text.replace(`"sizeBytes": ${total}`, `"sizeBytes": ${total - 512}`),
    'wrong place',
  ],
  ['another root', (text: string) => text.replace('"partition": 3', '"partition": 2'), 'digest'],
])('a manifest with %s is refused', async (_, change, says) => {
  await writeManifest(change);
  const manifest = parseManifest(await readFile(join(dir, manifestName), 'utf8'));
  expect(manifest).toMatchObject({ok: false, fault: {code: 'media.digest-differs'}});
  expect(manifest.ok ? '' : manifest.fault.says).toContain(says);
  await writeManifest();
});

test('a changed, a cut and a missing chunk are found when the image is opened', async () => {
  const blob = join(dir, blobName);
  const whole = await readFile(blob);
  const changed = Buffer.from(whole);
  changed[whole.length - 3] = (changed[whole.length - 3] as number) ^ 1;
  await writeFile(blob, changed);
  expect(await openImage(dir)).toMatchObject({ok: false, fault: {says: expect.stringContaining('chunk 10')}});
  await truncate(blob, whole.length - 1);
  expect(await openImage(dir)).toMatchObject({ok: false, fault: {code: 'media.digest-differs'}});
  await rm(blob);
  expect(await openImage(dir)).toMatchObject({ok: false, fault: {code: 'media.digest-differs'}});
  await writeFile(blob, whole);
  expect(await openImage(dir)).toMatchObject({ok: true});
});

test('a chunk that changes after the image was opened is not handed out', async () => {
  const image = await opened();
  const blob = join(dir, blobName);
  const whole = await readFile(blob);
  await writeFile(blob, Buffer.alloc(whole.length, 1));
  await expect(async () => {
    for await (const {data} of chunks(image, image.image.chunks)) expect(data).toBeUndefined();
  }).rejects.toThrow('changed in the image cache');
  await writeFile(blob, whole);
  await appendFile(blob, '');
});
