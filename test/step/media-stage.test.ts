import {describe, expect, it} from 'vitest';
import type {Serial, StepId} from '../../src/brand.ts';
import type {Runbook, StepEntry} from '../../src/runbook/runbook.ts';
import {kinds} from '../../src/step/registry.ts';
import type {EdgePolicy, ImageSource, World} from '../../src/step/world.ts';
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
const staged = (params: object = {}): Runbook => ({
  ...runbook,
  disks: {
    ...runbook.disks,
    staging: {name: 'staging', serial: 'S4EVNF0M700012' as Serial, sizeBytes: 4_000_000_000, keep: false},
  },
  steps: [
    ...runbook.steps.filter(({kind}) => ['port.isolate', 'media.mount', 'target.boot'].includes(kind)),
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
function stand(book: Runbook): Stand & {readonly used: Used[]; readonly world: Omit<World, 'earlier'>} {
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
