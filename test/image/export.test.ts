import {mkdtemp, readdir, readFile, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterEach, beforeEach, expect, test} from 'vitest';
import {pack} from '../../src/image/chunks.ts';
import {exportImage} from '../../src/image/export.ts';
import {
  blobName,
  imageDigest,
  manifestName,
  manifestText,
  openImage,
  type StoredImage,
} from '../../src/image/manifest.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rebuild-export-'));
});
afterEach(() => rm(folder, {recursive: true, force: true}));

async function stored(): Promise<StoredImage> {
  const chunkBytes = 65_536;
  const raw = join(folder, 'raw');
  await writeFile(
    raw,
    Buffer.concat([Buffer.alloc(chunkBytes, 'a'), Buffer.alloc(chunkBytes), Buffer.alloc(4096, 'b')]),
  );
  const chunks = await pack(raw, join(folder, blobName), chunkBytes);
  const packedBytes = chunks.reduce((sum, {packedLength}) => sum + packedLength, 0);
  const image = {
    name: 'test',
    sizeBytes: 2 * chunkBytes + 4096,
    packedBytes,
    chunks,
    root: {partition: 2, uuid: '6f0b1f5e-8d2a-4c3b-9a55-0123456789ab'},
  };
  const whole = {dir: folder, image: {...image, digest: imageDigest(image, chunkBytes)}, chunkBytes, about: {}};
  await writeFile(join(folder, manifestName), manifestText(whole));
  return whole;
}

test('an image lies under its own digest, with the file of chunks that a target asks for', async () => {
  const image = await stored();
  const served = join(folder, 'www');
  const place = await exportImage(image, served);
  expect(place).toEqual({ok: true, value: join(served, image.image.digest)});
  expect(await readdir(served)).toEqual([image.image.digest]);
  const found = await openImage(join(served, image.image.digest));
  expect(found).toMatchObject({ok: true, value: {image: image.image}});
});

test('one that is damaged there is laid out anew, and a damaged one is not laid out', async () => {
  const image = await stored();
  const served = join(folder, 'www');
  await exportImage(image, served);
  const blob = join(served, image.image.digest, blobName);
  const good = await readFile(blob);
  await writeFile(blob, Buffer.alloc(good.length));
  expect(await exportImage(image, served)).toMatchObject({ok: true});
  expect((await readFile(blob)).equals(good)).toBe(true);
  await writeFile(join(folder, blobName), Buffer.alloc(good.length));
  const elsewhere = join(folder, 'other');
  expect(await exportImage(image, elsewhere)).toMatchObject({ok: false, fault: {code: 'media.digest-differs'}});
  expect(await readdir(elsewhere)).toEqual([]);
});
