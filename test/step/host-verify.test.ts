import {describe, expect, test} from 'vitest';
import type {StepId} from '../../src/brand.ts';
import {ok} from '../../src/result.ts';
import type {Runbook, StepEntry} from '../../src/runbook/runbook.ts';
import {kinds} from '../../src/step/registry.ts';
import type {TreeEntry} from '../../src/step/system/tree.ts';
import {VirtualClock} from '../simulator/clock.ts';
import {memoryJournal} from '../simulator/journal.ts';
import {Killed, Machine} from '../simulator/machine.ts';
import {runbook} from '../simulator/runbook.ts';
import {sit} from '../simulator/sitting.ts';

const step = (id: string, kind: string, params: object): StepEntry => ({
  id: id as StepId,
  kind,
  params: kinds.get(kind)!.params.parse(params),
  place: {file: 'runbooks/marruuk.yaml', line: 48, column: 5},
});

/** The simulator's runbook with the files looked at before the start, and the whole of host.verify after it. */
const whole = (params: object): Runbook => ({
  ...runbook,
  steps: runbook.steps.flatMap((entry) => {
    if (entry.kind === 'media.eject') return [step('files', 'files.verify', {indicators: ['ioc.csv']}), entry];
    if (entry.kind !== 'host.verify') return [entry];
    return [step('verify', 'host.verify', {expect: ['tcp/22'], refused: ['tcp/80', 'tcp/445'], ...params})];
  }),
});
const stand = (params: object = {golden: true, indicators: ['ioc.csv'], watch: '1h'}) => {
  const clock = new VirtualClock();
  const machine = new Machine(whole(params), clock);
  machine.documents.set('ioc.csv', 'ip,198.51.100.10\nname,kswapd0\ndomain,orders.example.net\n');
  return {clock, machine, journal: memoryJournal(clock)};
};
const proofOf = ({journal}: ReturnType<typeof stand>, id: string) => {
  const done = journal.entries.findLast(({event}) => event.type === 'step.done' && event.step === id)?.event;
  return done?.type === 'step.done' ? done.proof.data : undefined;
};
const planted = (path: string): TreeEntry => ({
  path,
  type: 'file',
  mode: 0o644,
  uid: 0,
  gid: 0,
  size: 1,
  sha256: 'd'.repeat(64),
});

describe('the whole look', () => {
  test('leaves each verdict in the proof, and names what could not be looked for', async () => {
    const one = stand();
    expect(await sit(one)).toEqual({end: 'done'});
    const checks = proofOf(one, 'verify')?.['checks'] as {check: string; verdict: string}[];
    expect(checks.map(({check, verdict}) => `${check}: ${verdict}`)).toEqual([
      ...['controller', 'outside'].flatMap((place) =>
        ['tcp', 'udp'].map((protocol) => `${protocol} over IPv4 from ${place}: passed`),
      ),
      'IPv6: not made',
      'files: passed',
      ...['unit', 'timer', 'cron', 'key', 'suid', 'preload', 'listeners', 'indicators'].map((use) => `${use}: passed`),
      'indicator domain orders.example.net: not made',
      'contacts: passed',
    ]);
  });

  test('a file that is not the image’s is found before the new system is ever started', async () => {
    const one = stand();
    one.machine.planted.push(planted('/etc/cron.d/x'));
    const end = await sit(one);
    expect(end).toMatchObject({
      end: 'failed',
      step: 'files',
      fault: {code: 'host.differs', detail: {differences: ['cron /etc/cron.d/x is not on the list']}},
    });
    expect(one.machine.system).toBe('light');
  });

  test('one that came after the start is found by the golden list, and by the indicators', async () => {
    const one = stand();
    const end = await sit(one, undefined, {
      observe: ({event}) => {
        if (event.type === 'step.done' && event.step === 'network')
          one.machine.planted.push(planted('/etc/systemd/system/kswapd0'));
      },
    });
    expect(end).toMatchObject({
      end: 'failed',
      step: 'verify',
      fault: {
        code: 'host.differs',
        detail: {
          differences: [
            'unit /etc/systemd/system/kswapd0 is not on the list',
            '/etc/systemd/system/kswapd0 has the name of an indicator',
          ],
        },
      },
    });
  });

  test('a new system that calls the command server goes back into quarantine', async () => {
    const one = stand();
    const end = await sit(one, undefined, {
      observe: ({event}) => {
        if (event.type === 'step.saved' && event.step === 'verify') one.machine.infected = true;
      },
    });
    expect(end).toMatchObject({end: 'failed', step: 'verify', fault: {code: 'contact.seen'}});
    expect(one.machine.policy).toMatchObject({mode: 'quarantine', admit: ['10.9.0.2']});
  });

  test('a gateway whose memory is full has not seen whom the host called: the watch is not made', async () => {
    const full = ({machine}: ReturnType<typeof stand>) => {
      const world = machine.world();
      const flows: typeof world.edge.flows = async () => {
        const seen = await world.edge.flows();
        return seen.ok && seen.value ? ok({...seen.value, full: true}) : seen;
      };
      return {...world, edge: {...world.edge, flows}};
    };
    const one = stand();
    expect(await sit(one, undefined, {world: full(one)})).toEqual({end: 'done'});
    expect(proofOf(one, 'verify')?.['checks']).toContainEqual({
      check: 'contacts',
      verdict: 'not made',
      says: 'the host tried more places in 1h than the gateway has room for; none with 1 addresses among those it has',
    });
    // A contact that it does remember is one.
    const other = stand();
    const end = await sit(other, undefined, {
      world: full(other),
      observe: ({event}) => {
        if (event.type === 'step.saved' && event.step === 'verify') other.machine.infected = true;
      },
    });
    expect(end).toMatchObject({end: 'failed', step: 'verify', fault: {code: 'contact.seen'}});
  });

  test('a watch that was interrupted goes on where it was', async () => {
    const other = stand();
    const begun = await sit(other, undefined, {
      observe: ({event}) => {
        if (event.type === 'step.saved' && event.step === 'verify') throw new Killed();
      },
    });
    expect(begun).toBe('killed');
    expect(await sit(other)).toEqual({end: 'done'});
    const saved = other.journal.entries.filter(({event}) => event.type === 'step.saved' && event.step === 'verify');
    expect(saved).toHaveLength(1);
  });

  test('a list that is not there stops it before anything is looked at', async () => {
    const one = stand();
    one.machine.documents.clear();
    expect(await sit(one)).toMatchObject({end: 'failed', step: 'files', fault: {code: 'document.missing'}});
  });
});

const check = (params: object) =>
  kinds.get('host.verify')!.check!(kinds.get('host.verify')!.params.parse({expect: [], ...params}), runbook, 0);

test('a watch without anybody to watch for, and lists without a watch, are mistakes', () => {
  expect(check({watch: '1h'})).toHaveLength(1);
  expect(check({indicators: ['ioc.csv']})).toHaveLength(1);
  expect(check({contacts: ['198.51.100.10'], watch: '1h'})).toEqual([]);
});
