import {execFileSync} from 'node:child_process';
import * as fc from 'fast-check';
import {expect, test} from 'vitest';
import type {HostName} from '../../../src/brand.ts';
import {render, renderLift} from '../../../src/device/firewall/render.ts';
import {policyOf, rulesOf} from '../../../src/device/firewall/rules.ts';
import type {Site} from '../../../src/device/firewall/site.ts';
import type {EdgePolicy} from '../../../src/step/world/edge.ts';

const site: Site = {
  host: 'marruuk' as HostName,
  address: '203.0.113.20',
  interface: 'host0',
  router: '203.0.113.1',
  mac: '52:54:00:00:00:20',
};
const policies: Readonly<Record<string, EdgePolicy>> = {
  quarantine: {mode: 'quarantine', admit: ['10.9.0.2', '198.51.100.0/28']},
  reaching: {mode: 'quarantine', admit: ['10.9.0.2'], reach: ['203.0.113.30:8080', '198.51.100.10:80']},
  serving: {
    mode: 'serving',
    admit: ['10.9.0.2'],
    open: ['tcp/443', 'tcp/22', 'udp/53'],
    out: ['tcp/443', 'udp/53', 'tcp/53', 'udp/123'],
    block: ['tcp/445', 'tcp/80'],
  },
  asking: {mode: 'quarantine', admit: ['10.9.0.2'], resolver: ['203.0.113.53', '9.0.0.53']},
  blocking: {mode: 'blocking', admit: ['10.9.0.2'], block: ['tcp/80', 'udp/53']},
  answering: {mode: 'serving', admit: ['10.9.0.2'], open: ['tcp/443'], out: [], block: []},
};

test.each(Object.entries(policies))('the script of %s', async (name, policy) => {
  await expect(render(rulesOf(policy)!, site)).toMatchFileSnapshot(`golden/${name}.nft`);
});

test('the script of a host whose MAC and router are not given, and that nobody is admitted to', async () => {
  const bare: Site = {host: site.host, address: site.address, interface: 'eth1'};
  await expect(render(rulesOf({mode: 'quarantine', admit: []})!, bare)).toMatchFileSnapshot('golden/sealed.nft');
});

test('lifting names our own tables and nothing else', () => {
  expect(renderLift(site)).toBe(
    [
      'add table inet rebuild-marruuk',
      'delete table inet rebuild-marruuk',
      'add table bridge rebuild-marruuk',
      'delete table bridge rebuild-marruuk',
      'add table inet rebuild-marruuk-seen',
      'delete table inet rebuild-marruuk-seen',
      'add table bridge rebuild-marruuk-seen',
      'delete table bridge rebuild-marruuk-seen',
      '',
    ].join('\n'),
  );
});

test.runIf(process.getuid?.() === 0)('nft takes every script (needs root and nft)', () => {
  const rules = [...Object.values(policies), {mode: 'quarantine', admit: []} as const];
  for (const policy of rules) {
    const script = render(rulesOf(policy)!, site);
    expect(
      execFileSync('unshare', ['--net', 'nft', '-f', '-'], {input: script + renderLift(site), encoding: 'utf8'}),
    ).toBe('');
  }
});

test.each([
  {host: 'x; flush ruleset' as HostName},
  {address: '203.0.113.20; accept'},
  {address: '203.0.113.20/24'},
  {interface: 'a" accept; "'},
  {interface: ''},
  {router: '::1'},
  {mac: '52:54:00:00:00'},
])('what is no place on a gateway never becomes a script: %o', (wrong) => {
  const rules = rulesOf(policies['quarantine']!)!;
  expect(() => render(rules, {...site, ...wrong})).toThrow('not a place');
  expect(() => renderLift({...site, ...wrong})).toThrow('not a place');
});

test('whoever is no IPv4 address is admitted to nothing', () => {
  for (const admit of ['2001:db8::1', 'controller', '10.9.0.2/33', '10.9.0', '', '10.9.0.2 }'])
    expect(rulesOf({mode: 'quarantine', admit: [admit]})).toBeUndefined();
});

test('whatever is no port of an IPv4 address is reached by nobody', () => {
  for (const place of [
    '10.9.0.2',
    '10.9.0.2:0',
    '10.9.0.2:65536',
    '10.9.0.256:80',
    '[::1]:80',
    '10.9.0.2:80 }',
    'a:80',
  ])
    expect(rulesOf({mode: 'quarantine', admit: [], reach: [place]})).toBeUndefined();
});

test('places to reach are in one order, each once', () => {
  const reach = ['198.51.100.10:80', '9.0.0.1:8080', '9.0.0.1:80'];
  const rules = rulesOf({mode: 'quarantine', admit: [], reach: [...reach, ...reach]})!;
  expect(policyOf(rules)).toEqual({mode: 'quarantine', admit: [], reach: reach.toReversed()});
});

test('the order and repetition in which a policy is written make no difference', () => {
  const octet = fc.constantFrom(0, 1, 10, 128, 255);
  const net = fc
    .tuple(octet, octet, fc.constantFrom(8, 16, 24, 31, 32))
    .map(([a, b, prefix]) => (prefix === 32 ? `10.${a}.${b}.7` : `10.${a}.${b}.0/${prefix}`));
  const port = fc.constantFrom('tcp/22', 'tcp/80', 'udp/53', 'udp/123' as const);
  fc.assert(
    fc.property(fc.array(net), fc.array(port), fc.array(port), fc.array(port), (admit, open, out, block) => {
      const policy: EdgePolicy = {mode: 'serving', admit, open, out, block};
      const again: EdgePolicy = {
        mode: 'serving',
        admit: [...admit, ...admit].toReversed(),
        open: open.toReversed(),
        out: [...out, ...out].toReversed(),
        block: [...block, ...block],
      };
      const rules = rulesOf(policy)!;
      expect(rulesOf(again)).toEqual(rules);
      expect(rulesOf(policyOf(rules))).toEqual(rules);
    }),
  );
});

test('a network that another one covers is not named twice', () => {
  const {admit} = rulesOf({
    mode: 'quarantine',
    admit: ['10.1.0.0/16', '10.1.2.3', '10.0.0.0/8', '192.0.2.1/32', '10.0.0.5/8'],
  })!;
  expect(admit).toEqual(['10.0.0.0/8', '192.0.2.1']);
});
