import {describe, expect, test} from 'vitest';
import {ok} from '../../src/result.ts';
import type {Port, TcpPort} from '../../src/runbook/runbook.ts';
import {everyTcpPort, sampleTcp, tellingTcp, tellingUdp} from '../../src/step/port/lists.ts';
import {portChecks} from '../../src/step/port/scan.ts';
import {tcpDifferences, udpDifferences} from '../../src/step/port/verdict.ts';
import type {Look} from '../../src/step/world.ts';
import type {NotRefused, Reach, Vantage} from '../../src/step/world/vantage.ts';
import {VirtualClock} from '../simulator/clock.ts';
import {Machine} from '../simulator/machine.ts';
import {runbook} from '../simulator/runbook.ts';
import {handOf} from './hand.ts';

const at = {address: '203.0.113.20', from: 'outside'};
const alias = '2001:db8:1::20';

const differs = (declared: TcpPort[], open: TcpPort[]) => tcpDifferences({...at, declared, open});

test('open ports are exactly the declared ones', () => {
  expect(differs(['tcp/22', 'tcp/443'], ['tcp/22', 'tcp/443'])).toEqual([]);
  expect(differs(['tcp/22'], ['tcp/22', 'tcp/4444'])).toEqual(['tcp/4444 of 203.0.113.20 is open from outside']);
  expect(differs(['tcp/22'], [])).toEqual(['tcp/22 of 203.0.113.20 is not open from outside']);
  expect(differs([], ['tcp/22'])).toEqual(['tcp/22 of 203.0.113.20 is open from outside']);
  expect(tcpDifferences({...at, declared: [], open: ['tcp/445'], refused: ['tcp/445']})).toEqual([
    'tcp/445 of 203.0.113.20 is open from outside and must stay shut',
  ]);
});

test('over UDP an answer is a difference, and so is a refusal where a service is declared; silence is neither', () => {
  const reached = new Map([
    ['udp/53', 'open'],
    ['udp/123', 'silent'],
    ['udp/161', 'refused'],
  ] as const);
  expect(udpDifferences({...at, declared: [], reached})).toEqual(['udp/53 of 203.0.113.20 answers outside']);
  expect(udpDifferences({...at, declared: ['udp/53', 'udp/123', 'udp/161'], reached})).toEqual([
    'udp/161 of 203.0.113.20 is refused from outside',
  ]);
});

interface Place {
  readonly open?: readonly TcpPort[];
  /** How closed ports answer there; by address where it is not the same for all. */
  readonly closed?: Reach | ((address: string) => Reach);
  readonly udp?: Reach | 'unable';
  readonly atOnce?: number;
  readonly from?: string;
}

/** A vantage that counts what it was asked. */
function placed(
  name: string,
  {open = ['tcp/22'], closed = 'refused', udp = 'silent', atOnce = 1024, from}: Place = {},
) {
  const tried: Record<string, Set<Port>> = {};
  const word = (address: string, port: TcpPort): Reach => {
    const other = typeof closed === 'function' ? closed(address) : closed;
    return address === at.address && other !== 'no route' && open.includes(port) ? 'open' : other;
  };
  const note = (address: string, ports: readonly Port[]): void => {
    const all = (tried[address] ??= new Set());
    for (const port of ports) all.add(port);
  };
  const vantage: Vantage = {
    name,
    ...(from !== undefined && {address: from}),
    pace: {atOnce, silenceMs: 2500},
    reach: async (address, port) => ok(word(address, port)),
    scan: async (address, ports) => {
      note(address, ports);
      const found = ports.map((port) => [port, word(address, port)] as const).filter(([, is]) => is !== 'refused');
      return ok(Object.fromEntries(found) as NotRefused);
    },
    ask: async (address, ports) => {
      if (udp === 'unable') return ok({is: 'unable', why: 'it runs no program of ours'});
      note(address, ports);
      return ok({is: 'asked', reached: Object.fromEntries(ports.map((port) => [port, udp]))});
    },
    hostKey: async () => ok(undefined),
  };
  const count = (address: string, protocol: 'tcp' | 'udp'): number =>
    [...(tried[address] ?? [])].filter((port) => port.startsWith(protocol)).length;
  return {vantage, count};
}

const lookFrom = (vantages: readonly Vantage[], aliases?: readonly string[]): Look => ({
  ...new Machine({...runbook, network: {...runbook.network, ...(aliases && {aliases})}}, new VirtualClock()).world(),
  vantages,
  earlier: () => undefined,
  forgone: () => false,
});

async function checksOf(
  places: readonly ReturnType<typeof placed>[],
  {
    aliases,
    expect: wanted = ['tcp/22'],
    refused = [],
  }: {
    aliases?: readonly string[];
    expect?: readonly Port[];
    refused?: readonly Port[];
  } = {},
) {
  const look = lookFrom(
    places.map(({vantage}) => vantage),
    aliases,
  );
  const scanned = await portChecks(look, {expect: wanted, refused}, handOf().hand);
  if (!scanned.ok) throw new Error(scanned.fault.says);
  return {
    verdicts: scanned.value.checks.map(({check, verdict}) => `${verdict}: ${check}`),
    says: Object.fromEntries(scanned.value.checks.map(({check, says}) => [check, says])),
    tried: scanned.value.tried,
  };
}

