import {readFileSync} from 'node:fs';
import {describe, expect, test} from 'vitest';
import {hostName} from '../../src/brand.ts';
import {parseRunbook} from '../../src/runbook/parse.ts';
import {kinds as registry} from '../../src/step/registry.ts';
import {changed, key, kinds, minimal, parse} from './example.ts';

function valid(text: string) {
  const parsed = parse(text);
  if (!parsed.ok) throw new Error(parsed.diagnostics.map(({line, says}) => `${line}: ${says}`).join('\n'));
  return parsed;
}

describe('a valid runbook', () => {
  test('is a value with its defaults filled in', () => {
    expect(valid(minimal).runbook).toEqual({
      version: 1,
      host: {name: 'vega', serial: 'VG-1', firmware: 'uefi'},
      controller: {},
      bmc: {
        driver: 'redfish',
        url: 'https://10.9.0.32',
        certificate: 'ab'.repeat(32),
        user: 'env:BMC_USER',
        password: 'env:BMC_PASSWORD',
      },
      edge: {
        driver: 'nftables',
        address: '10.9.0.1',
        port: 22,
        user: 'root',
        hostKey: `SHA256:${'A'.repeat(43)}`,
        key: 'file:/etc/rebuild/edge',
        interface: 'lan0',
      },
      vantages: {},
      disks: {
        system: {name: 'system', serial: 'S-1', sizeBytes: 480e9, keep: false},
        worlds: {name: 'worlds', serial: 'S-2', sizeBytes: 2e12, keep: true},
      },
      network: {mac: '52:54:00:ab:00:01', address: '203.0.113.21/24', gateway: '203.0.113.1', dns: []},
      access: {authorizedKeys: []},
      steps: [
        {id: 'look', kind: 'host.look', params: {}, place: {file: 'vega.yaml', line: 25, column: 5}},
        {
          id: 'erase',
          kind: 'disk.erase',
          params: {disks: ['system'], level: 'clear', passes: 1},
          place: {file: 'vega.yaml', line: 27, column: 5},
        },
      ],
    });
  });

  test('has everything that may be left out', () => {
    const full = `${changed('serial: VG-1', 'serial: VG-1\n  firmware: bios\n  promise: 1h30m')}
controller: {address: 10.9.0.2, port: 8443}
vantages:
  outside: {address: 198.51.100.10, port: 2222, user: probe, hostkey: "SHA256:${'B'.repeat(43)}", key: command:pass show probe}
access:
  keys: ["${key}"]
`
      .replace('gateway: 203.0.113.1', 'gateway: 203.0.113.1\n  dns: [9.9.9.9]\n  reach: {address: 10.9.0.40}')
      .replace('size: 480GB', 'size: 480GB, wwn: naa.5000C500A1B2C3D4');
    const {runbook} = valid(full);
    expect(runbook.host).toEqual({name: 'vega', serial: 'VG-1', firmware: 'bios', promiseSeconds: 5400});
    expect(runbook.controller).toEqual({address: '10.9.0.2', mediaPort: 8443});
    expect(runbook.vantages).toEqual({
      outside: {
        address: '198.51.100.10',
        port: 2222,
        user: 'probe',
        hostKey: `SHA256:${'B'.repeat(43)}`,
        key: 'command:pass show probe',
      },
    });
    expect(runbook.disks['system']).toMatchObject({serial: 'S-1', wwn: 'naa.5000C500A1B2C3D4'});
    expect(runbook.network).toMatchObject({dns: ['9.9.9.9'], reach: {address: '10.9.0.40', port: 22}});
    expect(runbook.access.authorizedKeys).toEqual([key]);
  });

  test('takes a certificate as openssl prints it', () => {
    const printed = Array.from({length: 32}, () => 'AB').join(':');
    expect(valid(changed('ab'.repeat(32), printed)).runbook.bmc.certificate).toBe('ab'.repeat(32));
  });

  test('finds nothing by a name that was not declared', () => {
    const {runbook} = valid(minimal);
    expect(runbook.disks['constructor']).toBeUndefined();
    expect(runbook.vantages['toString']).toBeUndefined();
  });
});

describe('the digest', () => {
  test('does not see comments, layout, key order or a default that is written out', () => {
    const {digest} = valid(minimal);
    expect(digest).toMatch(/^[0-9a-f]{64}$/);
    for (const [from, to] of [
      ['version: 1', '# a comment\nversion:   1'],
      ['name: vega\n  serial: VG-1', 'serial: "VG-1"\n  name: vega'],
      ['disks: [system]', 'disks:\n      - system\n    level: clear'],
      ['interface: lan0', 'interface: lan0\n  port: 22'],
    ] as const)
      expect(valid(changed(from, to)).digest).toBe(digest);
  });

  test('sees every value', () => {
    const {digest} = valid(minimal);
    for (const [from, to] of [
      ['serial: VG-1', 'serial: VG-2'],
      ['size: 480GB', 'size: 960GB'],
      ['keep: true', 'keep: false'],
      ['env:BMC_USER', 'env:OTHER'],
      ['disks: [system]', 'disks: [system]\n    passes: 2'],
      ['id: look', 'id: looks'],
    ] as const)
      expect(valid(changed(from, to)).digest).not.toBe(digest);
  });
});

test('a runbook found by a host’s name must describe that host', () => {
  expect(parseRunbook(minimal, 'vega.yaml', kinds, hostName('vega')).ok).toBe(true);
  const parsed = parseRunbook(minimal, 'atlas.yaml', kinds, hostName('atlas'));
  expect(parsed).toMatchObject({
    ok: false,
    diagnostics: [{line: 3, column: 9, says: 'this runbook describes "vega", but "atlas" was asked for'}],
  });
});

const example = (host: string) => {
  const text = readFileSync(new URL(`../../runbooks/${host}.yaml`, import.meta.url), 'utf8');
  const parsed = parseRunbook(text, `runbooks/${host}.yaml`, registry, hostName(host));
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.diagnostics, null, 2));
  return {text, runbook: parsed.runbook};
};

describe('the examples', () => {
  test('are valid, keep what must be kept, and show every kind of step', () => {
    const kinds = new Set(
      ['marruuk', 'mpex', 'saturn', 'tessa'].flatMap((host) => example(host).runbook.steps.map(({kind}) => kind)),
    );
    expect([...kinds].toSorted()).toEqual([...registry.keys()].toSorted());
    expect(example('marruuk').runbook.disks['worlds']?.keep).toBe(true);
    expect(example('mpex').runbook.disks['machines']?.keep).toBe(true);
    expect(Object.keys(example('marruuk').runbook.vantages)).toEqual(['outside', 'neighbour']);
  });

  test('say where each step stands', () => {
    const {text, runbook} = example('marruuk');
    for (const {place} of runbook.steps)
      expect(text.split('\n')[place.line - 1]?.slice(place.column - 1)).toMatch(/^id: /);
  });
});
