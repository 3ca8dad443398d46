import {describe, expect, it} from 'vitest';
import {fault, type FaultCode} from '../../src/fault.ts';
import {failed, ok} from '../../src/result.ts';
import {outages} from '../../src/step/outage.ts';
import type {Outside} from '../../src/step/world.ts';
import {VirtualClock} from '../simulator/clock.ts';
import {memoryJournal} from '../simulator/journal.ts';
import {Machine} from '../simulator/machine.ts';
import {runbook} from '../simulator/runbook.ts';
import {sit, type Stand} from '../simulator/sitting.ts';

const stand = (): Stand => {
  const clock = new VirtualClock();
  return {clock, machine: new Machine(runbook, clock), journal: memoryJournal(clock)};
};

/** Each of these devices answers with its own silence while `down` says so. */
function through(world: Outside, down: () => boolean, codes: Partial<Record<keyof Outside, FaultCode>>): Outside {
  const silent = <T extends object>(room: T, code: FaultCode): T =>
    Object.fromEntries(
      Object.entries(room).map(([name, ask]) => [
        name,
        (...values: unknown[]) =>
          down()
            ? Promise.resolve(failed(fault(code, 'nothing answers')))
            : (ask as (...values: unknown[]) => unknown)(...values),
      ]),
    ) as T;
  const {target, renewed, edge, bmc} = codes;
  return {
    ...world,
    ...(target && {target: silent(world.target, target)}),
    ...(renewed && {renewed: silent(world.renewed, renewed)}),
    ...(edge && {edge: silent(world.edge, edge)}),
    ...(bmc && {bmc: silent(world.bmc, bmc)}),
  };
}

const everything = {
  target: 'ssh.unreachable',
  renewed: 'ssh.unreachable',
  edge: 'edge.unreachable',
  bmc: 'bmc.unreachable',
} as const;
const ids = runbook.steps.map(({id}) => id);

/** The way is down from when a step begins, for so many seconds; undefined: for ever. */
function cutAt(step: string, seconds: number | undefined, codes: Parameters<typeof through>[2] = everything) {
  const s = stand();
  let until = -Infinity;
  const observe: NonNullable<Parameters<typeof sit>[2]>['observe'] = ({event}) => {
    if (event.type === 'step.started' && event.step === step && until === -Infinity)
      until = s.clock.ticks() + (seconds === undefined ? Infinity : seconds * 1000);
  };
  const world = through(s.machine.world(), () => s.clock.ticks() < until, codes);
  const sitting = (more: Parameters<typeof sit>[2] = {}) =>
    sit(s, undefined, {world, observe, outages: outages(), ...more});
  return {s, sitting};
}

/** Of each cut that is on record, in seconds. */
const costs = (s: Stand): readonly number[] =>
  s.journal.entries.flatMap(({event}) =>
    event.type === 'step.interrupted' && event.cause === 'link cut' ? [event.seconds] : [],
  );

describe('the way from here is down', () => {
  it.each(ids.slice(1))('for an hour, as %s begins: the run waits for it, and ends by itself', async (step) => {
    const {s, sitting} = cutAt(step, 3600);
    expect(await sitting()).toEqual({end: 'done'});
    expect(s.machine.counts.wipes).toBe(1);
    expect(new Set(s.machine.counts.chunks.values())).toEqual(new Set([1]));
    const cost = costs(s);
    expect(cost).toHaveLength(1);
    expect(cost[0]).toBeGreaterThan(1800);
    expect(cost[0]).toBeLessThan(3700);
  });

  it('from the first step on: nothing was ever reached, and nothing is waited for', async () => {
    const {sitting} = cutAt(ids[0] ?? '', undefined);
    expect(await sitting()).toMatchObject({end: 'failed', fault: {code: 'edge.unreachable'}});
  });

  it('and this controller is at another address when it is back: it is let in there', async () => {
    const {s, sitting} = cutAt('wipe', 3600);
    const world = through(s.machine.world(), () => s.clock.ticks() > 0 && s.clock.ticks() < 3_700_000, everything);
    const address = () => (s.clock.ticks() > 0 ? '10.9.0.7' : '10.9.0.2');
    const {target, run} = world;
    const admitted = () => !s.machine.policy || s.machine.policy.admit.includes(address());
    const hello: typeof target.hello = async () =>
      admitted() ? target.hello() : failed(fault('ssh.unreachable', 'the edge admits another'));
    const moved: Outside = {
      ...world,
      run: {
        ...run,
        get controllerAddress() {
          return address();
        },
      },
      locate: async () => address(),
      target: {...target, hello},
    };
    expect(await sitting({world: moved})).toEqual({end: 'done'});
    expect(s.machine.policy?.admit).toEqual(['10.9.0.7']);
  });

  it('and the host answers a while after the gateway does', async () => {
    const {s, sitting} = cutAt('install', 3600);
    const world = through(s.machine.world(), () => s.clock.ticks() > 0 && s.clock.ticks() < 3_600_000, everything);
    const later = through(world, () => s.clock.ticks() > 0 && s.clock.ticks() < 3_660_000, {target: 'ssh.unreachable'});
    expect(await sitting({world: later})).toEqual({end: 'done'});
    // Until the host answered too, and not until the gateway did.
    expect(costs(s).reduce((sum, seconds) => sum + seconds)).toBeGreaterThanOrEqual(3655);
  });

  it('for a day and longer: the run stops', async () => {
    const {s, sitting} = cutAt('install', undefined);
    expect(await sitting()).toMatchObject({end: 'failed', fault: {code: 'ssh.unreachable'}});
    expect(s.clock.ticks()).toBeGreaterThan(24 * 3_600_000);
  });

  it('and the run is asked to stop: it does, and a resume goes on', async () => {
    const {s, sitting} = cutAt('install', 3600);
    const isWaiting = () => JSON.stringify(s.journal.entries.at(-1)?.event).includes('waited for');
    expect(await sitting({pause: () => (isWaiting() ? 'asked' : undefined)})).toEqual({end: 'stopped', why: 'asked'});
    await s.clock.sleep(3_600_000);
    expect(await sitting()).toEqual({end: 'done'});
  });
});

