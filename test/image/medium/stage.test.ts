import {createHash, randomBytes} from 'node:crypto';
import {mkdtemp, open, readFile, readdir, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import type {Sha256} from '../../../src/brand.ts';
import {unpack} from '../../../src/image/chunks.ts';
import {blobName} from '../../../src/image/manifest.ts';
import {nameOf, stageIso} from '../../../src/image/medium/stage.ts';
import type {Progress} from '../../../src/progress.ts';
import {smallIso} from './small-iso.ts';

const digest = (data: Uint8Array): Sha256 => createHash('sha256').update(data).digest('hex') as Sha256;

let folder: string;
let file: string;
let store: string;
let iso: Buffer;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rebuild-stage-'));
  file = join(folder, 'Vendor-12.5_netinst.iso');
  store = join(folder, 'cache');
  // Two chunks with data around one that is all zero.
  iso = smallIso('gpt', 20 << 20);
  randomBytes(1 << 20).copy(iso, 17 << 20);
  await writeFile(file, iso);
});
afterEach(() => rm(folder, {recursive: true, force: true}));

describe('an ISO for a disk', () => {
  test('is cut so that the disk gets exactly its bytes', async () => {
    const reached: Progress[] = [];
    const staged = await stageIso({store, file, sha256: digest(iso), progress: (far) => reached.push(far)});
    if (!staged.ok) throw new Error(staged.fault.says);
    const {image} = staged.value;
    expect(image).toMatchObject({
      name: 'vendor-12-5-netinst',
      iso: digest(iso),
      sizeBytes: iso.length,
      starts: {bios: true, uefi: 2},
    });
    expect(image.chunks.map(({index}) => index)).toEqual([0, 2]);
    const cut = reached.filter(({says}) => says === 'packing and hashing');
    expect(cut.at(-1)).toMatchObject({done: iso.length, of: iso.length});
    const kept = {done: image.packedBytes, of: image.packedBytes};
    expect(reached.at(-1)).toMatchObject({says: 'comparing it with its digest', ...kept});
    const disk = join(folder, 'disk');
    await unpack(staged.value, disk, 32 << 20);
    expect((await readFile(disk)).subarray(0, iso.length).equals(iso)).toBe(true);
  });

  test('is kept by its digest: the file is not read again', async () => {
    const first = await stageIso({store, file, sha256: digest(iso)});
    await rm(file);
    const second = await stageIso({store, file, sha256: digest(iso)});
    expect(second).toEqual(first);
  });

  test('that is not the one named is not cut', async () => {
    const wanted = digest(Buffer.from('another'));
    expect(await stageIso({store, file, sha256: wanted})).toMatchObject({
      ok: false,
      fault: {code: 'media.digest-differs', detail: {expected: wanted, found: digest(iso)}},
    });
    expect(await readdir(store)).toEqual([]);
  });

  test('that is missing is named', async () => {
    const gone = await stageIso({store, file: `${file}.gone`, sha256: digest(iso)});
    expect(gone).toMatchObject({ok: false, fault: {code: 'image.missing'}});
  });

  test('that is none is refused, whatever its digest', async () => {
    const other = Buffer.alloc(1 << 20, 'no iso');
    await writeFile(file, other);
    expect(await stageIso({store, file, sha256: digest(other)})).toMatchObject({
      ok: false,
      fault: {code: 'image.unfit'},
    });
  });

  test('whose chunks were damaged in the cache is cut anew', async () => {
    await stageIso({store, file, sha256: digest(iso)});
    const blob = await open(join(store, digest(iso), blobName), 'r+');
    await blob.write(Buffer.from('damaged'), 0, 7, 20);
    await blob.close();
    const again = await stageIso({store, file, sha256: digest(iso)});
    expect(again).toMatchObject({ok: true, value: {image: {iso: digest(iso)}}});
  });
});

test.each([
  ['/srv/iso/debian-12.5.0-amd64-netinst.iso', 'debian-12-5-0-amd64-netinst'],
  ['9.ISO', 'iso'],
  ['Windows Server 2025 (en-us) x64 dvd.iso', 'windows-server-2025-en-us-x64-dv'],
])('%s is called %s', (path, name) => {
  expect(nameOf(path)).toBe(name);
});
