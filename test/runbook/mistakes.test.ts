import {describe, expect, test} from 'vitest';
import {changed, minimal, mistakes, parse, summary} from './example.ts';

/** From `minimal` with `from` replaced by `to`; what is reported, and nothing else. */
const table: readonly (readonly [what: string, from: string, to: string, ...reported: readonly string[]])[] = [
  ['an unknown key', 'gateway:', 'gatway:', '23:3-9 unknown key "gatway" in network | did you mean "gateway"?'],
  [
    'an unknown key that is like none',
    'interface: lan0',
    'interface: lan0\n  colour: red',
    '17:3-9 unknown key "colour" in edge',
  ],
  [
    'an unknown key at the top',
    'steps:',
    'stpes:',
    '24:1-6 unknown key "stpes" in the runbook | did you mean "steps"?',
  ],
  ['a missing key', '  serial: VG-1\n', '', '2:1-5 missing key "serial" in host'],
  ['a missing part', 'version: 1\n', '', '1:1-6 missing key "version" in the runbook'],
  [
    'a wrong type',
    'size: 480GB',
    'size: [480GB]',
    '18:31-38 disks.system.size: expected a size with its unit, such as 480GB, 1.92TB or 894GiB',
  ],
  [
    'a number that is text',
    'serial: S-1',
    'serial: 0123',
    '18:20-24 disks.system.serial: expected a serial number of letters, digits and . _ : -, as `lsblk -o SERIAL` prints it | quotes make it text: "123"',
  ],
  [
    'a disk without a serial number',
    'system: {serial: S-1, size: 480GB}',
    'system: {size: 480GB}',
    '18:3-9 missing key "serial" in disks.system',
  ],
  [
    'memory with a serial number',
    'serial: S-1, size: 480GB',
    'serial: S-1, ram: {}, size: 4GB',
    '18:20-23 disks.system.serial: memory has no serial',
  ],
  [
    'a partition by its device',
    'serial: S-1, size: 480GB',
    'serial: S-2, partition: sda3, size: 4GB',
    '18:36-40 disks.system.partition: expected a partition’s number, or its PARTUUID as `lsblk -o PARTUUID` prints it',
  ],
  [
    'a partition of a disk that is not named itself',
    'serial: S-1, size: 480GB',
    'serial: S-9, partition: 3, size: 4GB',
    '18:20-23 disks.system.serial: the disk of this partition is not under disks by itself | name it there too, with keep: true for what else is on it',
  ],
  [
    'a world wide name without its prefix',
    'serial: S-1, size: 480GB',
    'serial: S-1, size: 480GB, wwn: 5000c500a1b2c3d4',
    '18:43-59 disks.system.wwn: expected a world wide name with its prefix, such as naa.5000c500a1b2c3d4 or eui.0025385b71b00001',
  ],
  [
    'a partition’s world wide name',
    'system: {serial: S-1, size: 480GB}',
    'system: {serial: S-2, partition: 3, size: 4GB, wwn: naa.5000c500a1b2c3d4}',
    '18:55-75 disks.system.wwn: a partition has no wwn: its disk, which is named by itself, has',
  ],
  ['an empty value', 'name: vega', 'name:', '3:3-7 host.name: has no value'],
  [
    'a text for a mapping',
    'network:\n  mac: 52:54:00:AB:00:01\n  address: 203.0.113.21/24\n  gateway: 203.0.113.1',
    'network: none',
    '20:10-14 network: expected a mapping (key: value), found text',
  ],
  [
    'a bad format',
    'address: 10.9.0.1',
    'address: 10.9.0.01',
    '13:12-21 edge.address: expected an IPv4 address such as 203.0.113.20',
  ],
  [
    'a wrong choice',
    'disks: [system]',
    'disks: [system]\n    level: purg',
    '30:12-16 disk.erase level: must be one of clear, purge | did you mean "purge"?',
  ],
  [
    'a number out of range',
    'disks: [system]',
    'disks: [system]\n    passes: 9',
    '30:13-14 disk.erase passes: must be at most 3',
  ],
  ['no entry where one is needed', 'disks: [system]', 'disks: []', '29:12-14 disk.erase disks: needs at least 1 entry'],
  [
    'an unknown key of a kind that forgot to refuse it',
    'do: host.look',
    'do: host.look\n    nte: hm',
    '27:5-8 unknown key "nte" in host.look | did you mean "note"?',
  ],
  ['a missing param', '    disks: [system]\n', '', '27:5-14 missing key "disks" in disk.erase'],
  [
    'an unknown disk',
    'disks: [system]',
    'disks: [sytem]',
    '29:13-18 there is no disk "sytem" | did you mean "system"?',
  ],
  [
    'an unknown disk that is like none',
    'disks: [system]',
    'disks: [raid]',
    '29:13-17 there is no disk "raid" | there is: system, worlds',
  ],
  [
    'a name every object has',
    'disks: [system]',
    'disks: [constructor]',
    '29:13-24 there is no disk "constructor" | there is: system, worlds',
  ],
  ['a kept disk', 'disks: [system]', 'disks: [system, worlds]', '29:21-27 disk "worlds" is kept'],
  [
    'an unknown step kind',
    'do: disk.erase',
    'do: disk.erease',
    '28:9-20 unknown step kind "disk.erease" | did you mean "disk.erase"?',
  ],
  ['a step without a kind', '    do: host.look\n', '', '25:5-13 missing key "do" in steps[0]'],
  ['a duplicate step id', 'id: erase', 'id: look', '27:9-13 a step "look" is already above'],
  [
    'a duplicate key',
    'driver: nftables',
    'driver: nftables\n  driver: nftables',
    '13:3-9 the same key is given twice here',
  ],
  [
    'two names for one disk',
    'serial: S-2',
    'serial: s-1',
    '19:20-23 disks.worlds.serial: disk "system" has the same serial number',
  ],
  [
    'a gateway elsewhere',
    'gateway: 203.0.113.1',
    'gateway: 203.0.112.1',
    '23:12-23 network.gateway: is not in the host’s network 203.0.113.0/24',
  ],
  [
    'a network as an address',
    '203.0.113.21/24',
    '203.0.113.0/24',
    '22:12-26 network.address: is the network 203.0.113.0/24 itself or everyone in it, not a host',
  ],
  [
    'a group address as a MAC',
    '52:54',
    '53:54',
    '21:8-25 network.mac: expected the MAC address of one interface, such as 52:54:00:12:34:56',
  ],
  [
    'plain http to the BMC',
    'https://10',
    'http://10',
    '7:8-24 bmc.url: expected an https:// address without user, path or query, such as https://10.9.0.31',
  ],
  [
    'a bad disk name',
    'worlds:',
    'World s:',
    '19:3-10 disks.World s: expected a name such as system or worlds-2: lower case',
  ],
  [
    'YAML 1.1 truth',
    'keep: true',
    'keep: yes',
    '19:42-45 disks.worlds.keep: expected true or false, found text | write true',
  ],
  ['another version', 'version: 1', 'version: 2', '1:10-11 version: must be 1'],
];

