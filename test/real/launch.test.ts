import {createHash, randomBytes} from 'node:crypto';
import {cp, mkdir, mkdtemp, open, readFile, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {execa} from 'execa';
import {afterAll, beforeAll, expect, test} from 'vitest';
import {serial, type Serial, type Sha256} from '../../src/brand.ts';
import {fetchPackages} from '../../src/image/debian/fetch.ts';
import {chunks} from '../../src/image/chunks.ts';
import {unpack} from '../../src/image/light/pool.ts';
import type {StoredImage} from '../../src/image/manifest.ts';
import {bootFile} from '../../src/image/medium/boot-file.ts';
import {stageIso} from '../../src/image/medium/stage.ts';
import {PlainConsole} from '../../src/lab/plain-console.ts';
import {setAside} from '../../src/step/memory.ts';
import {readWhole} from '../../src/step/transfer/whole-image.ts';
import type {Look} from '../../src/step/world.ts';
import type {StagedIso} from '../../src/step/world/image.ts';
import {memoryDigest} from './guest-memory.ts';
import {bootLight, kinds, type Machine} from './target-machine.ts';

// An installer on a partition and in memory of a machine that runs the light system, and started from there by its own
// kernel: Debian's installer, which asks its first question. No lab around it.

const MiB = 1 << 20;
const minutes = 60_000;
const disk = 'VIRTIO-1';
const part = {number: 3, from: 64 * MiB, bytes: 160 * MiB};
const diskBytes = 320 * MiB;
const memory = {from: 448 * MiB, bytes: 160 * MiB};
/** A machine of 1 GiB has nothing there. */
const nowhere = {from: 2 ** 32, bytes: 64 * MiB};
const place = (text: string): Serial => serial(text)!;
const places = {partition: place(`${disk}@${part.number}`), memory: place(`ram@${memory.from.toString(16)}`)};
const firstWords = 'Choose the language to be used for the installation process.';

let folder: string;
let stored: StoredImage<StagedIso>;
let machine: Machine;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rebuild-launch-'));
  stored = await installer();
  machine = await bootLight(
    [{serial: disk, device: kinds.virtio, bytes: diskBytes}],
    [places.partition, places.memory, `ram@${nowhere.from.toString(16)}`],
    {memory: [memory, nowhere], lay: (_, file) => layTable(file)},
  );
}, 15 * minutes);
afterAll(async () => {
  await machine?.stop();
  await rm(folder, {recursive: true, force: true});
});

/** Kernel and initial RAM disk of Debian's installer, and megabytes that do not compress. */
async function installer(): Promise<StoredImage<StagedIso>> {
  const fetched = await fetchPackages(['debian-installer-12-netboot-amd64'], undefined, {});
  if (!fetched.ok) throw new Error(fetched.fault.says);
  const unpacked = await unpack(fetched.value, join(folder, 'packages'), undefined);
  if (!unpacked.ok) throw new Error(unpacked.fault.says);
  const files = join(unpacked.value.root, 'usr/lib/debian-installer/images/12/amd64/text/debian-installer/amd64');
  const tree = join(folder, 'tree');
  await mkdir(join(tree, 'install.amd'), {recursive: true});
  await cp(join(files, 'linux'), join(tree, 'install.amd/vmlinuz'));
  await cp(join(files, 'initrd.gz'), join(tree, 'install.amd/initrd.gz'));
  await writeFile(join(tree, 'pool.bin'), randomBytes(48 * MiB));
  const file = join(folder, 'installer.iso');
  await execa('xorriso', ['-as', 'mkisofs', '-quiet', '-r', '-o', file, tree]);
  const digest = createHash('sha256').update(await readFile(file));
  const sha256 = digest.digest('hex') as Sha256;
  const staged = await stageIso({store: join(folder, 'cache'), file, sha256});
  if (!staged.ok) throw new Error(staged.fault.says);
  return staged.value;
}

const sectors = (bytes: number): number => bytes / 512;

