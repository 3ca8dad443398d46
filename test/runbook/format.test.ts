import {generateKeyPairSync} from 'node:crypto';
import {describe, expect, test} from 'vitest';
import {durationSeconds} from '../../src/runbook/duration.ts';
import {contains, ipv4, ipv4Text, isHost, subnet} from '../../src/runbook/ipv4.ts';
import {isPublicKey} from '../../src/runbook/public-key.ts';
import {sizeBytes, sizeText} from '../../src/runbook/size.ts';
import {suggest} from '../../src/runbook/suggest.ts';
import {key} from './example.ts';

test.each([
  ['480GB', 480e9],
  ['1.92TB', 1.92e12],
  ['1.92 TB', 1.92e12],
  ['894GiB', 894 * 2 ** 30],
  ['480103981056B', 480_103_981_056],
  ['7.68TB', 7.68e12],
  ['512MiB', 2 ** 29],
  ['64kB', 64_000],
  ['480', undefined],
  ['480 gb', undefined],
  ['0GB', undefined],
  ['-1GB', undefined],
  ['1e3GB', undefined],
  ['480 GB disk', undefined],
  ['9008TB', undefined],
])('size %s is %s bytes', (text, bytes) => {
  expect(sizeBytes(text)).toBe(bytes);
});

test.each(['480GB', '1.92TB', '2TB', '480103981056B', '15.36TB'])('size %s is written as it was read', (text) => {
  expect(sizeText(sizeBytes(text) ?? 0)).toBe(text);
});

test.each([
  ['12h', 43_200],
  ['90m', 5_400],
  ['1h30m', 5_400],
  ['2d', 172_800],
  ['45s', 45],
  ['0h', undefined],
  ['', undefined],
  ['30m1h', undefined],
  ['12', undefined],
  ['12 h', undefined],
  ['1.5h', undefined],
])('duration "%s" is %s seconds', (text, seconds) => {
  expect(durationSeconds(text)).toBe(seconds);
});

describe('IPv4', () => {
  test.each(['10.9.0.1', '0.0.0.0', '255.255.255.255', '203.0.113.20'])('%s is itself again', (text) => {
    expect(ipv4Text(ipv4(text) ?? -1)).toBe(text);
  });

  test.each(['10.9.0', '10.9.0.256', '10.9.0.01', '010.9.0.1', '10.9.0.1 ', '::1', '1.2.3.4.5', '', '0x7f.1.1.1'])(
    '"%s" is no address',
    (text) => {
      expect(ipv4(text)).toBeUndefined();
    },
  );

  test('a network knows who is in it and who is a host', () => {
    const net = subnet('203.0.113.20/29');
    if (!net) throw new Error('203.0.113.20/29 is a network');
    expect([ipv4Text(net.first), ipv4Text(net.last)]).toEqual(['203.0.113.16', '203.0.113.23']);
    const inside = (text: string): boolean => contains(net, ipv4(text) ?? -1);
    expect(['203.0.113.15', '203.0.113.16', '203.0.113.23', '203.0.113.24'].map(inside)).toEqual([
      false,
      true,
      true,
      false,
    ]);
    expect([net.first, net.address, net.last].map((address) => isHost(net, address))).toEqual([false, true, false]);
    const pair = subnet('10.0.0.0/31');
    expect(pair && isHost(pair, pair.first)).toBe(true);
  });

  test.each(['203.0.113.20', '203.0.113.20/0', '203.0.113.20/33', '203.0.113.20/24/8', '203.0.113.20/024', '/24'])(
    '"%s" is no network',
    (text) => {
      expect(subnet(text)).toBeUndefined();
    },
  );
});

describe('a public key line', () => {
  test('is taken with and without a comment', () => {
    expect(isPublicKey(key)).toBe(true);
    expect(isPublicKey(key.replace(' lena@jump1', ''))).toBe(true);
  });

  test('is refused when it claims another kind, is cut, has options, or is a private key', () => {
    const {privateKey} = generateKeyPairSync('ed25519');
    for (const line of [
      key.replace('ssh-ed25519', 'ssh-rsa'),
      key.replace('ssh-ed25519', 'ssh-dss'),
      key.slice(0, 30),
      `command="/bin/sh" ${key}`,
      `${key}\n${key}`,
      privateKey.export({type: 'pkcs8', format: 'pem'}),
      '',
    ])
      expect(isPublicKey(String(line))).toBe(false);
  });
});

describe('did you mean', () => {
  const keys = ['allow', 'address', 'password', 'user', 'id', 'do', 'dns', 'disk', 'disks'];
  test.each([
    ['alow', 'allow'],
    ['adress', 'address'],
    ['pasword', 'password'],
    ['usre', 'user'],
    ['Address', 'address'],
    ['disk', 'disk'],
    ['dsik', 'disk'],
    ['colour', undefined],
    ['x', undefined],
    ['', undefined],
    ['a'.repeat(100_000), undefined],
  ])('%s: %s', (typed, meant) => {
    expect(suggest(typed, keys)).toBe(meant);
  });
});
