import {describe, expect, it} from 'vitest';
import type {Serial, StepId} from '../../src/brand.ts';
import {placeOf} from '../../src/runbook/place.ts';
import type {DiskSpec, Runbook, StepEntry} from '../../src/runbook/runbook.ts';
import {fault} from '../../src/fault.ts';
import {failed} from '../../src/result.ts';
import {kinds} from '../../src/step/registry.ts';
import {disksWritten} from '../../src/step/disk.ts';
import type {Outside, World} from '../../src/step/world.ts';
import type {EdgePolicy} from '../../src/step/world/edge.ts';
import type {ImageSource} from '../../src/step/world/image.ts';
import {VirtualClock} from '../simulator/clock.ts';
import {memoryJournal} from '../simulator/journal.ts';
import {Machine} from '../simulator/machine.ts';
import {runbook} from '../simulator/runbook.ts';
import {sit, type Stand} from '../simulator/sitting.ts';

const step = (id: string, kind: string, params: object): StepEntry => ({
  id: id as StepId,
  kind,
  params: kinds.get(kind)!.params.parse(params),
  place: {file: 'runbooks/mpex.yaml', line: 1, column: 5},
});

const own = {image: 'iso/vendor.iso', sha256: 'a'.repeat(64), disk: 'staging'};
const disk: DiskSpec = {name: 'staging', serial: 'S4EVNF0M700012' as Serial, sizeBytes: 4_000_000_000, keep: false};
const staged = (params: object = {}, staging = disk): Runbook => ({
  ...runbook,
  disks: {...runbook.disks, staging},
  steps: [
    ...runbook.steps.filter(({kind}) =>
      ['port.isolate', 'evidence.capture', 'media.mount', 'target.boot'].includes(kind),
    ),
    step('wipe', 'disk.wipe', {disks: ['staging']}),
    step('stage', 'media.stage', {...own, ...params}),
  ],
});

interface Used {
  readonly from: readonly ImageSource[];
  /** In force while the chunks came. */
  readonly policy: EdgePolicy | undefined;
}

/** A stand that remembers what the target was told to fetch from, and through which edge. */
function stand(book: Runbook): Stand & {readonly used: Used[]; readonly world: Outside} {
  const clock = new VirtualClock();
  const machine = new Machine(book, clock);
  const world = machine.world();
  const used: Used[] = [];
  return {
    clock,
    machine,
    journal: memoryJournal(clock),
    used,
    world: {
      ...world,
      target: {
        ...world.target,
        write: async (disk, delivery) => {
          used.push({from: delivery.from, policy: machine.policy});
          return world.target.write(disk, delivery);
        },
      },
    },
  };
}

describe('a vendor’s ISO from static servers', () => {
  const from = ['http://203.0.113.30:8080/images', 'http://images.example.org via 198.51.100.10'];

  it('is fetched by the target, for which the quarantine is open so long and so far', async () => {
    const s = stand(staged({from}));
    expect(await sit(s, undefined, {world: s.world})).toEqual({end: 'done'});
    expect(s.used).toMatchObject([
      {
        from: [
          {address: '203.0.113.30', port: 8080, path: '/images'},
          {address: '198.51.100.10', port: 80, host: 'images.example.org'},
        ],
        policy: {mode: 'quarantine', reach: ['203.0.113.30:8080', '198.51.100.10:80']},
      },
    ]);
    expect(s.machine.policy).not.toHaveProperty('reach');
    expect(s.machine.disk('S4EVNF0M700012').latch?.state).toBe('installed');
  });

  it('comes from here without any, and the quarantine stays shut', async () => {
    const s = stand(staged());
    expect(await sit(s, undefined, {world: s.world})).toEqual({end: 'done'});
    expect(s.used).toMatchObject([{from: [], policy: {mode: 'quarantine'}}]);
    expect(s.used[0]?.policy).not.toHaveProperty('reach');
  });
});

const names = {kernel: '/install.amd/vmlinuz', initrd: '/install.amd/initrd.gz', options: 'console=ttyS0 ---'};
const partition: DiskSpec = {
  ...disk,
  sizeBytes: 1_024_000_000,
  ...placeOf({serial: 'S3Z8NB0K498765' as Serial, partition: 3}),
};
const memory: DiskSpec = {...disk, sizeBytes: 420_000_000, ...placeOf({ram: {from: '448MiB'}})};

const started = (staging: DiskSpec, params: object = names): Runbook => {
  const book = staged({}, staging);
  const steps = book.steps.filter(({kind}) => kind !== 'disk.wipe' || !staging.ram);
  return {...book, steps: [...steps, step('start', 'installer.start', {disk: 'staging', ...params})]};
};

