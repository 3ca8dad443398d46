import {describe, expect, test} from 'vitest';
import {ok, type Result} from '../../src/result.ts';
import {few, leaks} from '../../src/step/leak.ts';
import type {EdgePolicy, Flow, Reach} from '../../src/step/world.ts';
import type {Runbook} from '../../src/runbook/runbook.ts';
import {kinds} from '../../src/step/registry.ts';
import {VirtualClock} from '../simulator/clock.ts';
import {memoryJournal} from '../simulator/journal.ts';
import {Machine} from '../simulator/machine.ts';
import {runbook} from '../simulator/runbook.ts';
import {sit, types} from '../simulator/sitting.ts';

const flow = (protocol: string, address: string, port?: number): Flow => ({
  protocol,
  address,
  packets: 1,
  ...(port !== undefined && {port}),
});
const quarantine: EdgePolicy = {mode: 'quarantine', admit: ['10.9.0.2']};
const seen = (...passed: Flow[]) => ({tried: passed, passed, full: false});

describe('what a host got through to and was not let', () => {
  test.each([
    ['443', flow('tcp', '198.51.100.10', 443)],
    ['DNS', flow('udp', '198.51.100.10', 53)],
    ['over IPv6', flow('tcp', '2001:db8:2::10', 443)],
    ['a tunnel of pings', flow('icmp', '198.51.100.10')],
  ])('%s, in quarantine', (_, passed) => {
    expect(leaks(seen(passed), quarantine)).toEqual([passed]);
    expect(leaks(seen(passed), {...quarantine, reach: ['198.51.100.10:80'], resolver: ['9.9.9.9']})).toEqual([passed]);
  });

  test('not the places that it may reach, nor our own resolver, by their own protocols alone', () => {
    const policy: EdgePolicy = {...quarantine, reach: ['203.0.113.80:8080'], resolver: ['203.0.113.53']};
    const may = [flow('tcp', '203.0.113.80', 8080), flow('udp', '203.0.113.53', 53), flow('tcp', '203.0.113.53', 53)];
    const not = [flow('udp', '203.0.113.80', 8080), flow('icmp', '203.0.113.53'), flow('tcp', '203.0.113.53', 443)];
    expect(leaks(seen(...may, ...not), policy)).toEqual(not);
  });

  test('everything, where a list of ports is all that is refused; nothing of a host that serves', () => {
    const passed = flow('tcp', '203.0.113.30', 445);
    expect(leaks(seen(passed), {mode: 'blocking', admit: [], block: ['tcp/80']})).toEqual([passed]);
    expect(leaks(seen(passed), {mode: 'serving', admit: [], open: [], out: [], block: []})).toEqual([]);
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
        stillOpen: ['tcp/22 from controller'],
        openBefore: expect.arrayContaining(['tcp/445 of 203.0.113.20 from outside']),
        refused: expect.arrayContaining([{to: 'tcp/443 to 198.51.100.10', packets: 2}]),
      },
    },
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
