import {createHash, randomBytes} from 'node:crypto';
import {mkdir, mkdtemp, readFile, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {execa} from 'execa';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import type {Sha256} from '../../../src/brand.ts';
import type {StoredImage} from '../../../src/image/manifest.ts';
import {bootFile} from '../../../src/image/medium/boot-file.ts';
import {findInIso} from '../../../src/image/medium/iso-file.ts';
import {stageIso} from '../../../src/image/medium/stage.ts';
import type {StagedIso} from '../../../src/step/world/image.ts';

const sha = (data: Uint8Array): string => createHash('sha256').update(data).digest('hex');

/** Longer than one chunk, and with a hole. */
const initrd = Buffer.concat([randomBytes(9 << 20), Buffer.alloc(9 << 20), randomBytes(12_345)]);
const kernel = randomBytes(100_001);

let folder: string;
let images: Record<'rock' | 'plain', {readonly bytes: Buffer; readonly stored: StoredImage<StagedIso>}>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rebuild-iso-file-'));
  const tree = join(folder, 'tree');
  await mkdir(join(tree, 'install.amd'), {recursive: true});
  await mkdir(join(tree, 'pool'));
  await writeFile(join(tree, 'install.amd/vmlinuz'), kernel);
  await writeFile(join(tree, 'install.amd/initrd.gz'), initrd);
  // A folder of more than one block.
  for (let index = 0; index < 60; index++) await writeFile(join(tree, 'pool', `package-number-${index}_amd64.deb`), '');
  const make = async (name: string, more: readonly string[]) => {
    const file = join(folder, `${name}.iso`);
    await execa('xorriso', ['-as', 'mkisofs', '-quiet', '-o', file, ...more, tree]);
    const bytes = await readFile(file);
    const stored = await stageIso({store: join(folder, 'cache'), file, sha256: sha(bytes) as Sha256});
    if (!stored.ok) throw new Error(stored.fault.says);
    return {bytes, stored: stored.value};
  };
  images = {rock: await make('rock', ['-r']), plain: await make('plain', ['--norock', '-iso-level', '3'])};
});
afterAll(() => rm(folder, {recursive: true, force: true}));

describe.each(['rock', 'plain'] as const)('an ISO with %s names', (kind) => {
  test('tells where a kernel and its initial RAM disk lie, and what they are', async () => {
    const {bytes, stored} = images[kind];
    for (const [path, content] of [
      ['/install.amd/vmlinuz', kernel],
      ['/install.amd/initrd.gz', initrd],
    ] as const) {
      const found = await bootFile(stored, path);
      if (!found.ok) throw new Error(found.fault.says);
      const {offset, length, sha256} = found.value;
      expect({length, sha256}).toEqual({length: content.length, sha256: sha(content)});
      expect(sha(bytes.subarray(offset, offset + length))).toBe(sha256);
    }
  });

  test('names what there is in place of what is missing', async () => {
    expect(await bootFile(images[kind].stored, '/install.amd/linux')).toMatchObject({
      ok: false,
      fault: {code: 'image.unfit', says: expect.stringMatching(/has no \/install.amd\/linux; there is .*vmlinuz/i)},
    });
    expect(await bootFile(images[kind].stored, '/install.amd')).toMatchObject({fault: {code: 'image.unfit'}});
    expect(await bootFile(images[kind].stored, '/nowhere/vmlinuz')).toMatchObject({fault: {code: 'image.unfit'}});
  });
});

test('a folder of many blocks is read to its end', async () => {
  const {bytes} = images.rock;
  const read = async ({offset, length}: {offset: number; length: number}) => bytes.subarray(offset, offset + length);
  expect(await findInIso(read, 'pool/package-number-59_amd64.deb')).toMatchObject({is: 'file', extent: {length: 0}});
});

test('damage leads nowhere: any bytes end in an answer', async () => {
  const damaged = Buffer.from(images.rock.bytes.subarray(0, 1 << 20));
  const read = async ({offset, length}: {offset: number; length: number}) =>
    damaged.subarray(Math.min(offset, damaged.length), Math.min(offset + length, damaged.length));
  for (let round = 0; round < 300; round++) {
    randomBytes(64).copy(damaged, 16 * 2048 + Math.floor(Math.random() * 40_000));
    expect(['file', 'missing', 'other']).toContain((await findInIso(read, '/install.amd/vmlinuz')).is);
  }
});
