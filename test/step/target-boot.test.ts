import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import type {JsonObject} from '../../src/json.ts';
import {backOffMs} from '../../src/step/medium/back-off.ts';
import {firstByteMs} from '../../src/step/medium/evidence.ts';
import {targetBoot} from '../../src/step/target-boot.ts';
import type {World} from '../../src/step/world.ts';
import {VirtualClock} from '../simulator/clock.ts';
import {lyingBmc, type Act} from '../simulator/lying-bmc.ts';
import {Machine} from '../simulator/machine.ts';
import {runbook} from '../simulator/runbook.ts';
import {handOf} from './hand.ts';

async function boot(script: readonly Act[], attempts = 3) {
  const clock = new VirtualClock();
  const {world, counted} = lyingBmc(new Machine(runbook, clock), clock, script);
  const {hand, told} = handOf();
  const outcome = await targetBoot.apply(world, {attempts}, hand);
  return {outcome, counted, told, seconds: clock.ticks() / 1000, world};
}

const MB = 1_000_000;

describe('a medium that goes before the light system is up', () => {
  it('is mounted and booted again, and each loss is on record with what it cost', async () => {
    const {outcome, counted, told} = await boot([
      {is: 'lost', at: 12 * MB},
      {is: 'lost', at: 4 * MB},
    ]);
    expect(outcome).toMatchObject({ok: true, value: {data: {attempts: 3, mediaLosses: 2}}});
    expect(counted).toMatchObject({starts: 3, mountedWhileOn: 0, inVain: 16 * MB});
    expect(told.interruptions.map(({cause, bytesAgain, over}) => ({cause, bytesAgain, over}))).toEqual([
      {cause: 'medium lost', bytesAgain: 12 * MB, over: false},
      {cause: 'medium lost', bytesAgain: 4 * MB, over: false},
    ]);
    // 4 MB is less than the first attempt had read: only the third made up for both.
    expect(told.regained).toHaveLength(1);
    expect(told.watched.map(({lost}) => lost)).toEqual([true, true, false]);
  });

  it('is not believed to be there when the BMC says so and nothing is read', async () => {
    const {outcome, counted, told} = await boot([{is: 'stale', at: 20 * MB}]);
    expect(outcome).toMatchObject({ok: true, value: {data: {attempts: 2, mediaLosses: 1}}});
    // Mounted anew: the slot had shown the image all along.
    expect(counted.inserts).toBe(2);
    expect(told.interruptions).toMatchObject([{cause: 'medium unread', bytesAgain: 20 * MB}]);
    expect(told.interruptions[0]?.seconds).toBeGreaterThan(59);
  });

  it('is known to have gone from the BMC’s log where the slot hides it, long before the silence would tell', async () => {
    const {told} = await boot([{is: 'logged', at: 20 * MB}]);
    expect(told.interruptions).toMatchObject([{cause: 'medium lost', bytesAgain: 20 * MB}]);
    expect(told.interruptions[0]?.says).toContain('Server_Reboot');
    expect(told.interruptions[0]?.seconds).toBeLessThan(20);
  });

  it('is not given up while it is still read, whatever the BMC says', async () => {
    for (const act of ['seems gone', 'odd reading'] as const) {
      const {outcome, counted} = await boot([{is: act, at: 6 * MB}]);
      expect(outcome).toMatchObject({ok: true, value: {data: {attempts: 1, mediaLosses: 0}}});
      expect(counted.starts).toBe(1);
    }
  });

  it('goes unharmed once everything is in RAM', async () => {
    const {outcome, told} = await boot([{is: 'seems gone', at: 39 * MB}]);
    expect(outcome).toMatchObject({ok: true, value: {data: {attempts: 1, mediaLosses: 0}}});
    expect(told.interruptions).toMatchObject([{cause: 'medium lost', seconds: 0, bytesAgain: 0, over: true}]);
  });

  it('is tried again only after a while, and a longer one each time', async () => {
    expect([2, 3, 4, 5, 6, 7].map((attempt) => backOffMs(attempt) / 1000)).toEqual([5, 20, 80, 300, 300, 300]);
    const away = {is: 'away'} as const;
    expect((await boot([away, away])).seconds - (await boot([])).seconds).toBeCloseTo(25, 0);
  });
});

