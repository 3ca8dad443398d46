import {describe, expect, it} from 'vitest';
import {ok} from '../../src/result.ts';
import {evidenceHold} from '../../src/step/evidence-hold.ts';
import type {World} from '../../src/step/world.ts';
import {VirtualClock} from '../simulator/clock.ts';
import {Machine} from '../simulator/machine.ts';
import {runbook} from '../simulator/runbook.ts';
import {handOf} from './hand.ts';

const params = evidenceHold.params.parse({for: '36h', reason: 'who comes back for it'});

function stand() {
  const clock = new VirtualClock();
  const machine = new Machine(runbook, clock);
  const world: World = {...machine.world(), earlier: () => undefined, forgone: () => false};
  return {clock, machine, world};
}

const hours = (clock: VirtualClock, since: string): number => (Date.parse(clock.now()) - Date.parse(since)) / 3_600_000;

describe('a hold', () => {
  it('lasts as long as it says, and goes on with the same deadline after a resume', async () => {
    const {clock, world} = stand();
    const begun = clock.now();
    let saved;
    const first = handOf({save: async (checkpoint) => void (saved ??= checkpoint)});
    expect(await evidenceHold.apply(world, params, first.hand)).toMatchObject({
      ok: true,
      value: {says: 'held; its time was over'},
    });
    expect(hours(clock, begun)).toBeCloseTo(36, 1);
    expect(first.told.notes[0]?.says).toContain('who comes back for it');
    expect(saved).toHaveProperty('until');
    // Taken up again: the deadline is past, so it is over at once.
    const again = clock.now();
    expect((await evidenceHold.apply(world, params, handOf({at: saved}).hand)).ok).toBe(true);
    expect(hours(clock, again)).toBe(0);
  });

  it('is ended by a person, by name', async () => {
    const {clock, world} = stand();
    let asked = 0;
    const released = async () => (++asked > 3 ? {by: 'lena@jump1', why: 'seen enough'} : undefined);
    const begun = clock.now();
    const held = await evidenceHold.apply(world, params, handOf({released}).hand);
    expect(held).toMatchObject({ok: true, value: {says: 'held; ended by lena@jump1: seen enough'}});
    expect(hours(clock, begun)).toBeLessThan(1);
  });

  it('is ended by its condition, and by no outage of who would tell it', async () => {
    const {clock, world, machine} = stand();
    let packets = 0;
    const refused = async () => ok({packets: (packets += 10)});
    const counted = evidenceHold.params.parse({for: '36h', reason: 'r', refused: 100});
    const edge = {...world.edge, refused};
    const held = await evidenceHold.apply({...world, edge}, counted, handOf().hand);
    expect(held).toMatchObject({ok: true, value: {says: 'held; the gateway has refused 100 packets of it'}});
    machine.system = 'off';
    const begun = clock.now();
    const off = evidenceHold.params.parse({for: '1h', reason: 'r', off: true});
    expect(await evidenceHold.apply(world, off, handOf().hand)).toMatchObject({
      value: {says: 'held; the BMC says that the host is off'},
    });
    expect(hours(clock, begun)).toBeLessThan(1);
  });

  it('is interrupted without being over', async () => {
    const {world} = stand();
    const stopped = new AbortController();
    stopped.abort();
    expect(await evidenceHold.apply(world, params, handOf({signal: stopped.signal}).hand)).toMatchObject({
      ok: false,
      fault: {code: 'run.interrupted'},
    });
  });
});