describe('each vantage has a check of its own, by protocol and IP version', () => {
  test('all TCP ports from every place where closed ones answer, the common UDP ports, over IPv4 and IPv6', async () => {
    const [controller, outside] = [placed('controller'), placed('outside')];
    const {verdicts, says, tried} = await checksOf([controller, outside], {aliases: [alias]});
    expect(verdicts).toEqual([
      'passed: tcp over IPv4 from controller',
      'passed: udp over IPv4 from controller',
      `passed: tcp over IPv6 of ${alias} from controller`,
      `passed: udp over IPv6 of ${alias} from controller`,
      'passed: tcp over IPv4 from outside',
      'passed: udp over IPv4 from outside',
      `passed: tcp over IPv6 of ${alias} from outside`,
      `passed: udp over IPv6 of ${alias} from outside`,
    ]);
    expect(says['tcp over IPv4 from outside']).toBe('of 65,535 ports tcp/22 open, no other');
    expect(says['udp over IPv4 from outside']).toBe(
      `of ${tellingUdp.length} ports 0 answer, 0 are refused, ${tellingUdp.length} silent`,
    );
    for (const place of [controller, outside])
      for (const address of [at.address, alias]) {
        expect(place.count(address, 'tcp')).toBe(65_535);
        expect(place.count(address, 'udp')).toBe(tellingUdp.length);
      }
    expect(tried).toContainEqual({from: 'outside', address: alias, tcp: 'all', udp: [...tellingUdp]});
  });

  test('where closed ports are silence those that tell most are tried, and the others are said to be not made', async () => {
    const near = placed('neighbour', {closed: 'silent'});
    const {verdicts, says, tried} = await checksOf([placed('controller'), placed('outside'), near]);
    const few = new Set([...tellingTcp, 'tcp/22']).size;
    const rest = `tcp over IPv4 from neighbour, the other ${(65_535 - few).toLocaleString('en')} ports`;
    expect(verdicts).toEqual([
      'passed: tcp over IPv4 from controller',
      'passed: udp over IPv4 from controller',
      'passed: tcp over IPv4 from outside',
      'passed: udp over IPv4 from outside',
      'passed: tcp over IPv4 from neighbour',
      `not made: ${rest}`,
      'passed: udp over IPv4 from neighbour',
      'not made: IPv6',
    ]);
    expect(says['tcp over IPv4 from neighbour']).toBe(`of ${few} ports tcp/22 open, no other`);
    expect(says[rest]).toBe('closed ports are silence there: all would take 3 minutes');
    expect(near.count(at.address, 'tcp')).toBe(new Set([...tellingTcp, ...sampleTcp]).size);
    expect(tried.find(({from}) => from === 'neighbour')).toMatchObject({tcp: [...tellingTcp]});
  });

  test('a gateway that drops is no reason: all ports are tried from one place beside the controller', async () => {
    // A neighbour is the last to be asked for them.
    const from = {controller: '10.9.0.2', neighbour: '203.0.113.30', outside: '198.51.100.10', elsewhere: '192.0.2.9'};
    const all = Object.entries(from).map(([name, address]) => placed(name, {closed: 'silent', from: address}));
    const {verdicts} = await checksOf(all);
    expect(verdicts).toContain('passed: tcp over IPv4 from outside');
    expect(verdicts.filter((verdict) => verdict.startsWith('not made: tcp'))).toHaveLength(3);
    expect(all.map((place) => place.count(at.address, 'tcp') > 65_000)).toEqual([false, false, true, false]);
  });

  test('from the controller, where no other place can in ten minutes, and from nowhere, where it cannot either', async () => {
    const slow = {closed: 'silent', atOnce: 64} as const;
    const one = [placed('controller', {closed: 'silent'}), placed('neighbour', slow)];
    await checksOf(one);
    expect(one.map((place) => place.count(at.address, 'tcp') > 65_000)).toEqual([true, false]);
    const none = [placed('controller', slow), placed('neighbour', slow)];
    const {says} = await checksOf(none);
    expect(none.map((place) => place.count(at.address, 'tcp') > 65_000)).toEqual([false, false]);
    expect(Object.values(says)).toContain('closed ports are silence there: all would take 43 minutes');
  });

  test('a port that was silent among refused ones is asked once more', async () => {
    const lost = new Set<TcpPort>(['tcp/31337']);
    const outside = placed('outside', {open: ['tcp/22', 'tcp/31337']});
    const lossy: Vantage = {
      ...outside.vantage,
      scan: async (address, ports) => {
        const found = await outside.vantage.scan(address, ports);
        if (!found.ok || ports.length < 100) return found;
        return ok({...found.value, ...Object.fromEntries([...lost].map((port) => [port, 'silent'] as const))});
      },
    };
    const scanned = await portChecks(
      lookFrom([placed('controller').vantage, lossy]),
      {expect: ['tcp/22'], refused: []},
      handOf().hand,
    );
    expect(scanned.ok && scanned.value.checks.find(({check}) => check === 'tcp over IPv4 from outside')).toMatchObject({
      verdict: 'failed',
      says: 'tcp/31337 of 203.0.113.20 is open from outside',
    });
  });
});