describe('a mistake is reported at its place, and nothing beside it', () => {
  test.each(table)('%s', (_, from, to, ...reported) => {
    expect(summary(changed(from, to))).toEqual(reported);
  });
});

const broken: readonly (readonly [what: string, text: string, place: string, says: RegExp])[] = [
  ['an unclosed bracket', changed('disks: [system]', 'disks: [system'), '30:1', /bracket/],
  ['an unclosed quote', changed('name: vega', 'name: "vega'), '30:1', /not closed/],
  ['a tab', changed('  serial: VG-1', '\tserial: VG-1'), '4:1', /tab/],
  ['a colon too many', changed('name: vega', 'name: vega: x'), '3:9', /second ": "/],
  ['bad indentation', changed('  serial: VG-1', '   serial: VG-1'), '3:9', /indentation/],
  ['a second document', `${minimal}---\nversion: 1\n`, '30:1', /second document/],
  ['a directive', `%YAML 1.1\n---\n${minimal}`, '1:1', /directive/],
  ['an alias', changed('name: vega', 'name: *host'), '3:9', /alias/],
  ['an anchor', changed('name: vega', 'name: &host vega'), '3:15', /anchor/],
  ['a merge key', changed('name: vega', 'name: vega\n  <<: {serial: x}'), '4:3', /merge key/],
  ['a tag', changed('name: vega', 'name: !secret vega'), '3:17', /tag/],
  ['a key that is no text', changed('name: vega', 'name: vega\n  1: one'), '4:3', /plain text/],
  ['a number too large to hold', changed('serial: VG-1', 'serial: 90071992547409931'), '4:11', /number/],
  ['nothing', '', '1:1', /no runbook/],
  ['only a comment', '# soon\n', '1:1', /no runbook/],
  ['a list', '- a\n', '1:1', /the runbook: expected a mapping/],
  ['a text', 'hello', '1:1', /the runbook: expected a mapping/],
  ['an unseen character', changed('name: vega', 'name: ve\u202Ega'), '3:11', /U\+202E/],
  ['an escape sequence', changed('name: vega', 'name: \u001b[2Jvega'), '3:9', /U\+001B/],
  ['a deep nest', `a: ${'['.repeat(200_000)}`, '1:36', /deep/],
  ['a huge file', `${minimal}# ${'x'.repeat(300_000)}`, '1:1', /too large/],
];