async function layTable(file: string): Promise<void> {
  const input = [
    'label: gpt',
    `1 : start=2048, size=${sectors(32 * MiB)}`,
    `${part.number} : start=${sectors(part.from)}, size=${sectors(part.bytes)}`,
    `4 : start=${sectors(part.from + part.bytes)}, size=${sectors(32 * MiB)}`,
    '',
  ].join('\n');
  await execa('sfdisk', ['--quiet', '--no-reread', '--no-tell-kernel', file], {input});
}

/** Digest of a stretch of the file behind the disk. */
async function digestOf(from: number, to: number): Promise<string> {
  const hash = createHash('sha256');
  await using file = await open(machine.file(disk));
  for await (const data of file.createReadStream({start: from, end: to - 1, autoClose: false}))
    hash.update(data as Uint8Array);
  return hash.digest('hex');
}

const around = async () => [await digestOf(0, part.from), await digestOf(part.from + part.bytes, diskBytes)];

async function stage(where: Serial): Promise<void> {
  const {target} = machine;
  expect(await target.startWipe(where, 'overwrite')).toEqual({ok: true, value: undefined});
  await expect
    .poll(() => target.wipe(where), {timeout: 5 * minutes, interval: 500})
    .toMatchObject({value: {state: 'done'}});
  expect(await target.setLatch(where, 'wiped')).toMatchObject({ok: true});
  const {image} = stored;
  const sent = await target.write(where, {
    image,
    want: image.chunks,
    from: [],
    packed: async (wanted) => {
      for await (const {data} of chunks(stored, [wanted])) return data;
      throw new Error('no such chunk');
    },
    written: async () => {},
    signal: new AbortController().signal,
  });
  expect(sent).toMatchObject({ok: true});
  expect(await readWhole({target} as unknown as Look, where, image)).toEqual({
    ok: true,
    value: {chunks: [], stains: []},
  });
  expect(await target.setLatch(where, 'installed')).toMatchObject({ok: true});
}

test('tells its disk, the partition and the memory that the plan names, and no memory that is not there', async () => {
  const told = await machine.target.disks();
  if (!told.ok) throw new Error(told.fault.says);
  expect(told.value.map(({serial: name, sizeBytes}) => [name, sizeBytes])).toEqual([
    [disk, diskBytes],
    [places.partition, part.bytes],
    [places.memory, memory.bytes],
  ]);
  expect(await machine.target.latch(place(`ram@${nowhere.from.toString(16)}`))).toMatchObject({
    ok: false,
    fault: {says: expect.stringContaining('this machine has less memory')},
  });
});

test(
  'a partition gets the ISO, and every byte of the disk around it is as it was',
  {timeout: 10 * minutes},
  async () => {
    const before = await around();
    await stage(places.partition);
    expect(await around()).toEqual(before);
    expect(await digestOf(part.from, part.from + stored.image.sizeBytes)).toBe(stored.image.iso);
    expect(await machine.target.startWipe(place(disk), 'overwrite')).toMatchObject({fault: {code: 'target.refused'}});
  },
);

test(
  'memory gets it, the installer starts from there, and the ISO is still there',
  {timeout: 20 * minutes},
  async () => {
    const before = await digestOf(0, diskBytes);
    await stage(places.memory);
    const [kernel, initrd] = [
      await bootFile(stored, '/install.amd/vmlinuz'),
      await bootFile(stored, '/install.amd/initrd.gz'),
    ];
    if (!kernel.ok || !initrd.ok) throw new Error('the ISO lacks its kernel');
    const options = `${setAside(memory)} console=ttyS0,115200n8 TERM=vt102 ---`;
    expect(await machine.target.launch(places.memory, {kernel: kernel.value, initrd: initrd.value, options})).toEqual({
      ok: true,
      value: undefined,
    });
    await expect
      .poll(async () => new PlainConsole().push(await readFile(join(machine.folder, 'console'))), {
        timeout: 15 * minutes,
        interval: 2000,
      })
      .toContain(firstWords);
    expect(await memoryDigest(machine.folder, memory.from, stored.image.sizeBytes)).toBe(stored.image.iso);
    expect(await digestOf(0, diskBytes)).toBe(before);
  },
);
