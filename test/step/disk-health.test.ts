import {createHash} from 'node:crypto';
import {describe, expect, it} from 'vitest';
import type {Serial, Sha256} from '../../src/brand.ts';
import {exitOf} from '../../src/command/exit-of.ts';
import type {Ports} from '../../src/engine/drive.ts';
import {exit} from '../../src/exit.ts';
import {ok} from '../../src/result.ts';
import type {Runbook} from '../../src/runbook/runbook.ts';
import {readControllerLog} from '../../src/step/health/controller-log.ts';
import {judgeHealth, type DriveHealth, type HealthReading, type Told} from '../../src/step/health/drive.ts';
import {changes, hold, sameSerial} from '../../src/step/health/drive-map.ts';
import type {BmcHealth} from '../../src/step/world/bmc.ts';
import {VirtualClock} from '../simulator/clock.ts';
import {memoryJournal} from '../simulator/journal.ts';
import {Machine} from '../simulator/machine.ts';
import {runbook, step} from '../simulator/runbook.ts';
import {sit} from '../simulator/sitting.ts';

type Seat = Pick<DriveHealth, 'slot' | 'serial' | 'phyErrors'>;
const drive = (slot: number, more: Partial<Seat & Omit<Told, 'answer'>> = {}): DriveHealth => ({
  slot: `slot ${slot}`,
  serial: `SER-${slot}`,
  model: 'Disk',
  answer: 'told',
  passed: true,
  powerOnHours: 20_000,
  linkErrors: 7,
  mediaErrors: 3,
  ...more,
});
const mute = (slot: number, answer: 'silent' | 'unsupported', serial = `SER-${slot}`): DriveHealth => ({
  slot: `slot ${slot}`,
  serial,
  model: '',
  answer,
  why: answer === 'silent' ? 'nothing came in time' : 'it has no SMART',
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

  it('of which one gives no answer are told as of which one fails; one that has no SMART is none of them', () => {
    const now = but(mute(1, 'silent'), mute(2, 'unsupported'));
    expect(judgeHealth(all, now)).toEqual({
      common: [],
      single: ['slot 1 SER-1: gives no answer (nothing came in time)'],
    });
    expect(judgeHealth(now, but(mute(1, 'silent'), mute(2, 'unsupported')))).toEqual(judgeHealth(all, now));
  });

  it('that a RAID controller hides are in their slots though they no longer tell who they are', () => {
    expect(judgeHealth(all, but(mute(1, 'silent', ''))).common).toEqual([]);
    expect(judgeHealth(but(mute(1, 'silent', '')), all)).toEqual({common: [], single: []});
  });

  it('are held against the last reading in what they count, and against the first in where they are', () => {
    const [worn, swapped] = [
      but(drive(0, {mediaErrors: 9}), drive(1, {mediaErrors: 9})),
      but(drive(3, {serial: 'NEW'})),
    ];
    expect(judgeHealth(worn, worn, all).common).toEqual([]);
    expect(judgeHealth(swapped, swapped, all).common).toEqual([
      'a drive appeared: slot 3 NEW',
      'a drive went away: slot 3 SER-3',
    ]);
  });

  it.each<[string, readonly DriveHealth[], RegExp]>([
    ['two give no answer', but(mute(1, 'silent'), mute(2, 'silent')), /^2 drives fail \(.*gives no answer/],
    ['one fails and one gives no answer', but(drive(1, {passed: false}), mute(2, 'silent')), /^2 drives fail/],
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
    [
      'one sees errors on its cable, and of one its expander does',
      but(drive(0, {linkErrors: 8}), drive(1, {phyErrors: 3})),
      /transfer errors rise on 2 drives \(slot 0 SER-0, slot 1 SER-1\)/,
    ],
    ['one appears', [...all, drive(9)], /appeared: slot 9 SER-9/],
    ['one goes away', all.slice(1), /went away: slot 0 SER-0/],
    [
      'two have changed places',
      but(drive(0, {serial: 'SER-1'}), drive(1, {serial: 'SER-0'})),
      /was in slot 1 and is in slot 0/,
    ],
  ])('of which %s have a cause in common', (_, now, says) => {
    const quiet = but(drive(0, {phyErrors: 0}), drive(1, {phyErrors: 0}));
    expect(judgeHealth(quiet, now).common[0]).toMatch(says);
  });
});

const map = (slots: Readonly<Record<string, string>>) => ({source: 'controller ctl0', slots});

describe('a map of who is in which slot', () => {
  it.each<[string, Readonly<Record<string, string>>, object]>([
    ['that agrees', {'7': 'SER-1', '8': 'ser 2'}, {is: 'held', disputes: []}],
    ['of drives behind a controller’s volumes', {'0': 'HIDDEN-0', '1': 'HIDDEN-1'}, {is: 'apart'}],
    [
      'with a drive that there is not',
      {'0': 'SER-0', '2': 'GHOST-7'},
      {
        is: 'held',
        disputes: [
          'controller ctl0 has GHOST-7 in slot 2, and no drive has that serial number (slot 0 SER-0, slot 1 SER-1, slot 2 SER-2, slot 3 SER-3)',
        ],
      },
    ],
  ])('%s', (_, slots, held) => {
    expect(hold(map(slots), all)).toEqual(held);
  });

  it('that tells another drive than before has changed; one that tells less has not', () => {
    const was = [map({'0': 'SER-0', '1': 'SER-1'})];
    expect(changes(was, [map({'0': 'SER-0', '1': 'SER-9'})])).toEqual([
      'controller ctl0 had SER-1 in slot 1 and has SER-9',
    ]);
    expect(changes(was, [map({'1': 'ser1', '5': 'SER-5'})])).toEqual([]);
    expect(changes(was, [{source: 'bmc 1', slots: {'0': 'SER-9'}}])).toEqual([]);
  });

  it.each([
    ['WD-WCC4N0123456', 'WDWCC4N0123456', true],
    ['Z1Z0A1BC', 'Z1Z0A1BC0000C4381234', true],
    ['Z1Z0A1B', 'Z1Z0A1BC0000C4381234', false],
    ['SER-1', 'SER-2', false],
    ['', '', false],
  ])('%s and %s are one serial number: %s', (one, other, is) => {
    expect(sameSerial(one, other)).toBe(is);
    expect(sameSerial(other, one)).toBe(is);
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
    ['Enclosure 1 Slot 2: serial number = ABCD1234', {'1:2': 'ABCD1234'}],
    ['Slot 2, Enclosure 1, S/N: ABCD1234', {'1:2': 'ABCD1234'}],
    ['Bay 7 SN ABCD1234', {'7': 'ABCD1234'}],
    ['Port 3: OK, serial unknown', {}],
    ['Slot 3: OK', {}],
  ])('has in the line %s the slots %s', (line, slots) => {
    expect(readControllerLog(Buffer.from(line)).slots).toEqual(slots);
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

const twoSlots = (serial: string): string => `slot 0 serial SER-0 ONLINE\nslot 1 serial ${serial} ONLINE\n`;

describe('the step', () => {
  const wipe = runbook.steps.findIndex(({kind}) => kind === 'disk.wipe');
  const eject = runbook.steps.findIndex(({kind}) => kind === 'media.eject');
  const bookWith = (params: object = {}): Runbook => ({
    ...runbook,
    steps: runbook.steps
      .toSpliced(eject, 0, step('again', 'disk.health'))
      .toSpliced(wipe, 0, step('health', 'disk.health', params)),
  });
  const sound: HealthReading = {drives: all, logs: []};
  const nothing: BmcHealth = {maps: [], logs: [], unread: []};

  /** One machine whose drives tell one reading after the other, and the last one for ever. */
  const stand = (readings: HealthReading[], {bmc = nothing, params = {}}: {bmc?: BmcHealth; params?: object} = {}) => {
    const clock = new VirtualClock();
    const machine = new Machine(bookWith(params), clock);
    const journal = memoryJournal(clock);
    const read: string[] = [];
    const hears = {...bmc};
    const rebuild = async (pause: Ports['pause'] = () => undefined) => {
      const world = machine.world();
      return sit({clock, machine, journal}, undefined, {
        pause,
        world: {
          ...world,
          bmc: {...world.bmc, health: async () => ok(hears)},
          target: {
            ...world.target,
            health: async () => ok(readings.length > 1 ? readings.shift()! : readings[0]!),
            disks: async () => {
              const disks = await world.target.disks();
              if (!disks.ok) return disks;
              const [like] = disks.value;
              return ok([...disks.value, ...all.map(({serial}) => ({...like!, serial: serial as Serial}))]);
            },
            digests: async (serial, ranges) => {
              if (!serial.startsWith('SER-')) return world.target.digests(serial, ranges);
              read.push(serial);
              return ok(ranges.map(() => 'zero' as Sha256));
            },
          },
        },
      });
    };
    return {machine, journal, read, readings, hears, rebuild};
  };
  const proofOf = ({journal}: ReturnType<typeof stand>, id: string) =>
    journal.entries.flatMap(({event}) => (event.type === 'step.done' && event.step === id ? [event.proof] : []))[0];

  it('lets the rebuild go on, keeps which drive was in which slot, and looks again after the install', async () => {
    const one = stand([sound], {
      bmc: {
        maps: [
          {source: 'bmc 1', slots: {'Bay 0': 'SER-0', 'Bay 1': 'SER-1'}},
          {source: 'bmc RAID.1', slots: {'Bay 8': 'HIDDEN-8'}},
        ],
        logs: [{controller: 'bmc Managers/1 Sel', bytes: Buffer.from('Drive 1 was inserted.\n')}],
        unread: ['bmc Systems/1 Log1: it answers 500'],
      },
    });
    expect(await one.rebuild()).toEqual({end: 'done'});
    const slots = {'slot 0': 'SER-0', 'slot 1': 'SER-1', 'slot 2': 'SER-2', 'slot 3': 'SER-3'};
    expect(proofOf(one, 'health')).toMatchObject({
      says: '4 drives, none fails',
      data: {
        slots,
        checks: [
          {check: 'drives', verdict: 'passed'},
          {check: 'log of bmc Managers/1 Sel', verdict: 'passed'},
          {check: 'map of bmc 1', verdict: 'passed'},
          {check: 'map of bmc RAID.1', verdict: 'not made'},
          {check: 'the BMC’s record', verdict: 'not made', says: 'bmc Systems/1 Log1: it answers 500'},
        ],
      },
    });
    expect(proofOf(one, 'again')).toMatchObject({data: {slots}});
    // The work was the first step's; afterwards wipe and install were it.
    expect(one.read).toEqual(['SER-0', 'SER-1', 'SER-2', 'SER-3']);
  });

  it('has nothing against a virtual disk, and does not read from a drive that gives no answer', async () => {
    const one = stand([{drives: but(mute(0, 'unsupported'), mute(2, 'silent')), logs: []}]);
    expect(await one.rebuild()).toEqual({end: 'done'});
    expect(proofOf(one, 'health')).toMatchObject({
      says: '4 drives, 1 fails, 1 without SMART',
      data: {failing: ['slot 2 SER-2: gives no answer (nothing came in time)']},
    });
    expect(one.read).toEqual(['SER-0', 'SER-1', 'SER-3']);
  });

  it.each<[string, HealthReading, string, RegExp]>([
    [
      'two drives fail',
      {drives: but(drive(1, {passed: false}), drive(3, {passed: false})), logs: []},
      'disk.common-cause',
      /^power, cable or backplane until shown otherwise: 2 drives fail/,
    ],
    [
      'two drives give no answer',
      {drives: but(mute(1, 'silent'), mute(3, 'silent')), logs: []},
      'disk.common-cause',
      /^power, cable or backplane until shown otherwise: 2 drives fail/,
    ],
    ['a drive appears', {drives: [...all, drive(8)], logs: []}, 'disk.common-cause', /^power, cable or backplane/],
    [
      'the kernel’s log is garbage',
      {drives: all, logs: [{controller: 'kernel', bytes: story}]},
      'disk.controller-distrusted',
      /^kernel wrote a NUL byte at column 1 in line 5/,
    ],
  ])('stops before the wipe when %s', async (_, then, code, says) => {
    const one = stand([sound, then]);
    const end = await one.rebuild();
    expect(end).toMatchObject({end: 'failed', step: 'health', fault: {code, says: expect.stringMatching(says)}});
    expect(end !== 'killed' && exitOf(end)).toBe(exit.refused);
    expect(one.machine.counts.wipes).toBe(0);
  });

  it.each<[string, Partial<BmcHealth>, string, RegExp]>([
    [
      'an entry of the BMC’s log is garbage',
      {logs: [{controller: 'bmc Managers/1 Sel', bytes: story}]},
      'disk.controller-distrusted',
      /^bmc Managers\/1 Sel wrote a NUL byte at column 1 in line 5 of its log$/,
    ],
    [
      'the BMC has a drive in a slot that there is not',
      {maps: [{source: 'bmc RAID.1', slots: {'Bay 0': 'SER-0', 'Bay 1': 'GHOST-1'}}]},
      'disk.map-disputed',
      /^bmc RAID\.1 has GHOST-1 in slot Bay 1, and no drive has that serial number/,
    ],
  ])('stops before the wipe when %s', async (_, more, code, says) => {
    const one = stand([sound], {bmc: {...nothing, ...more}});
    const end = await one.rebuild();
    expect(end).toMatchObject({end: 'failed', step: 'health', fault: {code, says: expect.stringMatching(says)}});
    expect(end !== 'killed' && exitOf(end)).toBe(exit.refused);
    expect(one.machine.counts.wipes).toBe(0);
  });

  it('believes nothing that the saved log of the story says: it is quarantined, and on record by its digest', async () => {
    const one = stand([sound], {params: {logs: [{controller: 'ctl0', file: 'logs/ctl0.log'}]}});
    one.machine.documents.set('logs/ctl0.log', story.toString('latin1'));
    expect(await one.rebuild()).toMatchObject({
      step: 'health',
      fault: {
        code: 'disk.controller-distrusted',
        says: 'ctl0 wrote a NUL byte at column 1 in line 5 of its log',
        detail: {controllers: ['ctl0']},
      },
    });
    expect(one.journal.entries.map(({event}) => event)).toContainEqual({
      type: 'step.noted',
      step: 'health',
      says: 'the log of ctl0 is quarantined from line 5: a NUL byte at column 1',
      data: {controller: 'ctl0', lines: 4, sha256: createHash('sha256').update(story).digest('hex')},
    });
    expect(one.machine.counts.wipes).toBe(0);
  });

  it('holds the map of a saved log against the drives; once it is saved anew, the run goes on', async () => {
    const one = stand([sound], {params: {logs: [{controller: 'ctl0', file: 'ctl0.log'}]}});
    one.machine.documents.set('ctl0.log', twoSlots('GHOST-1'));
    expect(await one.rebuild()).toMatchObject({step: 'health', fault: {code: 'disk.map-disputed'}});
    one.machine.documents.set('ctl0.log', twoSlots('SER-1'));
    expect(await one.rebuild()).toEqual({end: 'done'});
  });

  it('takes a log that is not there for a mistake of the runbook', async () => {
    const one = stand([sound], {params: {logs: [{controller: 'ctl0', file: 'gone.log'}]}});
    expect(await one.rebuild()).toMatchObject({step: 'health', fault: {code: 'document.missing'}});
  });

  it('goes on once the cable was changed: counters are past by then, and only what they rise by counts', async () => {
    const noisy: HealthReading = {
      drives: but(drive(0, {linkErrors: 40}), drive(1, {linkErrors: 41})),
      logs: [],
    };
    const one = stand([sound, noisy]);
    expect(await one.rebuild()).toMatchObject({step: 'health', fault: {code: 'disk.common-cause'}});
    expect(await one.rebuild()).toEqual({end: 'done'});
    // Read anew under work.
    expect(one.read).toHaveLength(8);
  });

  it.each<[string, HealthReading, Partial<BmcHealth>, RegExp]>([
    [
      'two drives have changed places',
      {drives: but(drive(0, {serial: 'SER-1'}), drive(1, {serial: 'SER-0'})), logs: []},
      {},
      /SER-1 was in slot 1 and is in slot 0/,
    ],
    ['a drive has gone', {drives: all.slice(1), logs: []}, {}, /a drive went away: slot 0 SER-0/],
    [
      'cables have seen errors under the wipe',
      {drives: but(drive(0, {linkErrors: 9}), drive(1, {linkErrors: 9})), logs: []},
      {},
      /transfer errors rise on 2/,
    ],
    [
      'the BMC tells another drive in a slot',
      sound,
      {maps: [{source: 'bmc 1', slots: {'Bay 0': 'SER-0', 'Bay 1': 'SER-2'}}]},
      /bmc 1 had SER-1 in slot Bay 1 and has SER-2/,
    ],
  ])('stops after the install, before the new system is started, when %s', async (_, then, bmc, says) => {
    const maps = [{source: 'bmc 1', slots: {'Bay 0': 'SER-0', 'Bay 1': 'SER-1'}}];
    const one = stand([sound], {bmc: {...nothing, maps}});
    const installed = await one.rebuild((next) => (next === 'again' ? 'until' : undefined));
    expect(installed).toEqual({end: 'stopped', why: 'until'});
    one.readings.splice(0, 1, then);
    Object.assign(one.hears, bmc);
    expect(await one.rebuild()).toMatchObject({
      end: 'failed',
      step: 'again',
      fault: {code: 'disk.common-cause', says: expect.stringMatching(says)},
    });
    expect(one.machine.system).toBe('light');
  });
});
