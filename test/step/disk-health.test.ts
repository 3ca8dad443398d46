import {describe, expect, it} from 'vitest';
import type {StepId} from '../../src/brand.ts';
import {exitOf} from '../../src/command/exit-of.ts';
import {exit} from '../../src/exit.ts';
import {ok} from '../../src/result.ts';
import type {Runbook} from '../../src/runbook/runbook.ts';
import {readControllerLog} from '../../src/step/controller-log.ts';
import {judgeHealth, type DriveHealth, type HealthReading} from '../../src/step/drive-health.ts';
import {VirtualClock} from '../simulator/clock.ts';
import {memoryJournal} from '../simulator/journal.ts';
import {Machine} from '../simulator/machine.ts';
import {runbook} from '../simulator/runbook.ts';
import {sit} from '../simulator/sitting.ts';

const drive = (slot: number, more: Partial<DriveHealth> = {}): DriveHealth => ({
  slot: `slot ${slot}`,
  serial: `SER-${slot}`,
  model: 'Disk',
  passed: true,
  powerOnHours: 20_000,
  linkErrors: 7,
  mediaErrors: 3,
  ...more,
});
const all = [0, 1, 2, 3].map((slot) => drive(slot));
const but = (...changed: readonly DriveHealth[]): readonly DriveHealth[] =>
  all.map((one) => changed.find(({slot}) => slot === one.slot) ?? one);

describe('drives', () => {
  it('that are old and noisy, but no worse than they were, are sound', () => {
    expect(judgeHealth(all, all)).toEqual({common: [], single: []});
  });

  it('of which one fails are told, and stop nothing', () => {
    expect(judgeHealth(all, but(drive(1, {passed: false})))).toEqual({
      common: [],
      single: ['slot 1 SER-1: says that it fails'],
    });
  });

  it.each<[string, readonly DriveHealth[], RegExp]>([
    ['two fail', but(drive(1, {passed: false}), drive(3, {warning: 4})), /^2 drives fail/],
    [
      'two get worse while they are read',
      but(drive(0, {mediaErrors: 9}), drive(2, {mediaErrors: 4})),
      /^2 drives fail/,
    ],
    ['a new one fails', but(drive(2, {passed: false, powerOnHours: 3})), /only 3 hours old/],
    [
      'two see errors on their cables',
      but(drive(0, {linkErrors: 8}), drive(1, {linkErrors: 40})),
      /transfer errors rise on 2/,
    ],
    ['one appears', [...all, drive(9)], /appeared: slot 9 SER-9/],
    ['one goes away', all.slice(1), /went away: slot 0 SER-0/],
    [
      'two have changed places',
      but(drive(0, {serial: 'SER-1'}), drive(1, {serial: 'SER-0'})),
      /was in slot 1 and is in slot 0/,
    ],
  ])('of which %s have a cause in common', (_, now, says) => {
    expect(judgeHealth(all, now).common[0]).toMatch(says);
  });
});

/** The log of a RAID controller that was about to lose two arrays: a map of its drives, and then no text any more. */
const story = Buffer.concat([
  Buffer.from(
    [
      'Nov 21 03:11:07 ctl0: Drive map: slot 0 serial WD-WCC4N0123456 ONLINE',
      'Nov 21 03:11:07 ctl0: Drive map: slot 1 serial WD-WCC4N0123457 ONLINE',
      'Nov 21 03:11:07 ctl0: Drive map: slot 2 serial WD-WCC4N0123458 FAILED',
      'Nov 21 03:12:40 ctl0: Drive map: slot 2 serial WD-WCC4N0999999 REBUILD',
      '',
    ].join('\n'),
  ),
  Buffer.from([0, 0, 0, 0, 0xfe, 0x13, 0, 0, 0x0a]),
  Buffer.from('Nov 21 03:20:00 ctl0: Drive map: slot 3 serial WD-WCC4N0123459 ONLINE\n'),
]);

describe('a controller’s log', () => {
  it('is a map of drives until it is no text, and nothing after that is read', () => {
    expect(readControllerLog(story)).toEqual({
      lines: 4,
      slots: {'0': 'WD-WCC4N0123456', '1': 'WD-WCC4N0123457', '2': 'WD-WCC4N0999999'},
      quarantined: {line: 5, why: 'a NUL byte at column 1'},
    });
  });

  it.each([
    ['text', 'one\ntwo\r\n\tthree\n', undefined],
    ['text in UTF-8', 'Platte wéll\n', undefined],
    ['nothing', '', undefined],
    ['an escape code', 'fine\n\u001b[2Jgone\n', {line: 2, why: 'a control character at column 1'}],
    ['bytes that are no text', Buffer.from([0x41, 0xff, 0xfe]), {line: 1, why: 'bytes that are no text'}],
    ['a line without end', 'x'.repeat(5000), {line: 1, why: 'a line of 5000 bytes'}],
  ])('of %s', (_, text, quarantined) => {
    const bytes = typeof text === 'string' ? Buffer.from(text) : text;
    expect(readControllerLog(bytes).quarantined).toEqual(quarantined);
  });
});

describe('the step', () => {
  const wipe = runbook.steps.findIndex(({kind}) => kind === 'disk.wipe');
  const health = {...runbook.steps[wipe]!, id: 'health' as StepId, kind: 'disk.health', params: {}};
  const book: Runbook = {...runbook, steps: runbook.steps.toSpliced(wipe, 0, health)};
  const rebuild = async (readings: readonly HealthReading[]) => {
    const clock = new VirtualClock();
    const machine = new Machine(book, clock);
    const world = machine.world();
    let asked = 0;
    const target = {...world.target, health: async () => ok(readings[Math.min(asked++, readings.length - 1)]!)};
    const journal = memoryJournal(clock);
    const end = await sit({clock, machine, journal}, undefined, {world: {...world, target}});
    return {end, machine, journal};
  };

  it('lets the rebuild go on, and keeps which drive was in which slot', async () => {
    const {end, journal} = await rebuild([{drives: all, logs: []}]);
    expect(end).toEqual({end: 'done'});
    expect(journal.entries.map(({event}) => event)).toContainEqual(
      expect.objectContaining({
        type: 'step.done',
        step: 'health',
        proof: expect.objectContaining({
          data: expect.objectContaining({
            slots: {'slot 0': 'SER-0', 'slot 1': 'SER-1', 'slot 2': 'SER-2', 'slot 3': 'SER-3'},
          }),
        }),
      }),
    );
  });

  it.each<[string, HealthReading, string, RegExp]>([
    [
      'two drives fail',
      {drives: but(drive(1, {passed: false}), drive(3, {passed: false})), logs: []},
      'disk.common-cause',
      /^power, cable or backplane until shown otherwise: 2 drives fail/,
    ],
    ['a drive appears', {drives: [...all, drive(8)], logs: []}, 'disk.common-cause', /^power, cable or backplane/],
    [
      'a controller writes garbage',
      {drives: all, logs: [{controller: 'ctl0', bytes: story}]},
      'disk.controller-distrusted',
      /^ctl0 wrote a NUL byte at column 1 in line 5/,
    ],
  ])('stops before the wipe when %s', async (_, then, code, says) => {
    const {end, machine} = await rebuild([{drives: all, logs: []}, then]);
    expect(end).toMatchObject({end: 'failed', step: 'health', fault: {code, says: expect.stringMatching(says)}});
    expect(end !== 'killed' && exitOf(end)).toBe(exit.refused);
    expect(machine.counts.wipes).toBe(0);
  });
});
