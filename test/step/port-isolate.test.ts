import {describe, expect, test} from 'vitest';
import {ok, type Result} from '../../src/result.ts';
import {few, leaks} from '../../src/step/port/leak.ts';
import type {Check} from '../../src/step/check.ts';
import type {Outside, World} from '../../src/step/world.ts';
import type {EdgePolicy, Flow} from '../../src/step/world/edge.ts';
import type {Reach} from '../../src/step/world/vantage.ts';
import type {Runbook} from '../../src/runbook/runbook.ts';
import {kinds} from '../../src/step/registry.ts';
import {VirtualClock} from '../simulator/clock.ts';
import {memoryJournal} from '../simulator/journal.ts';
import {Machine} from '../simulator/machine.ts';
import {runbook} from '../simulator/runbook.ts';
import {sit, types} from '../simulator/sitting.ts';
import {handOf} from './hand.ts';

const flow = (protocol: string, address: string, port?: number): Flow => ({
  protocol,
  address,
  packets: 1,
  ...(port !== undefined && {port}),
});
const gateway = '203.0.113.1';
const quarantine: EdgePolicy = {mode: 'quarantine', admit: ['10.9.0.2']};
const seen = (...passed: Flow[]) => ({tried: passed, passed, full: false});

describe('what a host got through to and was not let', () => {
  test.each([
    ['443', flow('tcp', '198.51.100.10', 443)],
    ['DNS', flow('udp', '198.51.100.10', 53)],
    ['over IPv6', flow('tcp', '2001:db8:2::10', 443)],
    ['a tunnel of pings', flow('icmp', '198.51.100.10')],
  ])('%s, in quarantine', (_, passed) => {
    expect(leaks(seen(passed), quarantine, gateway)).toEqual([passed]);
    expect(leaks(seen(passed), {...quarantine, reach: ['198.51.100.10:80'], resolver: ['9.9.9.9']}, gateway)).toEqual([
      passed,
    ]);
  });

  test('not the places that it may reach, nor our own resolver, by their own protocols alone', () => {
    const policy: EdgePolicy = {...quarantine, reach: ['203.0.113.80:8080'], resolver: ['203.0.113.53']};
    const may = [flow('tcp', '203.0.113.80', 8080), flow('udp', '203.0.113.53', 53), flow('tcp', '203.0.113.53', 53)];
    const not = [flow('udp', '203.0.113.80', 8080), flow('icmp', '203.0.113.53'), flow('tcp', '203.0.113.53', 443)];
    expect(leaks(seen(...may, ...not), policy, gateway)).toEqual(not);
  });

  test('no question for the place of whom it may speak with; any other', () => {
    const policy: EdgePolicy = {
      mode: 'quarantine',
      admit: ['203.0.113.7', '203.0.113.64/29'],
      reach: ['203.0.113.80:8080'],
      resolver: ['203.0.113.53'],
    };
    const may = [gateway, '203.0.113.7', '203.0.113.66', '203.0.113.80', '203.0.113.53'].map((to) => flow('arp', to));
    const not = ['203.0.113.8', '203.0.113.72', '203.0.113.30'].map((to) => flow('arp', to));
    expect(leaks(seen(...may, ...not), policy, gateway)).toEqual(not);
    expect(leaks(seen(...may, ...not), {mode: 'blocking', admit: [], block: []}, gateway)).toEqual([
      ...may.slice(1),
      ...not,
    ]);
  });

  test('everything, where a list of ports is all that is refused; nothing of a host that serves', () => {
    const passed = flow('tcp', '203.0.113.30', 445);
    expect(leaks(seen(passed), {mode: 'blocking', admit: [], block: ['tcp/80']}, gateway)).toEqual([passed]);
    expect(leaks(seen(passed), {mode: 'serving', admit: [], open: [], out: [], block: []}, gateway)).toEqual([]);
  });
});

test('a long list is told by its first few', () => {
  expect(few(['a', 'b', 'c', 'd', 'e'])).toBe('a, b, c and 2 more');
  expect(few(['a', 'b'])).toBe('a, b');
});

/** The simulator's runbook with other params of its first step. */
const isolating = (params: object): Runbook => ({
  ...runbook,
  steps: runbook.steps.map((entry) =>
    entry.kind === 'port.isolate' ? {...entry, params: kinds.get('port.isolate')!.params.parse(params)} : entry,
  ),
});
const stand = (params: object = {}) => {
  const clock = new VirtualClock();
  return {clock, machine: new Machine(isolating(params), clock), journal: memoryJournal(clock)};
};

test('a runbook that refuses port 80 alone fails with what went around it', async () => {
  const end = await sit(stand({block: ['tcp/80']}));
  expect(end).toMatchObject({
    end: 'failed',
    step: 'isolate',
    fault: {
      code: 'isolation.leaks',
      detail: {
        through: ['tcp/443 to 198.51.100.10', 'udp/53 to 198.51.100.10', 'tcp/445 to 203.0.113.30'],
        open: expect.arrayContaining(['tcp/445 of 203.0.113.20 from outside']),
      },
    },
  });
});

test('what it took the old system to say, and what the gateway refused it, is in the proof', async () => {
  const at = stand();
  expect(await sit(at)).toEqual({end: 'done'});
  const done = at.journal.entries.find(({event}) => event.type === 'step.done' && event.step === 'isolate')?.event;
  expect(done).toMatchObject({
    proof: {
      data: {
        checks: [
          {check: 'tcp/22 open from controller', verdict: 'passed', says: 'it answers'},
          {
            check: 'closed to outside, 203.0.113.20',
            verdict: 'passed',
            says: 'tcp/22, tcp/80, tcp/443, tcp/445 tried, none open',
          },
        ],
        openBefore: expect.arrayContaining(['tcp/445 of 203.0.113.20 from outside']),
        refused: expect.arrayContaining([{to: 'tcp/443 to 198.51.100.10', packets: 2}]),
      },
    },
  });
});

