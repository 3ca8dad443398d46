import * as fc from 'fast-check';
import {expect, test} from 'vitest';
import type {HostName} from '../../../src/brand.ts';
import {nftablesEdge} from '../../../src/device/firewall/edge.ts';
import type {Anew, Exec} from '../../../src/device/firewall/exec.ts';
import {essence, readListing, readRefused, readRules} from '../../../src/device/firewall/reading.ts';
import {fault, type FaultCode} from '../../../src/fault.ts';
import {failed, ok} from '../../../src/result.ts';
import type {EdgePolicy} from '../../../src/step/world/edge.ts';

const quarantine: EdgePolicy = {mode: 'quarantine', admit: ['10.9.0.2']};
const answering =
  (code: number, stdout: string, stderr = ''): Exec =>
  () =>
    Promise.resolve(ok({code, stdout, stderr}));
const over =
  (exec: Exec): Anew =>
  () =>
    Promise.resolve(ok({exec, close: () => {}}));
const place = {host: 'marruuk' as HostName, address: '203.0.113.20', interface: 'host0', anew: over(answering(0, ''))};

test.each([
  ['ssh.unreachable', 'edge.unreachable'],
  ['ssh.lost', 'edge.unreachable'],
  ['ssh.host-key-differs', 'ssh.host-key-differs'],
  ['ssh.refused', 'ssh.refused'],
] as const)('a gateway with %s is %s, whatever is asked', async (from: FaultCode, to) => {
  const edge = nftablesEdge({...place, exec: () => Promise.resolve(failed(fault(from, 'gone')))});
  for (const answer of [edge.policy(), edge.refused(), edge.enforce(quarantine), edge.lift()])
    expect(await answer).toMatchObject({ok: false, fault: {code: to, says: expect.stringContaining('gone')}});
});

test('what a gateway prints is never shown raw', async () => {
  const edge = nftablesEdge({...place, exec: answering(1, '', '\u001b[2J\u001b]0;owned\u0007no such table')});
  for (const answer of [edge.policy(), edge.lift()]) {
    const result = await answer;
    expect(result).toMatchObject({ok: false, fault: {code: 'edge.not-as-set'}});
    // oxlint-disable-next-line no-control-regex
    expect(JSON.stringify(result)).not.toMatch(/\\u001b|\\u0007|[\u0000-\u001f]/);
  }
});

test('whatever a gateway answers to a listing is a fault or a policy, never a crash', async () => {
  const table = {table: {family: 'inet', name: 'rebuild-marruuk'}};
  await fc.assert(
    fc.asyncProperty(fc.oneof(fc.string(), fc.json()), fc.jsonValue(), async (text, value) => {
      const odd = JSON.stringify({nftables: [table, {set: value}, {rule: value}, {counter: value}, {chain: value}]});
      for (const stdout of [text, odd, [odd, odd, odd].join('\n')]) {
        const policy = await nftablesEdge({...place, exec: answering(0, stdout)}).policy();
        if (!policy.ok) expect(policy.fault.code).toBe('edge.not-as-set');
        else expect(policy.value).toBeUndefined();
      }
    }),
  );
});

test('an IPv6 address cannot be admitted to a host that has none', async () => {
  const edge = nftablesEdge({...place, exec: answering(0, '')});
  const refused = await edge.enforce({mode: 'quarantine', admit: ['2001:db8::1']});
  expect(refused).toMatchObject({ok: false, fault: {code: 'edge.not-as-set'}});
});

test('commands are put behind what gives the right to run them', async () => {
  const seen: (readonly string[])[] = [];
  const exec: Exec = (argv) => {
    seen.push(argv);
    return Promise.resolve(ok({code: 0, stdout: '{"nftables": []}', stderr: ''}));
  };
  const edge = nftablesEdge({...place, exec, anew: over(exec), privilege: ['sudo', '-n']});
  await edge.policy();
  await edge.enforce(quarantine);
  await edge.lift();
  expect(seen.length).toBeGreaterThan(2);
  for (const argv of seen) expect(argv.slice(0, 2)).toEqual(['sudo', '-n']);
});

const listing = (...objects: unknown[]): string =>
  JSON.stringify({nftables: [{metainfo: {version: '1.0.6'}}, ...objects]});
const rule = (chain: string, handle: number, expr: unknown): unknown => ({
  rule: {family: 'inet', table: 't', chain, handle, expr: [expr]},
});

const set = (elem: unknown[]): unknown => ({set: {family: 'inet', name: 'admit', table: 't', handle: 4, elem}});
const read = (...objects: unknown[]): string => essence(readListing(listing(...objects))!);

test('handles, counts and the order of elements are no difference; the order of rules is', () => {
  const a = rule('input', 7, {counter: {packets: 3, bytes: 9}});
  const sameAsA = rule('input', 8, {counter: {packets: 4, bytes: 1}});
  const b = rule('input', 9, {accept: null});
  expect(read(set(['10.9.0.2', '10.9.0.3']), a, b)).toBe(read(sameAsA, b, set(['10.9.0.3', '10.9.0.2'])));
  expect(read(a, b)).not.toBe(read(b, a));
  expect(read(a, rule('forward', 1, {drop: null}))).toBe(read(rule('forward', 1, {drop: null}), a));
  expect(read(a)).not.toBe(read(a, a));
  expect(read(set(['10.9.0.2']))).not.toBe(read(set(['10.9.0.3'])));
});

const counter = (name: string, packets: number): unknown => ({
  counter: {family: 'inet', name, table: 't', packets, bytes: 1},
});

test('refused packets of both families are added up', () => {
  expect(readRefused(readListing(listing(counter('refused', 3), counter('other', 5), counter('refused', 4)))!)).toBe(7);
});

test('sets with what is no port or address give no rules', () => {
  const marker = {rule: {family: 'inet', chain: 'to-host', comment: 'rebuild serving'}};
  const readSet = (name: string, elem: unknown[]) =>
    readRules(readListing(listing(marker, {set: {family: 'inet', name, elem}}))!);
  expect(readSet('open-tcp', [22, 443])).toEqual({
    mode: 'serving',
    admit: [],
    open: {tcp: [22, 443], udp: []},
    out: {tcp: [], udp: []},
    block: {tcp: [], udp: []},
    reach: [],
    resolver: [],
  });
  expect(readSet('reach', [{concat: ['::1', 80]}])).toBeUndefined();
  for (const elem of [['22'], [0], [70_000], [1.5]]) expect(readSet('open-tcp', elem)).toBeUndefined();
  expect(readSet('admit', ['::1'])).toBeUndefined();
});
