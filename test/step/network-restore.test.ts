import {expect, test} from 'vitest';
import {fault} from '../../src/fault.ts';
import {failed} from '../../src/result.ts';
import {networkRestore} from '../../src/step/network-restore.ts';
import type {EdgePolicy} from '../../src/step/world/edge.ts';
import {VirtualClock} from '../simulator/clock.ts';
import {memoryJournal} from '../simulator/journal.ts';
import {Machine} from '../simulator/machine.ts';
import {runbook} from '../simulator/runbook.ts';
import {sit} from '../simulator/sitting.ts';

const params = networkRestore.params.parse({open: ['tcp/22'], block: ['tcp/445']});
const machine = (): Machine => new Machine(runbook, new VirtualClock());
const nothingEarlier = {earlier: () => undefined, forgone: () => false};
const policies: readonly (EdgePolicy | undefined)[] = [
  undefined,
  {mode: 'quarantine', admit: ['10.9.0.2']},
  {mode: 'serving', admit: [], open: ['tcp/80'], out: [], block: []},
];

test.each(policies)(
  'the facts of the plan do not hang on the policy that an earlier step changes: %j',
  async (policy) => {
    const changed = machine();
    changed.policy = policy;
    expect(await networkRestore.probe({...changed.world(), ...nothingEarlier}, params)).toEqual({ok: true, value: {}});
  },
);

test('a gateway that does not answer is told when the plan is made', async () => {
  const world = machine().world();
  const silent = failed(fault('edge.unreachable', 'no answer'));
  const edge = {...world.edge, policy: async () => silent};
  expect(await networkRestore.probe({...world, edge, ...nothingEarlier}, params)).toBe(silent);
});

test('a gateway whose connection died, as it does when the controller moves, is asked once more', async () => {
  const clock = new VirtualClock();
  const stand = {clock, machine: new Machine(runbook, clock), journal: memoryJournal(clock)};
  const world = stand.machine.world();
  let deaths = 0;
  const policy: typeof world.edge.policy = async () => {
    const {event} = stand.journal.entries.at(-1)!;
    const isFirst = event.type === 'step.started' && event.step === 'network' && deaths++ === 0;
    return isFirst ? failed(fault('edge.unreachable', 'nothing moved')) : world.edge.policy();
  };
  expect(await sit(stand, undefined, {world: {...world, edge: {...world.edge, policy}}})).toEqual({end: 'done'});
  expect(deaths).toBeGreaterThan(1);
});

const said = (given: unknown): readonly string[] =>
  networkRestore.plan(networkRestore.params.parse(given), {}, runbook).map(({says}) => says);

test('the plan names what is opened, let out and blocked, in lines that fit a terminal', () => {
  const lines = said({open: ['tcp/22'], block: ['tcp/80', 'tcp/445']});
  expect(lines).toContain(`${runbook.edge.address}: open tcp/22, keep tcp/80, tcp/445 shut`);
  expect(lines).toContain(`${runbook.edge.address}: let out tcp/443, udp/53, tcp/53, udp/123`);
  for (const line of lines) expect(line.length).toBeLessThanOrEqual(60);
});

test('what is blocked is not announced as open or let out', () => {
  const lines = said({open: ['tcp/22'], out: ['tcp/443', 'udp/53'], block: ['tcp/443', 'tcp/22']});
  expect(lines).toContain(`${runbook.edge.address}: let out udp/53`);
  expect(lines).toContain(`${runbook.edge.address}: open nothing, keep tcp/443, tcp/22 shut`);
  expect(said({open: [], out: []})).toContain(`${runbook.edge.address}: let out nothing`);
});

test.each([['port 443'], ['tcp/0'], ['tcp/65536'], ['443']])('%s cannot be let out', (port) => {
  expect(networkRestore.params.safeParse({open: [], out: [port]}).success).toBe(false);
});

test.each(['differs', 'missing'])('a system whose network %s on its disk is not started', async (how) => {
  const clock = new VirtualClock();
  const stand = {clock, machine: new Machine(runbook, clock), journal: memoryJournal(clock)};
  const {files} = stand.machine.disk(runbook.disks['system']!.serial);
  const path = '/etc/systemd/network/10-rebuild.network';
  const end = await sit(stand, undefined, {
    observe: ({event}) => {
      if (event.type !== 'step.done' || event.step !== 'install') return;
      if (how === 'missing') files.delete(path);
      else files.set(path, 'DHCP=yes');
    },
  });
  expect(end).toMatchObject({
    end: 'failed',
    step: 'network',
    fault: {code: 'host.differs', says: expect.stringContaining(path)},
  });
  expect(stand.machine.system).toBe('light');
});
