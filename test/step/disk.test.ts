import {describe, expect, it} from 'vitest';
import {mistakesInDisk, pick} from '../../src/step/disk.ts';
import {diskWipe} from '../../src/step/disk-wipe.ts';
import {osInstall} from '../../src/step/os-install.ts';
import {runbook} from '../simulator/runbook.ts';

const drive = (serial: string, sizeBytes = 8_000_000_000) => ({serial, sizeBytes, vendor: 'Lab', model: 'Disk'});
const system = runbook.disks['system']!;

describe('the disk a step means', () => {
  it('is found by its serial number alone', () => {
    expect(pick([drive('OTHER'), drive(system.serial)], system)).toEqual({ok: true, value: drive(system.serial)});
  });

  it.each([
    ['none has the serial', [drive('OTHER')], 'disk.not-found'],
    ['two have it', [drive(system.serial), drive(system.serial)], 'disk.ambiguous'],
    ['its size is another', [drive(system.serial, 16_000_000_000)], 'disk.size-differs'],
    ['there is no disk', [], 'disk.not-found'],
  ] as const)('is refused when %s', (_, drives, code) => {
    expect(pick(drives, system)).toMatchObject({ok: false, fault: {code}});
  });

  it('may round its size as vendors do', () => {
    expect(pick([drive(system.serial, 8_001_563_222)], system).ok).toBe(true);
  });
});

describe('mistakes in a runbook', () => {
  it('name an unknown disk with what it could have been', () => {
    expect(mistakesInDisk('sistem', ['disks', 0], runbook)).toEqual([
      {path: ['disks', 0], says: 'there is no disk "sistem" under disks', candidates: ['system', 'worlds']},
    ]);
    expect(mistakesInDisk('__proto__', [], runbook)).toHaveLength(1);
  });

  it('refuse a wipe of a disk that is kept, and an install on one that is not wiped', () => {
    expect(diskWipe.check!({disks: ['worlds'], level: 'clear'}, runbook, 4)[0]?.says).toMatch(/keep: true/);
    const unwiped = {...runbook, steps: runbook.steps.filter(({kind}) => kind !== 'disk.wipe')};
    expect(osInstall.check!({image: 'debian', disk: 'system', from: []}, unwiped, 4)[0]?.says).toMatch(
      /no disk.wipe step/,
    );
    expect(osInstall.check!({image: 'debian', disk: 'system', from: []}, runbook, 5)).toEqual([]);
  });
});