describe('a controller that died while the medium was read', () => {
  /** Dies at the nth saved checkpoint; the next one resumes from what was saved. */
  async function dies(nth: number, script: readonly Act[] = [], between: (stand: Stand) => void = () => {}) {
    const clock = new VirtualClock();
    const machine = new Machine(runbook, clock);
    const {world, counted} = lyingBmc(machine, clock, script);
    const saved: JsonObject[] = [];
    const death = new AbortController();
    const first = handOf({
      signal: death.signal,
      save: async (checkpoint) => {
        saved.push(checkpoint);
        if (saved.length === nth) death.abort();
      },
    });
    await targetBoot.apply(world, {attempts: 3}, first.hand);
    between({world, clock});
    const {hand, told} = handOf({at: saved.at(-1)});
    const outcome = await targetBoot.apply(world, {attempts: 3}, hand);
    return {outcome, counted, told, saved, clock};
  }
  interface Stand {
    readonly world: World;
    readonly clock: VirtualClock;
  }

  it.each([2, 3, 4, 5])('leaves a boot that the next one waits for, at checkpoint %i', async (nth) => {
    const {outcome, counted, told} = await dies(nth);
    expect(outcome).toMatchObject({ok: true, value: {data: {mediaLosses: 0}}});
    expect(counted).toMatchObject({starts: 1, inserts: 1});
    expect(told.interruptions).toEqual([]);
  });

  it('before the host was on: it is started then', async () => {
    const {outcome, counted} = await dies(
      1,
      [],
      ({world}) => void world.bmc.power('off', new AbortController().signal),
    );
    expect(outcome.ok).toBe(true);
    expect(counted.mountedWhileOn).toBe(0);
  });

  it('before its first byte was read: the host is started anew at once, for its firmware may have looked in vain', async () => {
    let resumed = 0;
    const {outcome, counted, clock} = await dies(1, [], ({world, clock}) => {
      void world.bmc.power('on', new AbortController().signal);
      resumed = clock.ticks();
    });
    expect(outcome).toMatchObject({ok: true, value: {data: {attempts: 1, mediaLosses: 0}}});
    expect(clock.ticks() - resumed).toBeLessThan(firstByteMs / 2);
    expect(counted).toMatchObject({starts: 2, mountedWhileOn: 0});
  });

  it('and the medium went meanwhile: that is found out, and the host started anew', async () => {
    const {outcome, counted, told} = await dies(2, [{is: 'lost', at: 12 * MB}], ({clock}) => void clock.sleep(300_000));
    expect(outcome).toMatchObject({ok: true, value: {data: {attempts: 2, mediaLosses: 1}}});
    expect(told.interruptions).toMatchObject([{cause: 'medium lost'}]);
    expect(counted.starts).toBe(2);
  });

  it('and the light system came up and lost its power: nothing is waited for', async () => {
    const clock = new VirtualClock();
    const machine = new Machine(runbook, clock);
    const {world, counted} = lyingBmc(machine, clock, []);
    const saved: JsonObject[] = [];
    const first = handOf({save: async (checkpoint) => void saved.push(checkpoint)});
    expect((await targetBoot.apply(world, {attempts: 3}, first.hand)).ok).toBe(true);
    const once = clock.ticks();
    const {signal} = first.hand;
    await world.bmc.power('off', signal);
    // It comes back by itself, from a disk that holds no system.
    await world.bmc.bootNormally(signal);
    await world.bmc.power('on', signal);
    const before = clock.ticks();
    const {hand} = handOf({at: saved.at(-1)});
    expect(await targetBoot.apply(world, {attempts: 3}, hand)).toMatchObject({ok: true, value: {data: {attempts: 1}}});
    // As long as the first time: no wait of five minutes for what is not under way.
    expect(clock.ticks() - before).toBeLessThan(1.5 * once);
    expect(counted.mountedWhileOn).toBe(0);
  });

  it('after an attempt came to nothing: nothing is waited for', async () => {
    const {counted, saved} = await dies(4, [{is: 'lost', at: 12 * MB}]);
    expect(saved.at(-1)).toEqual({phase: 'missed'});
    expect(counted.starts).toBe(2);
  });
});

