import {describe, expect, it} from 'vitest';
import {fault} from '../../src/fault.ts';
import {failed, ok} from '../../src/result.ts';
import {Machine} from '../simulator/machine.ts';
import {memoryJournal} from '../simulator/journal.ts';
import {pins, runbook} from '../simulator/runbook.ts';
import type {Outside} from '../../src/step/world.ts';
import {sit, types, type Stand} from '../simulator/sitting.ts';
import {VirtualClock} from '../simulator/clock.ts';

const stand = (): Stand => {
  const clock = new VirtualClock();
  return {clock, machine: new Machine(runbook, clock), journal: memoryJournal(clock)};
};

async function undisturbed(): Promise<Stand & {readonly happened: number}> {
  const s = stand();
  let happened = 0;
  const machine = s.machine;
  const end = await sit(s, undefined, {observe: () => happened++});
  expect(end).toEqual({end: 'done'});
  return {...s, machine, happened};
}

describe('a rebuild', () => {
  it('ends with the new system, the old content gone and the kept disk as it was', async () => {
    const {machine, journal} = await undisturbed();
    const {system, slot, policy, disks} = machine.end();
    expect({system, slot, mode: policy?.mode}).toEqual({system: 'renewed', slot: null, mode: 'serving'});
    expect(disks[0]?.content.map(([, digest]) => digest)).toEqual(machine.image.chunks.map(({raw}) => raw));
    expect(disks[1]).toEqual({serial: 'S3Z8NB0K498765', content: [[0, 'old']], files: [], latch: undefined});
    expect(types(journal.entries).filter((type) => type.endsWith('step.done'))).toHaveLength(runbook.steps.length);
    expect(types(journal.entries).at(-1)).toBe('run.done');
  });

  it('goes on as if nothing had happened when the medium goes after the light system is up', async () => {
    const s = stand();
    const end = await sit(s, undefined, {
      observe: ({event}) => {
        if (event.type === 'step.done' && event.step === 'boot') s.machine.slot = undefined;
      },
    });
    expect(end).toEqual({end: 'done'});
    expect(s.machine.counts.inserts).toBe(1);
    expect(s.machine.counts.starts).toBe(2);
  });

  it('mounts and boots again when the medium goes while the boot loader reads it', async () => {
    const s = stand();
    s.machine.loseMediumAt = 12_000_000;
    expect(await sit(s)).toEqual({end: 'done'});
    expect(s.machine.counts.inserts).toBe(2);
    const told = s.journal.entries.flatMap(({event}) =>
      event.type === 'step.interrupted' || event.type === 'step.regained' ? [event] : [],
    );
    expect(told).toEqual([
      expect.objectContaining({
        type: 'step.interrupted',
        cause: 'medium lost',
        says: 'the medium went away before the light system was up; mounting and booting again',
        bytesAgain: 12_000_000,
        over: false,
      }),
      expect.objectContaining({type: 'step.regained', attempts: 1}),
    ]);
  });

  it('fails with the cause and stays open, and resumes once the cause is gone', async () => {
    const s = stand();
    const world = s.machine.world();
    const end = await sit(s, undefined, {
      world: {...world, target: {...world.target, disks: async () => ({ok: true, value: []})}},
    });
    expect(end).toMatchObject({end: 'failed', step: 'wipe', fault: {code: 'disk.not-found'}});
    expect(s.machine.counts.wipes).toBe(0);
    expect(await sit(s)).toEqual({end: 'done'});
    expect(s.machine.counts.wipes).toBe(1);
  });
});

describe('killed at every point', () => {
  it('before each event and each effect, it resumes to the same end', async () => {
    const calm = await undisturbed();
    const whole = calm.machine.end();
    let at = 1;
    for (; ; at++) {
      const s = stand();
      const died = await sit(s, at);
      if (died !== 'killed') break;
      const where = `killed at #${at}, after ${types(s.journal.entries).at(-1)}`;
      expect(await sit(s), where).toEqual({end: 'done'});
      expect(s.machine.end(), where).toEqual(whole);
      expect(s.machine.counts.wipes, where).toBe(1);
      expect(unlicensed(s), where).toEqual([]);
    }
    expect(at).toBeGreaterThan(calm.happened);
  });

  it('twice in a row, at any two points, ends the same', async () => {
    const whole = (await undisturbed()).machine.end();
    for (let first = 3; first < 60; first += 4)
      for (let second = 1; second < 40; second += 3) {
        const s = stand();
        await sit(s, first);
        await sit(s, second);
        const where = `killed at #${first}, then at #${second}`;
        expect(await sit(s), where).toEqual({end: 'done'});
        expect(s.machine.end(), where).toEqual(whole);
        expect(s.machine.counts.wipes, where).toBe(1);
      }
  });

  it('sends no chunk again that was read back and recorded', async () => {
    let killed = 0;
    for (let at = 1; ; at++) {
      const s = stand();
      if ((await sit(s, at)) !== 'killed') break;
      killed++;
      await sit(s);
      const twice = [...s.machine.counts.chunks].filter(([, times]) => times > 1);
      expect(twice, `killed at #${at}`).toEqual([]);
    }
    expect(killed).toBeGreaterThan(new Machine(runbook, new VirtualClock()).image.chunks.length);
  });
});

