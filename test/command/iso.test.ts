import {expect, test} from 'vitest';
import type {HostKeyPin, Sha256} from '../../src/brand.ts';
import {isoDocument, makeIso, renderIso, type MadeIso} from '../../src/command/iso.ts';
import {openPool} from '../../src/image/light/pool.ts';
import {runbook as sample} from '../simulator/runbook.ts';

const base: MadeIso['base'] = {
  digest: 'b'.repeat(64) as Sha256,
  kernel: '6.1.0-44-amd64',
  lock: 'c'.repeat(64) as Sha256,
  folder: '/cache',
  content: {files: [], links: []},
  parts: [
    {name: 'kernel', files: 1, bytes: 8_247_232, packedBytes: 8_247_232},
    {name: 'drivers: network', files: 46, bytes: 20_447_430},
    {name: 'shim and GRUB', files: 2, bytes: 0, packedBytes: 5_231_992},
  ],
  builder: openPool('/cache/builder'),
};
const made: MadeIso = {
  base,
  host: {
    iso: {file: '/here/marruuk-light.iso', sha256: 'd'.repeat(64) as Sha256, bytes: 25_786_368, bootBytes: 23_922_669},
    hostPin: `SHA256:${'e'.repeat(43)}` as HostKeyPin,
    address: '203.0.113.20/24',
  },
};

test('shows every part with its size, and what pins the system that answers', () => {
  expect(renderIso(made).split('\n')).toEqual([
    'part              files   in RAM  on the medium',
    'kernel                1  8.25 MB        8.25 MB',
    'drivers: network     46  20.4 MB',
    'shim and GRUB         2                 5.23 MB',
    '',
    'linux     6.1.0-44-amd64',
    `packages  ${'c'.repeat(64)}`,
    `base      ${'b'.repeat(64)}`,
    'iso       /here/marruuk-light.iso, 25.8 MB',
    `sha256    ${'d'.repeat(64)}`,
    `answers   root@203.0.113.20 with host key SHA256:${'e'.repeat(43)}; may erase no disk`,
    '',
  ]);
});

test('as JSON it has digests and sizes, and nothing of where it was built', () => {
  const text = JSON.stringify(isoDocument(made));
  expect(JSON.parse(text)).toMatchObject({base: {digest: base.digest}, iso: {bootBytes: 23_922_669}});
  expect(text).not.toContain('/cache');
});

test('a host whose runbook lets nobody log in gets no ISO', async () => {
  const runbook = {...sample, access: {authorizedKeys: []}};
  expect(await makeIso({runbook})).toMatchObject({
    ok: false,
    fault: {code: 'image.build-failed', next: 'add your public key to access.keys, then: rebuild iso HOST'},
  });
});
