import {describe, expect, it} from 'vitest';
import type {Serial} from '../../src/brand.ts';
import type {Event} from '../../src/engine/event.ts';
import {mediaWatch} from '../../src/step/medium/watch.ts';
import {ok} from '../../src/result.ts';
import type {DiskSpec, Runbook} from '../../src/runbook/runbook.ts';
import type {BmcEvent, BmcLook} from '../../src/step/world/bmc.ts';
import {VirtualClock} from '../simulator/clock.ts';
import {memoryJournal} from '../simulator/journal.ts';
import {Machine} from '../simulator/machine.ts';
import {runbook, step} from '../simulator/runbook.ts';
import {sit, type Stand} from '../simulator/sitting.ts';

const stand = (book = runbook): Stand => {
  const clock = new VirtualClock();
  return {clock, machine: new Machine(book, clock), journal: memoryJournal(clock)};
};

const interruptions = ({journal}: Stand) =>
  journal.entries.flatMap(({event}) => (event.type === 'step.interrupted' ? [event] : []));

/** Runs to the end with the watch on; `when` sees each event. */
async function watched(s: Stand, when: (event: Event) => void, bmc: Partial<BmcLook> = {}, death?: number) {
  const world = s.machine.world();
  return sit(s, death, {
    watch: mediaWatch(),
    world: {...world, bmc: {...world.bmc, ...bmc}},
    observe: ({event}) => when(event),
  });
}

it('a medium that goes once the light system is up is on record once, and cost nothing', async () => {
  const s = stand();
  const end = await watched(s, (event) => {
    if (event.type === 'step.done' && event.step === 'boot') s.machine.slot = undefined;
  });
  expect(end).toEqual({end: 'done'});
  expect(interruptions(s)).toMatchObject([
    {
      cause: 'medium lost',
      seconds: 0,
      bytesAgain: 0,
      over: true,
      says: expect.stringContaining('not needed') as string,
    },
  ]);
  expect(s.machine.counts.inserts).toBe(1);
  const watches = s.journal.entries.filter(({event}) => event.type === 'medium.watched');
  expect(watches.at(-1)?.event).toMatchObject({lost: true});
});

it('one that stays is nothing to tell of', async () => {
  const s = stand();
  expect(await watched(s, () => {})).toEqual({end: 'done'});
  expect(interruptions(s)).toEqual([]);
});

it('one whose slot goes on showing it is known to have gone from the BMC’s log', async () => {
  const s = stand();
  const log: BmcEvent[] = [];
  const bmc: Partial<BmcLook> = {
    events: async (mark) => ok({events: mark === undefined ? [] : log.slice(Number(mark)), mark: String(log.length)}),
  };
  s.machine.wipeReadings = 40;
  const end = await watched(
    s,
    (event) => {
      if (event.type === 'effect.settled')
        log.push({
          is: 'ejected',
          by: 'reset',
          code: '35.169',
          says: 'Scriptable virtual media ejected by: Server_Reboot.',
        });
    },
    bmc,
  );
  expect(end).toEqual({end: 'done'});
  expect(interruptions(s)).toMatchObject([{says: expect.stringContaining('Server_Reboot') as string, over: true}]);
});

it('one that went in an earlier sitting is not lost again in each that follows', async () => {
  const s = stand();
  const gone = (event: Event): void => {
    if (event.type === 'step.done' && event.step === 'boot') s.machine.slot = undefined;
  };
  expect(await watched(s, gone, {}, 26)).toBe('killed');
  expect(await watched(s, () => {})).toEqual({end: 'done'});
  expect(interruptions(s).length).toBeLessThanOrEqual(1);
});

describe('where no step ejects it', () => {
  const staging: DiskSpec = {
    name: 'staging',
    serial: 'S4EVNF0M700012' as Serial,
    sizeBytes: 4_000_000_000,
    keep: false,
  };
  /** As runbooks/mpex.yaml has it. */
  const staged: Runbook = {
    ...runbook,
    disks: {...runbook.disks, staging},
    steps: [
      ...runbook.steps.slice(
        0,
        runbook.steps.findIndex(({id}) => id === 'wipe'),
      ),
      step('wipe', 'disk.wipe', {disks: ['staging']}),
      step('stage', 'media.stage', {image: 'iso/vendor.iso', sha256: 'a'.repeat(64), disk: 'staging'}),
      step('start', 'installer.start', {disk: 'staging'}),
    ],
  };
  const restored: Runbook = {...runbook, steps: runbook.steps.filter(({kind}) => kind !== 'media.eject')};

  it.each([
    ['an installer is started', staged, 'stage'],
    ['the new system is started', restored, 'install'],
  ])('it is watched until %s', async (_, book, during) => {
    const s = stand(book);
    const end = await watched(s, (event) => {
      if (event.type === 'step.started' && event.step === during) s.machine.slot = undefined;
    });
    expect(end).toEqual({end: 'done'});
    expect(interruptions(s)).toMatchObject([{step: during, cause: 'medium lost', seconds: 0, over: true}]);
  });

  it.each([
    ['an installer', staged, 'start'],
    ['the new system', restored, 'network'],
  ])('and not from then on: %s has the host', async (_, book, during) => {
    const s = stand(book);
    const end = await watched(s, (event) => {
      if (event.type === 'step.started' && event.step === during) s.machine.slot = undefined;
    });
    expect(end).toEqual({end: 'done'});
    expect(interruptions(s)).toEqual([]);
  });
});
