import {expect, it} from 'vitest';
import type {Event} from '../../src/engine/event.ts';
import {mediaWatch} from '../../src/step/media-watch.ts';
import {ok} from '../../src/result.ts';
import type {BmcEvent, BmcLook} from '../../src/step/world.ts';
import {VirtualClock} from '../simulator/clock.ts';
import {memoryJournal} from '../simulator/journal.ts';
import {Machine} from '../simulator/machine.ts';
import {runbook} from '../simulator/runbook.ts';
import {sit, type Stand} from '../simulator/sitting.ts';

const stand = (): Stand => {
  const clock = new VirtualClock();
  return {clock, machine: new Machine(runbook, clock), journal: memoryJournal(clock)};
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