describe('a person is told what to look at', () => {
  const nexts: readonly (readonly [string, readonly Act[], string, RegExp])[] = [
    [
      'resets',
      [1, 2, 3].map((at): Act => ({is: 'logged', at: at * MB})),
      'media.lost',
      /firmware: it drops the medium/,
    ],
    [
      'a session limit',
      [39, 38, 39].map((at): Act => ({is: 'lost', at: (at - 1) * MB})),
      'media.lost',
      /session limit/,
    ],
    ['losses at random', [30, 2, 9].map((at): Act => ({is: 'lost', at: at * MB})), 'media.lost', /link between BMC/],
    ['a stale slot', Array.from({length: 3}, (): Act => ({is: 'stale', at: MB})), 'media.lost', /the BMC itself/],
    [
      'a drive that nothing reads',
      Array.from({length: 3}, (): Act => ({is: 'unread'})),
      'media.lost',
      /nothing ever read/,
    ],
    ['a hang', Array.from({length: 3}, (): Act => ({is: 'hangs'})), 'target.not-up', /the KVM screen/],
    ['the wrong system', Array.from({length: 3}, (): Act => ({is: 'other system'})), 'target.not-up', /boot order/],
    ['no BMC', Array.from({length: 3}, (): Act => ({is: 'away'})), 'media.not-mounted', /whether it answers/],
  ];
  it.each(nexts)('after %s', async (_, script, code, next) => {
    const {outcome, counted, told} = await boot(script);
    expect(outcome).toMatchObject({ok: false, fault: {code, next: expect.stringMatching(next) as string}});
    expect(counted.starts).toBe(3);
    expect(told.interruptions).toHaveLength(3);
  });
});

const at = fc.integer({min: 1, max: 38_999_999});
const act: fc.Arbitrary<Act> = fc.oneof(
  ...(['lost', 'stale', 'logged', 'seems gone', 'odd reading'] as const).map((is) =>
    fc.record({is: fc.constant(is), at}),
  ),
  ...(['well', 'unread', 'other system', 'hangs', 'away'] as const).map((is) => fc.constant({is})),
);
const wells = new Set<Act['is']>(['well', 'seems gone', 'odd reading']);

it('whatever the medium does, it ends with the light system up or asks a person, and mounts nothing while the host is on', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(act, {maxLength: 7}), fc.integer({min: 1, max: 6}), async (script, attempts) => {
      const {outcome, counted, told, seconds, world} = await boot(script, attempts);
      const first = script.findIndex(({is}) => wells.has(is));
      const good = first === -1 ? script.length : first;
      expect(outcome.ok).toBe(good < attempts);
      if (outcome.ok) expect(await world.target.hello()).toMatchObject({ok: true, value: {run: 'marruuk-1'}});
      else {
        expect(['media.lost', 'target.not-up', 'media.not-mounted']).toContain(outcome.fault.code);
        expect(outcome.fault.next).toMatch(/^look at .*rebuild resume HOST$/);
      }
      expect(counted.starts).toBe(Math.min(attempts, good + 1));
      expect(counted.mountedWhileOn).toBe(0);
      // Each attempt ends within its own patience: the self-test, a stall, unpacking, and the wait before the next.
      expect(seconds).toBeLessThan(attempts * (600 + 300 + 120 + 300));
      const costly = told.interruptions.filter(({over}) => !over);
      expect(costly).toHaveLength(Math.min(attempts, good));
      // The last attempt in vain is still running when a person is asked: the simulator counts it when it is put off.
      await world.bmc.power('off', new AbortController().signal);
      expect(costly.reduce((sum, {bytesAgain}) => sum + bytesAgain, 0)).toBe(counted.inVain);
    }),
    {numRuns: 200},
  );
});
