import {describe, expect, it} from 'vitest';
import type {Serial, StepId} from '../../src/brand.ts';
import type {Runbook, StepEntry} from '../../src/runbook/runbook.ts';
import {fault} from '../../src/fault.ts';
import {failed} from '../../src/result.ts';
import {outages} from '../../src/step/outage.ts';
import {kinds} from '../../src/step/registry.ts';
import {Machine} from '../simulator/machine.ts';
import {memoryJournal} from '../simulator/journal.ts';
import {runbook} from '../simulator/runbook.ts';
import {sit, types, type Stand} from '../simulator/sitting.ts';
import {VirtualClock} from '../simulator/clock.ts';

const step = (id: string, kind: string, params: object): StepEntry => ({
  id: id as StepId,
  kind,
  params: kinds.get(kind)!.params.parse(params),
  place: {file: 'runbooks/mpex.yaml', line: 1, column: 5},
});

/** The old system stays on its disk: only what is named starts the installer. */
const vendor = (firmware: 'uefi' | 'bios'): Runbook => ({
  ...runbook,
  host: {...runbook.host, firmware},
  disks: {
    ...runbook.disks,
    staging: {name: 'staging', serial: 'S4EVNF0M700012' as Serial, sizeBytes: 4_000_000_000, keep: false},
  },
  steps: [
    ...runbook.steps.slice(0, 4),
    step('wipe', 'disk.wipe', {disks: ['staging']}),
    step('stage', 'media.stage', {image: 'iso/vendor.iso', sha256: 'a'.repeat(64), disk: 'staging'}),
    step('start', 'installer.start', {disk: 'staging'}),
  ],
});

const stand = (firmware: 'uefi' | 'bios' = 'uefi'): Stand => {
  const clock = new VirtualClock();
  return {clock, machine: new Machine(vendor(firmware), clock), journal: memoryJournal(clock)};
};

describe.each(['uefi', 'bios'] as const)('a vendor’s installer staged on a disk, %s', (firmware) => {
  it('starts from there, with the old system left alone', async () => {
    const s = stand(firmware);
    expect(await sit(s)).toEqual({end: 'done'});
    const {system, disks} = s.machine.end();
    expect(system).toBe('installer');
    const [old, kept, staging] = disks;
    expect(old?.content).toEqual([[0, 'old']]);
    expect(kept?.content).toEqual([[0, 'old']]);
    expect(staging?.content.map(([, digest]) => digest)).toEqual(s.machine.image.chunks.map(({raw}) => raw));
    expect(s.machine.counts.starts).toBe(2);
  });

  it('killed before each event and each effect, resumes to the same end and starts it once', async () => {
    const calm = stand(firmware);
    await sit(calm);
    const whole = calm.machine.end();
    let at = 1;
    for (; ; at++) {
      const s = stand(firmware);
      if ((await sit(s, at)) !== 'killed') break;
      const where = `killed at #${at}, after ${types(s.journal.entries).at(-1)}`;
      expect(await sit(s), where).toEqual({end: 'done'});
      expect(s.machine.end(), where).toEqual(whole);
      expect(s.machine.counts.wipes, where).toBe(1);
      expect(s.machine.counts.starts, where).toBe(2);
      const twice = [...s.machine.counts.chunks].filter(([, times]) => times > 1);
      expect(twice, where).toEqual([]);
    }
    expect(at).toBeGreaterThan(calm.machine.image.chunks.length * 2);
  });
});

describe('a disk that does not hold the whole image', () => {
  it('is found when all of it is read back, and only what differs is sent again', async () => {
    const s = stand();
    let struck = false;
    const end = await sit(s, undefined, {
      observe: ({event}) => {
        if (struck || event.type !== 'step.saved' || event.step !== 'stage') return;
        if (s.machine.counts.chunks.size < 12) return;
        struck = true;
        s.machine.disk('S4EVNF0M700012').content.set(3, 'flipped');
      },
    });
    expect(end).toMatchObject({end: 'failed', step: 'stage', fault: {code: 'os.differs'}});
    expect(await sit(s)).toEqual({end: 'done'});
    const again = [...s.machine.counts.chunks].filter(([, times]) => times > 1);
    expect(again).toEqual([[3, 2]]);
  });
});

describe('an installer that did not start', () => {
  it('is told by the light system that answers again, and a resume starts it', async () => {
    const s = stand();
    const world = s.machine.world();
    const end = await sit(s, undefined, {
      world: {
        ...world,
        bmc: {
          ...world.bmc,
          power: async (want, signal) => {
            const done = await world.bmc.power(want, signal);
            if (want === 'on' && s.machine.system === 'installer') s.machine.system = 'light';
            return done;
          },
        },
      },
    });
    expect(end).toMatchObject({end: 'failed', step: 'start', fault: {code: 'installer.not-started'}});
    expect(await sit(s)).toEqual({end: 'done'});
    expect(s.machine.end().system).toBe('installer');
  });
});

describe('the way from here is down as an installer is started', () => {
  const names = {kernel: '/install/vmlinuz', initrd: '/install/initrd.gz', options: 'auto'};
  const byKernel = vendor('uefi');
  const launching: Runbook = {
    ...byKernel,
    steps: byKernel.steps.map((one) => (one.id === 'start' ? step('start', one.kind, {...one.params, ...names}) : one)),
  };

  it.each([
    {arrives: false, moves: false},
    {arrives: true, moves: false},
    {arrives: false, moves: true},
  ])('its order arrives: $arrives, this controller moves: $moves', async ({arrives, moves}) => {
    const clock = new VirtualClock();
    const s: Stand = {clock, machine: new Machine(launching, clock), journal: memoryJournal(clock)};
    const {target, edge, run, ...rest} = s.machine.world();
    let until = -Infinity;
    const down = () => !moves && clock.ticks() < until;
    let located = '10.9.0.2';
    const address = () => (moves && until > 0 ? '10.9.0.7' : '10.9.0.2');
    const admitted = () => s.machine.policy?.admit.includes(address()) ?? true;
    const hello: typeof target.hello = async () =>
      down() || !admitted() ? failed(fault('ssh.unreachable', 'nothing answers')) : target.hello();
    const policy: typeof edge.policy = async () =>
      down() ? failed(fault('edge.unreachable', 'nothing answers')) : edge.policy();
    const launch: typeof target.launch = async (...values) => {
      if (until > 0) return target.launch(...values);
      if (arrives) await target.launch(...values);
      until = clock.ticks() + 3_600_000;
      return failed(fault('ssh.lost', 'the line broke'));
    };
    const world = {
      ...rest,
      run: {
        ...run,
        get controllerAddress() {
          return located;
        },
      },
      locate: async () => (located = address()),
      target: {...target, hello, launch},
      edge: {...edge, policy},
    };
    expect(await sit(s, undefined, {world, outages: outages()})).toEqual({end: 'done'});
    expect(s.machine.end().system).toBe('installer');
    expect(s.machine.policy?.admit).toEqual([address()]);
    if (!moves) expect(clock.ticks()).toBeGreaterThan(until);
  });
});