describe('a partition of a disk that is kept', () => {
  it('gets the installer, which its kernel starts; the medium is out by then', async () => {
    const s = stand(started(partition));
    expect(await sit(s, undefined, {world: s.world})).toEqual({end: 'done'});
    expect(s.machine).toMatchObject({system: 'installer', slot: undefined, cdOnce: false, launched: names.options});
    expect(s.machine.disk('S3Z8NB0K498765@3').latch?.state).toBe('installed');
    expect(s.machine.disk('S3Z8NB0K498765')).toMatchObject({content: new Map([[0, 'old']]), latch: undefined});
  });

  it('is what the light system allows, and nothing else of the disk', () => {
    const {wipe, install} = disksWritten(started(partition));
    expect({wipe, install}).toEqual({wipe: ['S3Z8NB0K498765@3'], install: ['S3Z8NB0K498765@3']});
  });

  it('wherever the controller dies, the installer is started, and nothing is sent or wiped twice', async () => {
    for (let death = 1; ; death++) {
      const s = stand(started(partition));
      const first = await sit(s, death, {world: s.world});
      if (first !== 'killed') break;
      expect(await sit(s, undefined, {world: s.world}), `death ${death}`).toEqual({end: 'done'});
      expect(s.machine, `death ${death}`).toMatchObject({system: 'installer', slot: undefined});
      expect(s.machine.counts.wipes, `death ${death}`).toBe(1);
      // The one chunk whose record died with the controller.
      const twice = [...s.machine.counts.chunks.values()].filter((times) => times > 1);
      expect(twice.length, `death ${death}`).toBeLessThanOrEqual(1);
    }
  });
});

describe('memory of the host', () => {
  it('is cleared and filled by the one step, and the kernel is told where it is', async () => {
    const s = stand(started(memory));
    expect(await sit(s, undefined, {world: s.world})).toEqual({end: 'done'});
    expect(s.machine.system).toBe('installer');
    expect(s.machine.launched).toBe(`memmap=0x19000000!0x1c000000 ${names.options}`);
    expect(disksWritten(started(memory))).toEqual({
      wipe: ['ram@1c000000'],
      install: ['ram@1c000000'],
      memory: [{from: 448 << 20, bytes: 400 << 20}],
    });
  });

  it('that the machine does not have is refused with the light system’s own words', async () => {
    const s = stand(started(memory));
    const says = 'the light system refused: no memory was set aside at 0x1c000000';
    const latch: World['target']['latch'] = async (serial) =>
      serial === memory.serial ? failed(fault('target.refused', says)) : s.world.target.latch(serial);
    const world = {...s.world, target: {...s.world.target, latch}};
    expect(await sit(s, undefined, {world})).toMatchObject({end: 'failed', step: 'stage', fault: {says}});
    expect(s.machine.counts.wipes).toBe(0);
  });

  it('is gone with the power, and filled anew', async () => {
    const s = stand(started(memory));
    const write: World['target']['write'] = async (place, delivery) => {
      const done = await s.world.target.write(place, delivery);
      s.machine.system = 'off';
      return done;
    };
    const dying = {...s.world, target: {...s.world.target, write}};
    expect(await sit(s, undefined, {world: dying})).toMatchObject({end: 'failed', step: 'stage'});
    expect(await sit(s, undefined, {world: s.world})).toEqual({end: 'done'});
    expect(s.machine.system).toBe('installer');
    expect(s.machine.counts.wipes).toBe(2);
  });
});

const mistakes = (book: Runbook, id: string) => {
  const entry = book.steps.find((one) => one.id === id)!;
  return kinds
    .get(entry.kind)!
    .check?.(entry.params, book, book.steps.indexOf(entry))
    .filter(({path}) => path[0] !== 'do');
};

describe('its runbook', () => {
  it('refuses to take a disk whole of which a partition is named', () => {
    const whole = {...runbook.disks['system']!, serial: 'S3Z8NB0K498765' as Serial};
    const book = started(partition);
    const steps = [step('wipe', 'disk.wipe', {disks: ['system']})];
    const taken: Runbook = {...book, disks: {...book.disks, system: whole}, steps};
    expect(mistakes(taken, 'wipe')).toMatchObject([{says: expect.stringContaining('holds "staging"')}]);
  });

  it('wants a kernel where no firmware starts from', () => {
    for (const place of [partition, memory])
      expect(mistakes(started(place, {}), 'start')).toMatchObject([{says: expect.stringContaining('kernel')}]);
    expect(mistakes(started(disk, {}), 'start')).toEqual([]);
    expect(mistakes(started(disk, {kernel: '/linux'}), 'start')).toMatchObject([
      {path: ['kernel'], says: expect.stringContaining('initrd')},
    ]);
  });

  it('has no system on a partition or in memory, and erases no memory', () => {
    for (const place of [partition, memory]) {
      const book = {...started(place), steps: [step('os', 'os.install', {disk: 'staging'})]};
      expect(mistakes(book, 'os')).toMatchObject([{says: expect.stringContaining('a disk of its own')}]);
    }
    const book = {...started(memory), steps: [step('wipe', 'disk.wipe', {disks: ['staging']})]};
    expect(mistakes(book, 'wipe')).toMatchObject([{says: expect.stringContaining('clears it itself')}]);
  });
});