const lost = failed(fault('ssh.lost', 'the line is cut'));
type Wipe = Outside['target']['wipe'];

/** As it is, but for what is heard of a wipe once that has begun; undefined: the truth. */
function hearing(s: Stand, instead: () => Promise<Awaited<ReturnType<Wipe>> | undefined>): Outside {
  const {target, ...rest} = s.machine.world();
  const wipe: Wipe = async (serial) =>
    (s.machine.counts.wipes > 0 ? await instead() : undefined) ?? target.wipe(serial);
  return {...rest, target: {...target, wipe}};
}

describe('the gateway answers', () => {
  it('and the light system does by now: a short cut ends no run', async () => {
    const {s, sitting} = cutAt('wipe', 0);
    let cuts = 3;
    const world = hearing(s, async () => (cuts-- > 0 ? lost : undefined));
    expect(await sitting({world})).toEqual({end: 'done'});
    expect(s.machine.counts.wipes).toBe(1);
  });

  it('and short cuts come again and again, and the step gets on between them: they end no run', async () => {
    const {s, sitting} = cutAt('wipe', 0);
    const {sizeBytes} = s.machine.disks[0]!;
    let readings = 0;
    const world = hearing(s, async () => {
      if (++readings > 24) return undefined;
      return readings % 3 === 0 ? lost : ok({state: 'running', method: 'zero', doneBytes: readings, sizeBytes});
    });
    expect(await sitting({world})).toEqual({end: 'done'});
    expect(readings).toBeGreaterThan(24);
    expect(s.machine.counts.wipes).toBe(1);
  });

  it('what a cut cost is counted from the last progress', async () => {
    const {s, sitting} = cutAt('wipe', 0);
    const {sizeBytes} = s.machine.disks[0]!;
    let readings = 0;
    const world = hearing(s, async () => {
      if (++readings > 3) return undefined;
      if (readings < 3) return ok({state: 'running', method: 'zero', doneBytes: readings, sizeBytes});
      await s.clock.sleep(600_000);
      return lost;
    });
    await sitting({world});
    expect(costs(s)).toEqual([expect.closeTo(600, -1)]);
  });

  it.each([
    {minutes: 40, ends: {end: 'done'}, why: 'a step that tells nothing may get on between them'},
    {minutes: 20, ends: {end: 'failed', fault: {code: 'ssh.lost'}}, why: 'a step may bear one so long by itself'},
  ])('and short cuts come every $minutes minutes: $why', async ({minutes, ends}) => {
    const {s, sitting} = cutAt('wipe', 0);
    let cuts = 8;
    const world = hearing(s, async () => {
      if (cuts-- <= 0) return undefined;
      await s.clock.sleep(minutes * 60_000);
      return lost;
    });
    expect(await sitting({world})).toMatchObject(ends);
    expect(s.machine.counts.wipes).toBe(1);
  });

  it('and the light system does not: that is for a person to look at', async () => {
    const {sitting} = cutAt('wipe', undefined, {target: 'ssh.unreachable'});
    expect(await sitting()).toMatchObject({end: 'failed', step: 'wipe', fault: {code: 'ssh.unreachable'}});
  });

  it('and what ends at once each time is no cut', async () => {
    const {s, sitting} = cutAt('wipe', 0);
    const {target, ...rest} = s.machine.world();
    expect(await sitting({world: {...rest, target: {...target, wipe: async () => lost}}})).toMatchObject({
      end: 'failed',
      step: 'wipe',
      fault: {code: 'ssh.lost'},
    });
  });
});