describe('frozen at every point, while a colleague takes over', () => {
  it('nothing reaches the machine from the one that wakes up, and the colleague ends it', async () => {
    const whole = (await undisturbed()).machine.end();
    for (let at = 1; ; at++) {
      const s = stand();
      let asked = 0;
      let atFreezing: unknown;
      const state = () => structuredClone({end: s.machine.end(), counts: s.machine.counts});
      const lost = failed(fault('lease.lost', 'a colleague took it'));
      const frozen = () => asked >= at;
      const end = await sit(s, undefined, {
        journal: {
          ...s.journal,
          holds: async () => {
            if (++asked < at) return ok(undefined);
            atFreezing ??= state();
            return lost;
          },
          append: async (...values) => (frozen() ? lost : s.journal.append(...values)),
        },
      });
      if (!frozen()) break;
      const where = `frozen before effect ${at}, after ${types(s.journal.entries).at(-1)}`;
      expect(end, where).toMatchObject({end: 'cut', fault: {code: 'lease.lost'}});
      expect(state(), where).toEqual(atFreezing);
      expect(await sit(s), where).toEqual({end: 'done'});
      expect(s.machine.end(), where).toEqual(whole);
      expect(s.machine.counts.wipes, where).toBe(1);
    }
  });
});

describe('what is still true', () => {
  it('is asked of all devices at once', async () => {
    const s = stand();
    await sit(s, undefined, {pause: (next) => (next === 'install' ? 'asked' : undefined)});
    const world = s.machine.world();
    const order: string[] = [];
    const slow =
      <T>(name: string, read: () => Promise<T>) =>
      async (): Promise<T> => {
        order.push(name);
        await Promise.resolve();
        return read();
      };
    await sit(s, undefined, {
      world: {
        ...world,
        edge: {...world.edge, policy: slow('edge', () => world.edge.policy())},
        target: {...world.target, hello: slow('target', () => world.target.hello())},
      },
      pause: () => 'asked',
    });
    expect(order).toEqual(['edge', 'target']);
    expect(types(s.journal.entries).slice(-4)).toEqual([
      'isolate step.kept',
      'boot step.kept',
      'wipe step.kept',
      'run.stopped',
    ]);
  });

  it('is asked again in its turn where it failed: a step before it may have been put right', async () => {
    const s = stand();
    await sit(s, undefined, {pause: (next) => (next === 'install' ? 'asked' : undefined)});
    const starts = s.machine.counts.starts;
    // The quarantine lapses, and behind it nothing can be reached until it is set anew.
    expect(await sit(s, undefined, {world: movable(() => '10.9.0.7', s.machine)})).toEqual({end: 'done'});
    expect(types(s.journal.entries)).toContain('isolate step.lapsed');
    expect(types(s.journal.entries)).toContain('boot step.kept');
    // The light system was not started again; the new one was.
    expect(s.machine.counts).toMatchObject({starts: starts + 1, wipes: 1});
  });
});

describe('a gateway that lost its rules once the new system runs', () => {
  it('gets them again, and the light system is not started for it', async () => {
    const s = stand();
    await sit(s, undefined, {pause: (next) => (next === 'verify' ? 'asked' : undefined)});
    const before = structuredClone(s.machine.counts);
    s.machine.policy = undefined;
    expect(await sit(s)).toEqual({end: 'done'});
    expect(types(s.journal.entries)).toContain('network step.lapsed');
    expect(s.machine.end()).toEqual((await undisturbed()).machine.end());
    expect(s.machine.counts).toEqual({...before, enforced: before.enforced + 1});
  });
});