describe('what YAML cannot be is reported too', () => {
  test.each(broken)('%s', (_, text, place, says) => {
    const [first] = mistakes(text);
    expect(`${first?.line}:${first?.column}`).toBe(place);
    expect(first?.says).toMatch(says);
  });
});

test('an expansion bomb is refused without being expanded', () => {
  const bomb = [
    'a: &a [x,x,x,x,x,x,x,x,x]',
    ...'bcdefghij'.split('').map((name, at) => {
      const before = 'abcdefghij'[at];
      return `${name}: &${name} [${Array.from({length: 9}, () => `*${before}`).join(',')}]`;
    }),
  ].join('\n');
  const says = mistakes(bomb).map(({says}) => says);
  expect(says.filter((text) => text.includes('alias'))).toHaveLength(81);
});

test('all mistakes are reported at once, in the order of the file, whatever part they are in', () => {
  let text = changed('serial: VG-1', 'serail: VG-1');
  text = changed('size: 480GB', 'size: 480', text);
  text = changed('keep: true', 'keep: maybe', text);
  text = changed('mac: 52:54:00:AB:00:01', 'mac: eth0', text);
  text = changed('id: look', 'id: Look', text);
  text = changed('disks: [system]', 'disks: [sytem, worlds]\n    passes: many', text);
  expect(mistakes(text).map(({line, says}) => `${line} ${says}`)).toEqual([
    '4 unknown key "serail" in host',
    '18 disks.system.size: expected a size with its unit, such as 480GB, 1.92TB or 894GiB',
    '19 disks.worlds.keep: expected true or false, found text',
    '21 network.mac: expected the MAC address of one interface, such as 52:54:00:12:34:56',
    '25 steps[0].id: expected an id such as wipe or wipe-2: lower case',
    '29 there is no disk "sytem"',
    // Whether it is kept cannot be read; nothing is erased on a guess.
    '29 disk "worlds" is kept',
    '30 disk.erase passes: expected a number, found text',
  ]);
});

test('a step’s mistake names what explains it', () => {
  expect(mistakes(changed('disks: [system]', 'disks: [x]'))[0]?.explain).toBe('disk.erase');
  expect(mistakes(changed('do: disk.erase', 'do: nothing'))[0]?.explain).toBe('steps');
});

test('columns count as editors do, after any letter', () => {
  const [first] = mistakes(changed('disks: [system]', 'disks: ["😀é", raid]'));
  expect(first).toMatchObject({line: 29, column: 13, endColumn: 18});
});

test('a byte order mark and Windows line ends are no mistake', () => {
  const parsed = parse(`\uFEFF${minimal.replaceAll('\n', '\r\n')}`);
  expect(parsed.ok && parsed.digest).toBe(parse(minimal).ok && (parse(minimal) as {digest: string}).digest);
});

const suspect = (key: string): string =>
  changed(
    'disks:\n  system',
    `vantages:
  near: {address: 10.9.0.7, hostkey: SHA256:${'B'.repeat(43)}, key: file:/etc/rebuild/near}
  far: {address: 10.9.0.8, hostkey: SHA256:${'C'.repeat(43)}, key: file:/etc/rebuild/edge}
suspect: {hostkey: SHA256:${'D'.repeat(43)}, key: ${key}}
disks:\n  system`,
  );

describe('the key of the old system opens nothing else', () => {
  test.each([
    ['file:/etc/rebuild/edge', 'edge.key and vantages.far.key'],
    ['file:/etc/rebuild/near', 'vantages.near.key'],
  ])('%s is that of others, too', (key, others) => {
    const [first, ...more] = mistakes(suspect(key));
    expect(more).toEqual([]);
    expect(first).toMatchObject({
      line: 20,
      says: `suspect.key is also ${others}: the old system is hostile, and its key must open nothing else`,
      explain: 'suspect.key',
    });
  });

  test('one of its own is no mistake', () => {
    expect(mistakes(suspect('file:/etc/rebuild/suspect'))).toEqual([]);
  });
});