/** Over IPv4 alone. */
const askFour: Vantage['ask'] = async (address, ports) =>
  ok({
    is: 'asked',
    reached: Object.fromEntries(ports.map((port) => [port, address.includes(':') ? 'no route' : 'refused'])),
  });

describe('what was not tried is not made', () => {
  test('ports to which no connection could be begun, once more either', async () => {
    const outside = placed('outside');
    const full: Vantage = {
      ...outside.vantage,
      scan: async (address, ports) => {
        const found = await outside.vantage.scan(address, ports);
        const unbegun = ports.filter((port) => Number(port.slice(4)) > 65_000);
        return found.ok
          ? ok({...found.value, ...Object.fromEntries(unbegun.map((port) => [port, 'no route'] as const))})
          : found;
      },
    };
    const scanned = await portChecks(
      lookFrom([placed('controller').vantage, full]),
      {expect: ['tcp/22'], refused: []},
      handOf().hand,
    );
    expect(
      scanned.ok && scanned.value.checks.filter(({check}) => check.startsWith('tcp over IPv4 from outside')),
    ).toEqual([
      {check: 'tcp over IPv4 from outside', verdict: 'passed', says: 'of 65,000 ports tcp/22 open, no other'},
      {
        check: 'tcp over IPv4 from outside, the other 535 ports',
        verdict: 'not made',
        says: 'connections to 535 could not be begun there',
      },
    ]);
  });

  test('a place without a way to an address says nothing of it', async () => {
    const noSix = placed('controller', {
      closed: (address) => (address.includes(':') ? 'no route' : 'refused'),
      udp: 'silent',
    });
    const look = lookFrom([{...noSix.vantage, ask: askFour}, placed('outside').vantage], [alias]);
    const scanned = await portChecks(look, {expect: ['tcp/22'], refused: []}, handOf().hand);
    const checks = scanned.ok ? scanned.value.checks : [];
    for (const protocol of ['tcp', 'udp'])
      expect(checks.find(({check}) => check === `${protocol} over IPv6 of ${alias} from controller`)).toEqual({
        check: `${protocol} over IPv6 of ${alias} from controller`,
        verdict: 'not made',
        says: `it has no route to ${alias}`,
      });
    expect(noSix.count(alias, 'tcp')).toBe(new Set(sampleTcp).size);
  });

  test('UDP from a place that sends no datagrams; a declared UDP port that answers nobody', async () => {
    const places = [placed('controller'), placed('outside', {udp: 'unable'})];
    const {verdicts, says} = await checksOf(places, {expect: ['tcp/22', 'udp/51820']});
    expect(verdicts).toEqual(
      expect.arrayContaining(['not made: udp over IPv4 from outside', 'not made: udp/51820', 'not made: IPv6']),
    );
    expect(says['udp over IPv4 from outside']).toBe('it runs no program of ours');
    const answered = await checksOf([placed('controller'), placed('outside')], {expect: ['tcp/22']});
    expect(answered.verdicts).not.toContain('not made: udp/51820');
  });

  test('a declared UDP port that answers is made, and any other that answers is a difference', async () => {
    const answers = placed('outside', {udp: 'open'});
    const {verdicts, says} = await checksOf([placed('controller'), answers], {expect: ['tcp/22', 'udp/53']});
    expect(verdicts).toContain('passed: udp/53');
    expect(says['udp/53']).toBe('answers outside');
    expect(verdicts).toContain('failed: udp over IPv4 from outside');
  });

  test('without a vantage beside the controller nothing was looked at from outside', async () => {
    expect((await checksOf([placed('controller')])).verdicts).toContain('not made: outside');
  });
});

test('what must stay shut is tried everywhere, and told', async () => {
  const outside = placed('outside', {open: ['tcp/22', 'tcp/60123'], closed: 'silent'});
  const {verdicts, says} = await checksOf([placed('controller'), placed('elsewhere'), outside], {
    refused: ['tcp/60123'],
  });
  expect(verdicts).toContain('failed: tcp over IPv4 from outside');
  expect(says['tcp over IPv4 from outside']).toBe('tcp/60123 of 203.0.113.20 is open from outside and must stay shut');
});

test('a scan of all ports, slowly, is told by its progress and can be interrupted', async () => {
  const stop = new AbortController();
  const outside = placed('outside', {closed: 'silent'});
  const {hand, told} = handOf({
    signal: stop.signal,
    progress: (progress) => {
      told.progress.push(progress);
      if (progress.of === 65_535 && (progress.done ?? 0) > 20_000) stop.abort();
    },
  });
  const scanned = await portChecks(
    lookFrom([placed('controller', {closed: 'silent'}).vantage, outside.vantage]),
    {expect: ['tcp/22'], refused: []},
    hand,
  );
  expect(scanned).toMatchObject({ok: false, fault: {code: 'run.interrupted'}});
  expect(outside.count(at.address, 'tcp')).toBeLessThan(everyTcpPort.length / 2);
});
