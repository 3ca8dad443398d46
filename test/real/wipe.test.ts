import {open, readFile, truncate} from 'node:fs/promises';
import {execa} from 'execa';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import type {Serial} from '../../src/brand.ts';
import {systemClock} from '../../src/clock.ts';
import type {DiskSpec} from '../../src/runbook/runbook.ts';
import {chooseMethod} from '../../src/step/wipe/level.ts';
import type {WipeMethod} from '../../src/step/wipe/method.ts';
import {changeSince, probeMedium} from '../../src/step/wipe/probe.ts';
import {readBack} from '../../src/step/wipe/read-back.ts';
import type {Look} from '../../src/step/world.ts';
import type {WipeState} from '../../src/step/world/target.ts';
import {handOf} from '../step/hand.ts';
import {bootLight, kinds, type Machine} from './target-machine.ts';

const MiB = 1_048_576;
const bytes = 192 * MiB;
const nvme = 'NVME-1' as Serial;
const sata = 'SATA-1' as Serial;
const scsi = 'SCSI-1' as Serial;
const virtio = 'VIRTIO-1' as Serial;

/** A partition that is a RAID member, one with a file system, and something between the borders of both. */
async function used(file: string): Promise<void> {
  await truncate(file, 0).catch(() => execa('truncate', ['--size=0', file]));
  await execa('truncate', [`--size=${bytes}`, file]);
  await execa('sfdisk', ['--quiet', file], {
    input: 'label: gpt\nstart=2048, size=163840, type=raid\nstart=165888, size=163840\n',
  });
  const disk = await open(file, 'r+');
  try {
    // md superblock 1.2: 4 KiB into its member.
    await disk.write(Buffer.from('fc4e2ba901000000', 'hex'), 0, 8, MiB + 4096);
    await disk.write(Buffer.alloc(MiB, 'kept inside '), 0, MiB, 40 * MiB);
  } finally {
    await disk.close();
  }
  await execa('mke2fs', ['-q', '-t', 'ext4', '-E', `offset=${81 * MiB}`, file, '80M']);
}

const must = async <T>(asked: Promise<{ok: true; value: T} | {ok: false; fault: unknown}>): Promise<T> => {
  const answer = await asked;
  if (!answer.ok) throw new Error(JSON.stringify(answer.fault));
  return answer.value;
};

