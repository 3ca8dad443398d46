import {expect, test} from 'vitest';
import {machineActs} from '../../src/lab/fault/machine-strike.ts';
import {faultOf} from '../../src/lab/fault/words.ts';
import {chance} from '../../src/lab/fault/chance.ts';
import {resourceAt} from '../../src/lab/bmc/tree.ts';
import {at} from '../../src/lab/bmc/paths.ts';
import {bays} from '../../src/lab/machine/bays.ts';
import type {Chassis} from '../../src/lab/machine/chassis.ts';
import {machineArguments} from '../../src/lab/machine/command-line.ts';
import {must} from '../journal/sample.ts';
import {labBlueprint} from './lab-blueprint.ts';

const blueprint = labBlueprint();
const [first] = blueprint.disks;
const paths = {monitor: 'm', serialConsole: 's', firmwareVariables: 'v'};

test('a disk that is swapped is another one for the BMC and for the next start, until it is put back', async () => {
  const slots = bays(blueprint);
  const acts = machineActs({chassis: {} as Chassis, bays: slots, disks: blueprint.disks});
  const parts = {
    machine: slots.machine,
    board: {log: () => []},
    sessions: {all: () => []},
    standing: {accounts: {all: () => []}, subscriptions: () => []},
  };
  const shown = () => resourceAt(at.drive(0), parts as unknown as Parameters<typeof resourceAt>[1])?.['SerialNumber'];
  const started = () => machineArguments(slots.machine, paths, {from: 'disk', card: []}).join(' ');
  const named = faultOf('disk-swap', {disk: first?.name ?? '', serial: 'OTHER-1'});
  if (!named.ok || named.value.fault !== 'disk-swap') throw new Error('it is no fault');

  const undo = must(await acts['disk-swap'](named.value, chance(1)));
  expect(shown()).toBe('OTHER-1');
  expect(started()).toContain('serial=OTHER-1');
  expect(started()).not.toContain(`serial=${first?.serial},`);
  expect(slots.machine.disks[0]).toMatchObject({serial: 'OTHER-1', path: first?.path});
  await undo?.();
  expect(slots.machine.disks).toEqual(blueprint.disks);
  expect(started()).toContain(`serial=${first?.serial}`);
  expect(shown()).toBe(first?.serial);
});

test('a disk that is not there cannot be swapped, nor can one for what is no serial number', async () => {
  const acts = machineActs({chassis: {} as Chassis, bays: bays(blueprint), disks: blueprint.disks});
  const fault = {fault: 'disk-swap', disk: 'nvme9', serial: 'X', when: {at: 'now'}} as const;
  expect(await acts['disk-swap'](fault, chance(1))).toMatchObject({ok: false, fault: {code: 'lab.failed'}});
  expect(faultOf('disk-swap', {disk: 'system', serial: 'a b'})).toMatchObject({ok: false, mistake: {at: 'serial'}});
  expect(faultOf('disk-swap', {disk: 'system'})).toMatchObject({ok: false});
});