describe('from another address', () => {
  it('a killed run is resumed wherever it was, and the edge ends with admitting that address alone', async () => {
    const {policy: _, ...whole} = (await undisturbed()).machine.end();
    let killed = 0;
    for (let at = 1; ; at++) {
      const s = stand();
      if ((await sit(s, at)) !== 'killed') break;
      killed++;
      const where = `killed at #${at}, after ${types(s.journal.entries).at(-1)}`;
      expect(await sit(s, undefined, {world: movable(() => '10.9.0.7', s.machine)}), where).toEqual({end: 'done'});
      const {policy, ...end} = s.machine.end();
      expect(end, where).toEqual(whole);
      expect(policy, where).toMatchObject({mode: 'serving', admit: ['10.9.0.7']});
      expect(s.machine.counts.wipes, where).toBe(1);
      // The old system's key is what was seen first, not what answered the second time.
      const isolated = s.journal.entries.findLast(({event}) => event.type === 'step.done' && event.step === 'isolate');
      expect(isolated?.event, where).toMatchObject({proof: {data: {oldHostKey: pins.old}}});
    }
    expect(killed).toBeGreaterThan(50);
  });

  it.each([
    ['boot', 'the light system starts', starting],
    ['install', 'the image is sent', cutOff],
    ['network', 'the new system starts', starting],
  ])('in %s, while %s, a controller that moves is let in there and goes on', async (step, _, during) => {
    const s = stand();
    let address = '10.9.0.2';
    const world = movable(() => address, s.machine);
    const move = (): boolean => {
      const moves = address !== '10.9.0.7' && running(s) === step;
      if (moves) address = '10.9.0.7';
      return moves;
    };
    expect(await sit(s, undefined, {world: {...world, ...during(world, move)}})).toEqual({end: 'done'});
    expect(s.machine.policy).toMatchObject({mode: 'serving', admit: ['10.9.0.7']});
    const said = s.journal.entries.flatMap(({event}) => (event.type === 'step.noted' ? [event] : []));
    expect(said.filter(({says}) => says.includes('10.9.0.7'))).toMatchObject([{step}]);
    expect(new Set(s.machine.counts.chunks.values())).toEqual(new Set([1]));
  });
});

/** Told when the machine is powered on. */
const starting = ({bmc}: Outside, starts: () => void): Partial<Outside> => ({
  bmc: {
    ...bmc,
    power: async (want, signal) => {
      if (want === 'on') starts();
      return bmc.power(want, signal);
    },
  },
});
/** A transfer that ends silently where `cut` says so. */
const cutOff = ({target}: Outside, cut: () => boolean): Partial<Outside> => ({
  target: {
    ...target,
    write: async (...orders) => {
      const done = await target.write(...orders);
      return cut() ? failed(fault('ssh.unreachable', 'the target is silent')) : done;
    },
  },
});

/** The step that was started last. */
function running({journal}: Stand): string | undefined {
  const started = journal.entries.findLast(({event}) => event.type === 'step.started');
  return started?.event.type === 'step.started' ? started.event.step : undefined;
}

/** The world of a controller at an address that may change: the host's SSH is open to it as far as the edge admits it. */
function movable(address: () => string, machine: Machine): ReturnType<Machine['world']> {
  const world = machine.world();
  let located = address();
  const reachable = () => !machine.policy || machine.policy.admit.includes(address());
  const behindEdge = <T extends object>(room: T): T =>
    Object.fromEntries(
      Object.entries(room).map(([name, ask]) => [
        name,
        (...values: unknown[]) =>
          reachable()
            ? (ask as (...values: unknown[]) => unknown)(...values)
            : Promise.resolve(failed(fault('ssh.unreachable', 'the edge admits another'))),
      ]),
    ) as T;
  return {
    ...world,
    run: {
      ...world.run,
      get controllerAddress() {
        return located;
      },
    },
    locate: async () => (located = address()),
    target: behindEdge(world.target),
    renewed: behindEdge(world.renewed),
  };
}

/** Irreversible effects whose intent is on record twice without a look in between that found nothing of it. */
function unlicensed({journal}: Stand): readonly string[] {
  const open = new Set<string>();
  const wrong: string[] = [];
  for (const {event} of journal.entries) {
    if (event.type === 'effect.found' && event.verdict === 'absent') open.delete(event.effect);
    if (event.type !== 'effect.sent') continue;
    if (open.has(event.effect)) wrong.push(event.effect);
    open.add(event.effect);
  }
  return wrong;
}