/** Erases on QEMU's NVMe, SATA and SCSI disks, by what each has. Needs QEMU. */
describe('media in a machine', () => {
  let machine: Machine;
  beforeAll(async () => {
    machine = await bootLight(
      [
        {serial: nvme, device: kinds.nvme, bytes},
        {serial: sata, device: kinds.sata, bytes, fill: used},
        {serial: scsi, device: kinds.scsi, bytes},
        {serial: virtio, device: kinds.virtio, bytes, fill: used},
      ],
      [nvme, sata, scsi, virtio],
    );
  }, 900_000);
  afterAll(() => machine?.stop());

  const erased = async (disk: Serial, method: WipeMethod): Promise<WipeState> => {
    await must(machine.target.startWipe(disk, method));
    await expect
      .poll(async () => (await must(machine.target.wipe(disk))).state, {timeout: 200_000, interval: 500})
      .toMatch(/done|failed/);
    return must(machine.target.wipe(disk));
  };

  /** Of a disk that was `used`, nothing is left at its ends and where its partitions began and ended. */
  const bare = async (disk: Serial): Promise<void> => {
    const {stdout} = await execa('wipefs', ['--no-act', '--parsable', machine.file(disk)]);
    expect(stdout).toBe('');
    const file = await readFile(machine.file(disk));
    for (const [from, to] of [
      [0, 2 * MiB],
      [80 * MiB, 82 * MiB],
      [160 * MiB, bytes],
    ] as const)
      expect(file.subarray(from, to).every((byte) => byte === 0)).toBe(true);
    expect((await must(machine.target.medium(disk))).partitions).toEqual([]);
  };

  test('tell what they can do to erase themselves, and what lies on them', async () => {
    const media = await Promise.all([nvme, sata, scsi].map((disk) => must(machine.target.medium(disk))));
    expect(media.map(({bus}) => bus)).toEqual(['nvme', 'ata', 'scsi']);
    expect(media[0]!.can.map(({method}) => method)).toContain('nvme-format');
    expect(media[1]!.partitions).toEqual([
      {offset: MiB, length: 80 * MiB},
      {offset: 81 * MiB, length: 80 * MiB},
    ]);
    for (const medium of media) {
      const spec: DiskSpec = {name: 'disk', serial: nvme, sizeBytes: bytes, keep: false};
      expect(chooseMethod(spec, medium, 'purge')).toMatchObject({ok: false, fault: {code: 'disk.method-missing'}});
      expect(chooseMethod(spec, medium, 'clear')).toMatchObject({
        ok: true,
        value: {method: medium.bus === 'nvme' ? 'nvme-format' : 'overwrite'},
      });
    }
  });

  test('tell of their health, each in its slot', async () => {
    const {drives, logs} = await must(machine.target.health());
    expect(drives.map(({serial}) => serial).toSorted()).toEqual([nvme, sata, scsi, virtio]);
    expect(new Set(drives.map(({slot}) => slot)).size).toBe(4);
    const slotOf = (disk: Serial) => drives.find(({serial}) => serial === disk)?.slot;
    expect(slotOf(nvme)).toMatch(/^nvme 0000:00:[0-9a-f]{2}\.0$/);
    expect(slotOf(sata)).toMatch(/^ata 0000:00:1f\.2 port [12]$/);
    expect(slotOf(scsi)).toMatch(/^scsi 0000:00:[0-9a-f]{2}\.0 0:0:0$/);
    expect(drives.filter(({answer}) => answer === 'silent')).toEqual([]);
    expect(drives.find(({serial}) => serial === nvme)).toMatchObject({passed: true, warning: 0, mediaErrors: 0});
    expect(drives.find(({serial}) => serial === sata)).toMatchObject({passed: true});
    expect(logs.map(({controller}) => controller)).toEqual(['kernel']);
    expect(Buffer.from(logs[0]!.bytes).toString('latin1')).toContain('nvme');
  });

  test('a sanitize that no disk is at is not taken up', async () => {
    expect(await machine.target.adoptWipe(nvme, 'nvme-sanitize-block')).toMatchObject({
      ok: false,
      fault: {code: 'target.refused'},
    });
    expect(await must(machine.target.wipe(nvme))).toEqual({state: 'absent'});
  });

  test('NVMe is formatted, and the canary shows that it was', {timeout: 300_000}, async () => {
    const look = {target: machine.target, run: {id: 'marruuk-7'}, clock: systemClock} as unknown as Look;
    const spec: DiskSpec = {name: 'disk', serial: nvme, sizeBytes: bytes, keep: false};
    const {hand, told} = handOf();
    const medium = await must(machine.target.medium(nvme));
    const probe = await must(probeMedium(look, {...spec, mustBeZero: false}, medium, {method: 'nvme-format'}, hand));
    const state = await erased(nvme, 'nvme-format');
    // The junk at both ends; what lies in the middle is where the canary was.
    const since = await must(changeSince(look, spec, probe, hand));
    expect(since).toMatchObject({change: 'all changed', compared: 2, blank: bytes / MiB - 3});
    expect(await must(readBack(look, spec, probe, {expected: 'changed', since}, hand))).toMatchObject({
      result: 'passed',
      compared: 2,
    });
    expect(told.notes.map(({says}) => says)).toEqual([
      `disk reads differently in all 2 places that held something; ${bytes / MiB - 3} were blank`,
    ]);
    // QEMU's format leaves zeroes.
    expect(await must(readBack(look, spec, probe, {expected: 'fixed', since}, hand))).toMatchObject({
      pattern: 'zero',
      percent: 100,
    });
    const place = {offset: 0, length: MiB};
    expect(await must(machine.target.notOnes(nvme, [place]))).toEqual([place]);
    expect(state).toMatchObject({
      state: 'done',
      method: 'nvme-format',
      call: {argv: 'nvme format /dev/nvme0n1 --ses=1 --force'},
      seen: {accepted: true, canaryGone: true},
    });
    expect((await readFile(machine.file(nvme))).includes('old system')).toBe(false);
    // A second controller, and another method: nothing is sent again.
    expect(await machine.target.startWipe(nvme, 'nvme-format')).toMatchObject({ok: true});
    expect(await machine.target.startWipe(nvme, 'nvme-sanitize-block')).toMatchObject({
      fault: {code: 'target.refused'},
    });
    await must(machine.target.setLatch(nvme, 'wiped'));
  });

  test('a disk that has no sanitize refuses it, and keeps what it holds', async () => {
    expect(await machine.target.startWipe(scsi, 'scsi-sanitize-block')).toMatchObject({
      ok: false,
      fault: {code: 'disk.write-failed'},
    });
    expect((await readFile(machine.file(scsi))).includes('old system')).toBe(true);
  });

  test(
    'a discard takes off by hand what names a file system: at both ends, and at old borders',
    {timeout: 300_000},
    async () => {
      expect(await erased(virtio, 'discard')).toMatchObject({state: 'done', method: 'discard'});
      await bare(virtio);
    },
  );

  test('signatures are taken off members first, and content stays', {timeout: 300_000}, async () => {
    expect(await erased(sata, 'signatures')).toMatchObject({state: 'done', method: 'signatures'});
    await bare(sata);
  });
});
