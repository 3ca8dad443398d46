import {describe, expect, it} from 'vitest';
import type {Result} from '../../src/result.ts';
import type {World} from '../../src/step/world.ts';
import type {RenewedFacts} from '../../src/step/world/renewed.ts';
import {fault} from '../../src/fault.ts';
import {failed, ok} from '../../src/result.ts';
import {Machine} from '../simulator/machine.ts';
import {memoryJournal} from '../simulator/journal.ts';
import {pins, runbook} from '../simulator/runbook.ts';
import {sit} from '../simulator/sitting.ts';
import {VirtualClock} from '../simulator/clock.ts';

type Part<K extends keyof World> = Partial<World[K]>;

/** Runs a rebuild in which some answers of the world are replaced, and tells how it ended and what was done. */
async function rebuild(change: {[K in 'bmc' | 'edge' | 'target' | 'renewed' | 'shelf']?: Part<K>}) {
  const clock = new VirtualClock();
  const machine = new Machine(runbook, clock);
  const world = machine.world();
  const journal = memoryJournal(clock);
  const end = await sit({clock, machine, journal}, undefined, {
    world: {
      ...world,
      bmc: {...world.bmc, ...change.bmc},
      edge: {...world.edge, ...change.edge},
      target: {...world.target, ...change.target},
      renewed: {...world.renewed, ...change.renewed},
      shelf: {...world.shelf, ...change.shelf},
    },
  });
  return {end, machine};
}

const says =
  <T>(value: T) =>
  async (): Promise<Result<T>> =>
    ok(value);

describe('a rebuild stops, with nothing erased', () => {
  it('when a vantage still reaches the host after isolation', async () => {
    const clock = new VirtualClock();
    const machine = new Machine(runbook, clock);
    const world = machine.world();
    const leaky = {...world.vantages[1]!, reach: says('open' as const)};
    const end = await sit({clock, machine, journal: memoryJournal(clock)}, undefined, {
      world: {...world, vantages: [world.vantages[0]!, leaky]},
    });
    expect(end).toMatchObject({end: 'failed', step: 'isolate', fault: {code: 'isolation.leaks'}});
    expect(machine.counts).toMatchObject({wipes: 0, starts: 0, inserts: 0});
  });

  it('when the gateway does not hold what was set', async () => {
    const {end, machine} = await rebuild({edge: {enforce: says(undefined)}});
    expect(end).toMatchObject({end: 'failed', step: 'isolate', fault: {code: 'edge.not-as-set'}});
    expect(machine.counts.wipes).toBe(0);
  });

  it('but not when the gateway’s rules were changed by somebody: they are replaced', async () => {
    const clock = new VirtualClock();
    const machine = new Machine(runbook, clock);
    const world = machine.world();
    let asked = 0;
    const policy: typeof world.edge.policy = async () =>
      asked++ === 0 ? failed(fault('edge.not-as-set', 'changed by somebody')) : world.edge.policy();
    const end = await sit({clock, machine, journal: memoryJournal(clock)}, undefined, {
      world: {...world, edge: {...world.edge, policy}},
    });
    expect(end).toEqual({end: 'done'});
    expect(machine.counts.enforced).toBe(2);
  });

  it('when the BMC never shows the medium', async () => {
    const {end, machine} = await rebuild({bmc: {insert: says({state: 'detached' as const})}});
    expect(end).toMatchObject({end: 'failed', step: 'mount', fault: {code: 'media.not-mounted'}});
    expect(machine.counts.starts).toBe(0);
  });

  it('when the light system that answers belongs to another run', async () => {
    const facts = {run: 'marruuk-9', bootId: 'b', uptimeSeconds: 1, memoryBytes: 1, mediumNeeded: false};
    const {end, machine} = await rebuild({target: {hello: says(facts)}});
    expect(end).toMatchObject({end: 'failed', step: 'boot', fault: {code: 'target.refused'}});
    expect(machine.counts.wipes).toBe(0);
  });

  it('when the medium goes away at every attempt', async () => {
    const {end, machine} = await rebuild({bmc: {media: says({state: 'detached' as const})}, target: {}});
    expect(end).toMatchObject({end: 'failed'});
    expect(machine.counts.wipes).toBe(0);
  });
});

describe('a rebuild fails and stays open', () => {
  it('when the wiped disk does not read back as zero: nothing is written to it', async () => {
    const {end, machine} = await rebuild({target: {notZero: says([{offset: 4096, length: 512}])}});
    expect(end).toMatchObject({end: 'failed', step: 'wipe', fault: {code: 'disk.not-blank'}});
    expect(machine.counts.chunks.size).toBe(0);
  });

  it('when a chunk on the disk is not what the manifest says', async () => {
    const {end} = await rebuild({
      target: {digests: async (_, ranges) => ok(ranges.map(() => 'f'.repeat(64) as never))},
    });
    expect(end).toMatchObject({end: 'failed', step: 'install', fault: {code: 'os.differs'}});
  });

  it('when the new system has another address than the runbook declares', async () => {
    const clock = new VirtualClock();
    const machine = new Machine(runbook, clock);
    const {renewed} = machine.world();
    const odd = async (): Promise<Result<RenewedFacts>> => {
      const facts = await renewed.hello();
      return facts.ok ? ok({...facts.value, addresses: {[runbook.network.mac]: ['10.0.0.9/24']}}) : facts;
    };
    const end = await sit({clock, machine, journal: memoryJournal(clock)}, undefined, {
      world: {...machine.world(), renewed: {...renewed, hello: odd}},
    });
    expect(end).toMatchObject({end: 'failed', step: 'network', fault: {code: 'host.differs'}});
  });

  it('when more than the declared ports is open from outside', async () => {
    const clock = new VirtualClock();
    const machine = new Machine(runbook, clock);
    const world = machine.world();
    const outside = {...world.vantages[1]!, scan: says({'tcp/22': 'open', 'tcp/31337': 'open'} as const)};
    const end = await sit({clock, machine, journal: memoryJournal(clock)}, undefined, {
      world: {...world, vantages: [world.vantages[0]!, outside]},
    });
    expect(end).toMatchObject({
      end: 'failed',
      step: 'verify',
      fault: {code: 'host.differs', says: 'tcp/31337 of 203.0.113.20 is open from outside'},
    });
  });

  it('when the old system’s host key answers in the end', async () => {
    const clock = new VirtualClock();
    const machine = new Machine(runbook, clock);
    const world = machine.world();
    const outside = {...world.vantages[1]!, hostKey: says(pins.old)};
    const end = await sit({clock, machine, journal: memoryJournal(clock)}, undefined, {
      world: {...world, vantages: [world.vantages[0]!, outside]},
    });
    expect(end).toMatchObject({end: 'failed', step: 'verify', fault: {code: 'ssh.host-key-differs'}});
  });
});
