import {describe, expect, test} from 'vitest';
import {readCsv} from '../../src/step/indicator/csv.ts';
import {inFiles, inFlows} from '../../src/step/indicator/match.ts';
import {patternOf, readStix} from '../../src/step/indicator/stix.ts';
import type {TreeEntry} from '../../src/step/system/tree.ts';

const digest = 'a'.repeat(64);

describe('a list as CSV', () => {
  test('with a heading, in any order of columns; quotes, comments and empty lines', () => {
    const read = readCsv(
      [
        'comment,Type,Value',
        '"the miner, first seen",sha256,' + digest.toUpperCase(),
        '# for people',
        '',
        ',path,/etc/ld.so.preload',
        ',ipv4,198.51.100.0/24',
        'said """go""",filename,kswapd0',
      ].join('\r\n'),
    );
    expect(read).toEqual({
      usable: [
        {kind: 'sha256', value: digest},
        {kind: 'path', value: '/etc/ld.so.preload'},
        {kind: 'address', value: '198.51.100.0/24'},
        {kind: 'name', value: 'kswapd0'},
      ],
      unsupported: [],
    });
  });

  test('without one: a type and a value a row', () => {
    expect(readCsv(`ip,2001:DB8::1\nname,/opt/x\n`).usable).toEqual([
      {kind: 'address', value: '2001:db8::1'},
      {kind: 'path', value: '/opt/x'},
    ]);
  });

  test.each([
    ['md5,d41d8cd98f00b204e9800998ecf8427e', 'SHA-256 and no other'],
    ['domain,evil.example.net', 'addresses'],
    ['registry,HKLM\\Software\\Run', 'Windows'],
    ['mutex,Global\\x', 'nothing here'],
    ['sha256,abc', 'no SHA-256'],
    ['ip,not an address', 'no address'],
    ['name,a/b', 'no file name'],
    ['path,C:\\Windows\\x.exe', 'no path of a Unix'],
    ['alone', 'a type and a value'],
  ])('%s is named, not dropped', (row, because) => {
    const {usable, unsupported} = readCsv(row);
    expect(usable).toEqual([]);
    expect(unsupported).toHaveLength(1);
    expect(unsupported[0]?.because).toContain(because);
  });

  test('whatever stands in it, every row is either looked for or named', () => {
    const rows = ['\u001b[2J,x', '"unclosed', ',,,,', 'a"b,c', 'ip,1.2.3.4,\u0000'];
    const {usable, unsupported} = readCsv(rows.join('\n'));
    expect(usable.length + unsupported.length).toBeGreaterThan(0);
  });
});

const bundle = (...objects: object[]): string => JSON.stringify({type: 'bundle', id: 'bundle--1', objects});
const indicator = (pattern: string, more: object = {}) => ({
  type: 'indicator',
  spec_version: '2.1',
  pattern,
  pattern_type: 'stix',
  ...more,
});

describe('a STIX 2.1 bundle', () => {
  test('patterns of one comparison, and such joined by OR', () => {
    const read = readStix(
      bundle(
        {type: 'identity', name: 'lena'},
        indicator(`[file:hashes.'SHA-256' = '${digest}']`),
        indicator("[ipv4-addr:value = '198.51.100.10'] OR [ipv6-addr:value = '2001:db8:2::10']"),
        indicator("[file:name = 'kswapd0' OR process:name = 'it\\'s']"),
        indicator("[network-traffic:dst_ref.value = '203.0.113.9']"),
      ),
    );
    expect(read).toEqual({
      usable: [
        {kind: 'sha256', value: digest},
        {kind: 'address', value: '198.51.100.10'},
        {kind: 'address', value: '2001:db8:2::10'},
        {kind: 'name', value: 'kswapd0'},
        {kind: 'name', value: "it's"},
        {kind: 'address', value: '203.0.113.9'},
      ],
      unsupported: [],
    });
  });

  test.each([
    "[file:name = 'a' AND file:size = 5]",
    "[file:name = 'a'] AND [file:name = 'b']",
    "[file:name = 'a'] FOLLOWEDBY [file:name = 'b'] WITHIN 5 SECONDS",
    "[file:name LIKE 'a%']",
    "[file:name != 'a']",
    "[NOT file:name = 'a']",
    "[file:name = 'a'",
    "file:name = 'a'",
    '[]',
    '',
    "[file:name = 'a'] OR",
    "[file:size = 'a']",
    "[domain-name:value = 'evil.example.net']",
    "[url:value = 'http://evil.example.net/x']",
    "[windows-registry-key:key = 'HKLM']",
    "[file:hashes.MD5 = 'd41d8cd98f00b204e9800998ecf8427e']",
  ])('%s is named, not dropped', (pattern) => {
    const found = patternOf(pattern);
    expect(found).toEqual([{text: pattern, because: expect.any(String)}]);
  });

  test('one that is revoked, of another language, or no indicator is named', () => {
    const read = readStix(
      bundle(indicator("[file:name = 'a']", {revoked: true}), indicator('rule x { }', {pattern_type: 'yara'}), {
        type: 'observed-data',
      }),
    );
    expect(read?.usable).toEqual([]);
    expect(read?.unsupported.map(({text}) => text)).toEqual(["[file:name = 'a']", 'rule x { }', 'observed-data']);
  });

  test.each(['', '{}', '[]', '{"type": "bundle", "objects": 5}', 'type,value'])('%j is none', (text) => {
    expect(readStix(text)).toBeUndefined();
  });
});

const file = (path: string, sha256 = 'b'.repeat(64)): TreeEntry => ({
  path,
  type: 'file',
  mode: 0o644,
  uid: 0,
  gid: 0,
  size: 1,
  sha256,
});

test('files are found by digest wherever they lie, by name in any folder, by path alone', () => {
  const found = inFiles(
    [
      {kind: 'sha256', value: digest},
      {kind: 'name', value: 'kswapd0'},
      {kind: 'path', value: '/etc/ld.so.preload'},
    ],
    [
      file('/tmp/x', digest),
      file('/var/tmp/.x/kswapd0'),
      file('/etc/ld.so.preload'),
      file('/srv/etc/ld.so.preload'),
      file('/usr/bin/kswapd0-tool'),
    ],
  );
  expect(found).toEqual([
    '/tmp/x has the digest of an indicator',
    '/var/tmp/.x/kswapd0 has the name of an indicator',
    '/etc/ld.so.preload is an indicator',
  ]);
});

test('flows are found by address and by network, of either family', () => {
  const flows = [
    {protocol: 'tcp', address: '198.51.100.10', port: 443, packets: 3},
    {protocol: 'tcp', address: '198.51.101.10', port: 443, packets: 1},
    {protocol: 'udp', address: '2001:DB8:2::10', port: 53, packets: 2},
  ];
  expect(
    inFlows(
      [
        {kind: 'address', value: '198.51.100.0/24'},
        {kind: 'address', value: '2001:db8:2::10'},
        {kind: 'name', value: '198.51.101.10'},
      ],
      flows,
    ),
  ).toEqual(['3 packets of tcp/443 to 198.51.100.10', '2 packets of udp/53 to 2001:DB8:2::10']);
});
