import {createHash} from 'node:crypto';
import {mkdir, mkdtemp, open, readFile, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {zstdCompressSync} from 'node:zlib';
import {execa} from 'execa';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {sha256, type Serial, type Sha256} from '../../src/brand.ts';
import type {Chunk, OsImage} from '../../src/step/world/image.ts';
import type {Delivery} from '../../src/step/world/target.ts';
import {bootLight, kinds, type Machine} from './target-machine.ts';

const MiB = 1_048_576;
const bytes = 192 * MiB;
const uuid = '6f0b1f5e-8d2a-4c3b-9a55-0123456789ab';
const names = {virtio: 'VIRTIO-1', nvme: 'NVME-1', sata: 'SATA-1', scsi: 'SCSI-1'} as const;
const writable = Object.values(names) as unknown as readonly Serial[];
const kept = 'WORLDS-1' as Serial;
const patient = new AbortController().signal;
const sha = (data: Uint8Array): Sha256 => sha256(createHash('sha256').update(data).digest('hex')) as Sha256;

interface Packet {
  readonly chunk: Chunk;
  readonly data: Uint8Array;
}

/** A disk image as the OS images are: GPT, the root file system last, smaller than the disks it goes to. */
async function makeImage(): Promise<{image: OsImage; packets: readonly Packet[]}> {
  const folder = await mkdtemp(join(tmpdir(), 'rebuild-image-'));
  try {
    const [disk, root] = [join(folder, 'disk'), join(folder, 'root')];
    await mkdir(join(folder, 'tree/etc/rebuild'), {recursive: true});
    await writeFile(join(folder, 'tree/etc/hostname'), 'image\n');
    await execa('truncate', ['--size=72M', disk]);
    const table =
      'label: gpt\nstart=2048, size=2048, type=21686148-6449-6E6F-744E-656564454649\nstart=4096, size=131072\n';
    await execa('sfdisk', ['--quiet', disk], {input: table});
    await execa('mke2fs', ['-q', '-t', 'ext4', '-U', uuid, '-d', join(folder, 'tree'), root, '64M']);
    await execa('dd', [`if=${root}`, `of=${disk}`, 'bs=1M', 'seek=2', 'conv=notrunc,sparse', 'status=none']);
    const raw = await readFile(disk);
    const packets: Packet[] = [];
    for (let offset = 0; offset < raw.length; offset += 8 * MiB) {
      const data = raw.subarray(offset, offset + 8 * MiB);
      if (data.every((byte) => byte === 0)) continue;
      const packed = zstdCompressSync(data);
      packets.push({
        chunk: {
          index: offset / (8 * MiB),
          offset,
          length: data.length,
          raw: sha(data),
          packed: sha(packed),
          packedLength: packed.length,
        },
        data: packed,
      });
    }
    const chunks = packets.map(({chunk}) => chunk);
    const packedBytes = chunks.reduce((sum, {packedLength}) => sum + packedLength, 0);
    const image = {
      name: 'test',
      digest: sha(raw),
      sizeBytes: raw.length,
      packedBytes,
      chunks,
      root: {partition: 2, uuid},
    };
    return {image, packets};
  } finally {
    await rm(folder, {recursive: true, force: true});
  }
}

/** What brings an image, all of it from here. */
const delivery = (
  image: OsImage,
  packets: readonly Packet[],
  written: (chunk: Chunk) => Promise<void> = async () => {},
): Delivery => ({
  image,
  want: image.chunks,
  from: [],
  packed: async ({index}) => packets.find(({chunk}) => chunk.index === index)?.data ?? Buffer.alloc(0),
  written,
  signal: patient,
});

/** Every verb on real virtual disks of each kind, in a machine that has booted the light ISO. Needs QEMU. */
describe('the light system and its agent in a machine', () => {
  let machine: Machine;
  let image: OsImage;
  let packets: readonly Packet[];
  const refused = {ok: false, fault: {code: 'target.refused'}};

  beforeAll(async () => {
    ({image, packets} = await makeImage());
    const disks = (Object.keys(names) as (keyof typeof names)[]).map((kind) => ({
      serial: names[kind],
      device: kinds[kind],
      bytes,
    }));
    machine = await bootLight(
      [
        ...disks,
        {serial: kept, device: kinds.keptSata, bytes},
        {serial: 'STICK-1', device: kinds.usbStick, bytes: 64 * MiB},
      ],
      writable,
    );
  }, 600_000);
  afterAll(() => machine?.stop());

  test('is in RAM, and knows its run', async () => {
    expect(await machine.target.hello()).toMatchObject({ok: true, value: {run: 'marruuk-7', mediumNeeded: false}});
  });

  test('finds every disk by its serial number, and neither the CD nor the USB stick', async () => {
    const disks = await machine.target.disks();
    if (!disks.ok) throw new Error(disks.fault.says);
    const found = disks.value.map(({serial, transport, sizeBytes}) => ({serial, transport, sizeBytes}));
    expect(found.toSorted((a, b) => a.serial.localeCompare(b.serial))).toEqual([
      {serial: 'NVME-1', transport: 'nvme', sizeBytes: bytes},
      {serial: 'SATA-1', transport: 'sata', sizeBytes: bytes},
      {serial: 'SCSI-1', transport: 'scsi', sizeBytes: bytes},
      {serial: 'VIRTIO-1', transport: 'virtio', sizeBytes: bytes},
      {serial: kept, transport: 'sata', sizeBytes: bytes},
    ]);
  });

  const toldWritable = async () => {
    const media = await machine.target.writable();
    if (!media.ok) throw new Error(media.fault.says);
    return media.value
      .map(({serial, transport, sizeBytes}) => ({serial, transport, sizeBytes}))
      .toSorted((a, b) => (a.serial ?? '').localeCompare(b.serial ?? ''));
  };
  test('tells the USB stick too where all that could be written to is asked for, and never the CD', async () => {
    // A USB stick is there some seconds after the system is.
    await expect.poll(toldWritable, {timeout: 60_000, interval: 1000}).toEqual([
      {serial: 'NVME-1', transport: 'nvme', sizeBytes: bytes},
      {serial: 'SATA-1', transport: 'sata', sizeBytes: bytes},
      {serial: 'SCSI-1', transport: 'scsi', sizeBytes: bytes},
      {serial: 'STICK-1', transport: 'usb', sizeBytes: 64 * MiB},
      {serial: 'VIRTIO-1', transport: 'virtio', sizeBytes: bytes},
      {serial: kept, transport: 'sata', sizeBytes: bytes},
    ]);
  });

  test('the disk that is kept is refused, whatever is asked', async () => {
    const {target} = machine;
    expect(await target.startWipe(kept, 'overwrite')).toMatchObject(refused);
    expect(await target.setLatch(kept, 'wiped')).toMatchObject(refused);
    expect(await target.write(kept, delivery(image, packets))).toMatchObject(refused);
    expect(await target.grow(kept, image)).toMatchObject(refused);
    expect(await target.put(kept, image, [])).toMatchObject(refused);
    expect(await target.installed(kept, ['/etc/hostname'])).toMatchObject(refused);
    expect(await target.startWipe('STICK-1' as Serial, 'overwrite')).toMatchObject(refused);
  });

  describe.each(Object.entries(names))('%s', (kind, name) => {
    const disk = name as unknown as Serial;

    test('is wiped, reads as zero, and carries the latch', {timeout: 240_000}, async () => {
      const {target} = machine;
      const samples = [0, bytes / 2, bytes / 4, bytes - MiB].map((offset) => ({offset, length: MiB}));
      expect(await target.wipe(disk)).toEqual({ok: true, value: {state: 'absent'}});
      const [first, middle, , last] = samples;
      expect(await target.notZero(disk, samples)).toEqual({ok: true, value: [first, middle, last]});
      expect(await target.write(disk, delivery(image, packets))).toMatchObject({
        ok: false,
        fault: {code: 'target.refused'},
      });
      expect((await target.startWipe(disk, 'overwrite')).ok).toBe(true);
      // A second controller, at the same time.
      expect((await target.startWipe(disk, 'overwrite')).ok).toBe(true);
      await expect
        .poll(() => target.wipe(disk), {timeout: 200_000, interval: 500})
        .toMatchObject({ok: true, value: {state: 'done', method: kind === 'sata' ? 'overwrite' : 'write-zeroes'}});
      expect(await target.notZero(disk, samples)).toEqual({ok: true, value: []});
      expect((await readFile(machine.file(name))).equals(Buffer.alloc(bytes))).toBe(true);
      expect((await target.setLatch(disk, 'wiped')).ok).toBe(true);
      expect(await target.latch(disk)).toMatchObject({ok: true, value: {run: 'marruuk-7', state: 'wiped'}});
    });

    test('receives an image, chunk by chunk read back', {timeout: 240_000}, async () => {
      const {target} = machine;
      const written: number[] = [];
      const sent = await target.write(
        disk,
        delivery(image, packets, async ({index}) => void written.push(index)),
      );
      expect(sent).toEqual({ok: true, value: {bytesSent: image.packedBytes}});
      expect(written.toSorted((a, b) => a - b)).toEqual(image.chunks.map(({index}) => index));
      expect(await target.digests(disk, image.chunks)).toEqual({ok: true, value: image.chunks.map(({raw}) => raw)});
    });

    test('is grown, made the host, and read back', {timeout: 240_000}, async () => {
      const {target} = machine;
      // Each may be repeated: a controller may have died after it.
      for (let twice = 0; twice < 2; twice++) {
        expect(await target.grow(disk, image)).toEqual({ok: true, value: undefined});
        const files = [
          {path: '/etc/hostname', mode: 0o644, content: 'marruuk\n'},
          {path: '/etc/ssh/ssh_host_ed25519_key', mode: 0o600, content: 'secret\n'},
          {path: '/etc/rebuild/image', mode: 0o644, content: `${image.digest}\n`},
        ];
        expect(await target.put(disk, image, files)).toEqual({ok: true, value: undefined});
      }
      expect(await target.installed(disk, ['/etc/hostname', '/etc/no-such-file', '/etc/rebuild/image'])).toEqual({
        ok: true,
        value: ['marruuk\n', undefined, `${image.digest}\n`],
      });
      const other = {...image, root: {partition: 2, uuid: uuid.replace('6', '7')}};
      expect(await target.put(disk, other, [])).toMatchObject(refused);
      const way = {path: '/etc/../../run/x', mode: 0o644, content: ''};
      expect((await target.put(disk, image, [way])).ok).toBe(false);
      expect((await target.setLatch(disk, 'installed')).ok).toBe(true);
      expect(await target.latch(disk)).toMatchObject({ok: true, value: {state: 'installed'}});
      // From here on nobody changes it.
      expect(await target.write(disk, delivery(image, packets))).toMatchObject(refused);
      expect(await target.grow(disk, image)).toMatchObject(refused);
      expect(await target.put(disk, image, [])).toMatchObject(refused);
    });
  });

  test('goes down when told to, and what is on the disks is what was put there', {timeout: 240_000}, async () => {
    expect(await machine.target.settle()).toEqual({ok: true, value: undefined});
    await machine.off;
    for (const name of Object.values(names)) {
      const {stdout} = await execa('sfdisk', ['--json', machine.file(name)]);
      const {partitiontable: table} = JSON.parse(stdout) as {
        partitiontable: {partitions: {start: number; size: number}[]};
      };
      const last = table.partitions.at(-1);
      expect(((last?.start ?? 0) + (last?.size ?? 0)) * 512).toBe(bytes - 4 * MiB);
      const verified = await execa('sfdisk', ['--verify', machine.file(name)]);
      expect(verified.stdout + verified.stderr).toContain('No errors detected');
      const root = join(machine.folder, 'root.img');
      const argv = [
        `if=${machine.file(name)}`,
        `of=${root}`,
        'bs=1M',
        'skip=2',
        `count=${bytes / MiB - 6}`,
        'status=none',
      ];
      await execa('dd', argv);
      await execa('e2fsck', ['-f', '-n', root]);
      const {stdout: listing} = await execa('debugfs', ['-R', 'stat /etc/ssh/ssh_host_ed25519_key', root]);
      expect(listing).toMatch(/Mode:\s+0600/);
    }
    const junk = Buffer.alloc(MiB, 'old system ');
    const file = await open(machine.file(kept), 'r');
    for (const offset of [0, bytes / 2, bytes - MiB])
      expect((await file.read(Buffer.alloc(MiB), 0, MiB, offset)).buffer.equals(junk)).toBe(true);
    await file.close();
  });
});
