import {describe, expect, it} from 'vitest';
import type {Serial} from '../../src/brand.ts';
import type {DiskSpec, Runbook} from '../../src/runbook/runbook.ts';
import {asDeclared} from '../../src/step/wipe/as-declared.ts';
import type {WritableDisk} from '../../src/step/world/target.ts';

const seen = (serial: string | undefined, more: Partial<WritableDisk> = {}): WritableDisk => ({
  serial,
  name: 'sda',
  model: 'Fast Disk',
  sizeBytes: 480_000_000_000,
  transport: 'sata',
  wwn: undefined,
  ...more,
});
const spec = (name: string, serial: string, more: Partial<DiskSpec> = {}): DiskSpec => ({
  name,
  serial: serial as Serial,
  sizeBytes: 480_000_000_000,
  keep: false,
  ...more,
});
const book = (...specs: readonly DiskSpec[]): Pick<Runbook, 'disks'> => ({
  disks: Object.fromEntries(specs.map((one) => [one.name, one])),
});
const two = book(spec('system', 'S-1'), spec('worlds', 'S-2', {keep: true}));

describe('a machine as its runbook declares it', () => {
  it('holds the disks that are erased, those that are kept, and no other', () => {
    expect(asDeclared([seen('S-1'), seen('S-2')], two)).toEqual({ok: true, value: undefined});
  });

  it('may miss one: whoever wants it says so', () => {
    expect(asDeclared([seen('S-1')], two).ok).toBe(true);
  });

  it('is known by its disks where a step means a partition, or memory', () => {
    const parts = book(
      spec('whole', 'S-1', {keep: true}),
      spec('data', 'S-1@3', {sizeBytes: 4e9, partition: {of: 'S-1' as Serial, is: '3'}}),
      spec('stage', 'ram@100000000', {sizeBytes: 2e9, ram: {from: 4 * 2 ** 30}}),
    );
    expect(asDeclared([seen('S-1')], parts).ok).toBe(true);
    expect(asDeclared([seen('S-1'), seen('S-3')], parts)).toMatchObject({fault: {code: 'disk.undeclared'}});
  });
});

describe('a machine that is another', () => {
  it('has a disk that nobody declared: which, and the two ways on', () => {
    const stick = seen('X-9', {model: 'Stick', sizeBytes: 64e9, transport: 'usb', name: 'sdq'});
    const told = asDeclared([seen('S-1'), stick, seen('S-2')], two);
    expect(told).toMatchObject({
      ok: false,
      fault: {
        code: 'disk.undeclared',
        says: 'not in the runbook: X-9 (Stick, 64GB, usb, sdq)',
        detail: {disks: [{serial: 'X-9', model: 'Stick', sizeBytes: 64e9}]},
      },
    });
    const next = told.ok ? '' : (told.fault.next ?? '');
    expect(next).toContain('pull it, then: rebuild resume HOST');
    expect(next).toContain('{serial: X-9, size: 64GB, keep: true}');
  });

  it('has one without a serial number, which nobody can declare', () => {
    const told = asDeclared([seen('S-1'), seen(undefined)], two);
    expect(told).toMatchObject({fault: {code: 'disk.undeclared', says: expect.stringContaining('without a serial')}});
    expect(told.ok ? '' : told.fault.next).toMatch(/switch it off.*cannot be declared/);
  });

  it('is not taken for this one because a serial number is nearly the same', () => {
    for (const serial of ['s-1', 'S-1 ', 'S-10', 'system'])
      expect(asDeclared([seen(serial)], two)).toMatchObject({fault: {code: 'disk.undeclared'}});
  });

  it('names few of many, and all in the detail', () => {
    const many = Array.from({length: 24}, (_, place) => seen(`X-${place}`));
    const told = asDeclared(many, two);
    expect(told).toMatchObject({fault: {says: expect.stringMatching(/X-3 .* and 20 more$/)}});
    expect(told.ok ? [] : told.fault.detail?.['disks']).toHaveLength(24);
  });

  it.each([
    ['two disks report the serial of a kept one', [seen('S-2'), seen('S-2')], 'disk.ambiguous'],
    ['a kept one has another size', [seen('S-2', {sizeBytes: 240e9})], 'disk.size-differs'],
  ])('%s', (_, disks, code) => {
    expect(asDeclared(disks, two)).toMatchObject({ok: false, fault: {code}});
  });

  it('but what a person has decided to do without is whatever it is', () => {
    expect(asDeclared([seen('S-1', {sizeBytes: 1e9})], two, ({serial}) => serial === 'S-1').ok).toBe(true);
  });
});

describe('a world wide name', () => {
  const named = book(spec('system', 'S-1', {wwn: 'naa.5000c500a1b2c3d4'}));

  it.each(['naa.5000c500a1b2c3d4', '0x5000C500A1B2C3D4'])('is the same however it is written: %s', (wwn) => {
    expect(asDeclared([seen('S-1', {wwn})], named).ok).toBe(true);
  });

  it.each([['naa.5000c500a1b2c3d5'], ['t10.ATA     QEMU HARDDISK      S-1'], [undefined]])(
    'that is another, or none, is another disk: %s',
    (wwn) => {
      expect(asDeclared([seen('S-1', {wwn})], named)).toMatchObject({fault: {code: 'disk.wwn-differs'}});
    },
  );

  it('is not asked for where the runbook has none', () => {
    expect(asDeclared([seen('S-1', {wwn: 'naa.5000c500a1b2c3d4'})], two).ok).toBe(true);
  });
});