const checksOf = async (params: object, change: (at: ReturnType<typeof stand>) => Partial<Outside>) => {
  const at = stand(params);
  const world: World = {...at.machine.world(), ...change(at), earlier: () => undefined, forgone: () => false};
  const step = kinds.get('port.isolate')!;
  const parsed = step.params.parse(params) as never;
  const applied = await step.apply(world, parsed, handOf().hand);
  if (!applied.ok) throw new Error(applied.fault.says);
  const verified = await step.verify(world, parsed);
  if (!verified.ok) throw new Error(verified.fault.says);
  const checks = verified.value.data['checks'] as unknown as readonly Check[];
  return {at, world, parsed, step, proof: verified.value, checks};
};
const verdict = (checks: readonly Check[], check: string) => checks.find((each) => each.check === check)?.verdict;
const asking =
  (...passed: Flow[]) =>
  ({machine}: ReturnType<typeof stand>) => ({
    edge: {...machine.world().edge, flows: async () => ok(seen(...passed))},
  });

describe('both sides of the test, made or not made', () => {
  test('a host that was off, or isolated already, shows nothing of what must work: it is said, and no more', async () => {
    const off = await checksOf({}, ({machine}) => ({
      vantages: machine.world().vantages.map((vantage) => ({...vantage, reach: async () => ok('silent' as const)})),
    }));
    expect(verdict(off.checks, 'tcp/22 open from controller')).toBe('not made');
    // Already in force: it is tried all the same.
    const again = await checksOf({}, ({machine}) => {
      machine.policy = quarantine;
      return {};
    });
    expect(again.at.machine.counts.enforced).toBe(0);
    expect(verdict(again.checks, 'tcp/22 open from controller')).toBe('passed');
  });

  test('whoever is admitted and has no vantage was not tried', async () => {
    const {checks} = await checksOf({allow: ['10.9.0.7']}, () => ({}));
    expect(checks).toContainEqual({
      check: 'tcp/22 open from 10.9.0.7',
      verdict: 'not made',
      says: 'there is no vantage to try it from',
    });
  });

  test('that the resolver can be asked shows once the gateway has passed a question of the host’s', async () => {
    const params = {resolver: ['203.0.113.53']};
    const silent = await checksOf(params, asking());
    expect(verdict(silent.checks, 'DNS to 203.0.113.53')).toBe('not made');
    const asked = await checksOf(params, asking(flow('udp', '203.0.113.53', 53), flow('tcp', '203.0.113.53', 53)));
    expect(asked.checks).toContainEqual({
      check: 'DNS to 203.0.113.53',
      verdict: 'passed',
      says: '2 of the host’s packets to it have passed the gateway',
    });
  });

  test('a place without a vantage, or without a way there, has found nothing closed', async () => {
    const alone = await checksOf({}, ({machine}) => ({vantages: machine.world().vantages.slice(0, 1)}));
    expect(verdict(alone.checks, 'closed')).toBe('not made');
    const cut = await checksOf({}, ({machine}) => {
      const [own, outside] = machine.world().vantages;
      return {vantages: [own!, {...outside!, reach: async () => ok('no route' as const)}]};
    });
    expect(verdict(cut.checks, 'closed to outside, 203.0.113.20')).toBe('not made');
  });

  test('checked again while the host is off, what had been shown to work stays shown', async () => {
    const {world, parsed, step, proof} = await checksOf({}, () => ({}));
    const silent = world.vantages.map((vantage) => ({...vantage, reach: async () => ok('silent' as const)}));
    const off = {...world, vantages: silent};
    const [fresh, later] = await Promise.all([
      step.verify(off, parsed),
      step.verify({...off, earlier: () => proof}, parsed),
    ]);
    const open = (verified: typeof fresh) =>
      verdict(
        verified.ok ? (verified.value.data['checks'] as unknown as readonly Check[]) : [],
        'tcp/22 open from controller',
      );
    expect([open(fresh), open(later)]).toEqual(['not made', 'passed']);
  });
});

test('an isolation that takes the controller’s own SSH along is told', async () => {
  const at = stand();
  const world = at.machine.world();
  const [own, ...others] = world.vantages;
  const reach = async (): Promise<Result<Reach>> => ok(at.machine.policy ? 'silent' : 'open');
  const end = await sit(at, undefined, {world: {...world, vantages: [{...own!, reach}, ...others]}});
  expect(end).toMatchObject({end: 'failed', fault: {code: 'isolation.too-tight'}});
});

test('a gateway that was started anew has lost the rules: a resumed run finds it out and sets them again', async () => {
  const at = stand();
  // Well into the rebuild, before the new system starts.
  expect(await sit(at, 40)).toBe('killed');
  expect(at.machine.policy).toMatchObject({mode: 'quarantine'});
  at.machine.policy = undefined;
  expect(await sit(at)).toEqual({end: 'done'});
  const after = types(at.journal.entries).slice(types(at.journal.entries).indexOf('run.resumed'));
  expect(after).toContain('isolate step.lapsed');
  expect(after.indexOf('isolate step.done')).toBeGreaterThan(after.indexOf('isolate step.lapsed'));
});
