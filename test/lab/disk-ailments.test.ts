import {beforeEach, expect, test} from 'vitest';
import {diskAilments, type DiskAilments} from '../../src/lab/machine/disk-ailments.ts';
import type {Qmp} from '../../src/lab/machine/qmp.ts';
import {must} from '../journal/sample.ts';
import {ok} from '../../src/result.ts';

let sent: string[];
let disks: DiskAilments;

const qmp = {
  async execute(command: string, given: Partial<Record<string, string | number>> = {}) {
    const about = [given['device'], given['bps'], given['path'], given['value'], given['node-name']];
    sent.push([command, ...about.filter((each) => each !== undefined)].join(' '));
    return ok(null);
  },
} as unknown as Qmp;

beforeEach(async () => {
  sent = [];
  disks = diskAilments(2);
  await disks.attach(qmp);
  expect(sent).toEqual([]);
});

test('a slow disk is slow until it is healed, and the newest pace holds', async () => {
  const slow = must(await disks.give(1, {is: 'slow', bytesPerSecond: 1_000_000}));
  const slower = must(await disks.give(1, {is: 'slow', bytesPerSecond: 1000}));
  await slow();
  await slower();
  expect(sent).toEqual([1_000_000, 1000, 1000, 0].map((bps) => `block_set_io_throttle disk1 ${bps}`));
});

test('a node comes between a disk that refuses writes and its file, and goes with the last refusal', async () => {
  const all = must(await disks.give(0, {is: 'refusing-writes', atByte: undefined}));
  const putIn = ['blockdev-add disk0-bad', 'qom-set /machine/peripheral/bay0 disk0-bad'];
  const takenOut = ['qom-set /machine/peripheral/bay0 disk0-file', 'blockdev-del disk0-bad'];
  expect(sent).toEqual(putIn);
  sent = [];
  const one = must(await disks.give(0, {is: 'refusing-writes', atByte: 4096}));
  expect(sent).toEqual([...takenOut, ...putIn]);
  sent = [];
  await one();
  await all();
  expect(sent).toEqual([...takenOut, ...putIn, ...takenOut]);
});

test('a sick disk is sick after a restart of the machine, and one that is healed meanwhile is not', async () => {
  disks.detach();
  const refuse = must(await disks.give(0, {is: 'refusing-writes', atByte: undefined}));
  must(await disks.give(1, {is: 'slow', bytesPerSecond: 5}));
  expect(sent).toEqual([]);
  await disks.attach(qmp);
  expect(sent).toEqual([
    'blockdev-add disk0-bad',
    'qom-set /machine/peripheral/bay0 disk0-bad',
    'block_set_io_throttle disk1 5',
  ]);
  disks.detach();
  await refuse();
  sent = [];
  await disks.attach(qmp);
  expect(sent).toEqual(['block_set_io_throttle disk1 5']);
});
