import {expect, test} from 'vitest';
import {lockText, parseUris} from '../../src/image/debian/fetch.ts';
import {debLines, keyring, parseTargets} from '../../src/image/debian/sources.ts';
import {requireTools} from '../../src/image/debian/tool.ts';

const signed = `[signed-by=${keyring}]`;

test('takes what apt is configured for, main only, and leaves third parties out', () => {
  const configured = parseTargets(
    [
      'http://mirror.example/debian/\tbookworm\tmain\t$(ORIGIN)',
      'http://mirror.example/debian/\tbookworm\tmain\t$(ORIGIN)',
      'http://mirror.example/debian/\tbookworm\tcontrib\t$(ORIGIN)',
      'http://mirror.example/debian-security/\tbookworm-security\tmain\t$(ORIGIN)',
      'http://vendor.example/apt/\tbookworm\tmain\t$(ORIGIN)',
      'http://vendor.example/node/\tnodistro\tmain\t$(ORIGIN)',
    ].join('\n'),
  );
  const fetched = parseTargets('http://vendor.example/apt/\tbookworm\tmain\tVendor Inc.');
  expect(debLines(configured, fetched)).toEqual([
    `deb ${signed} http://mirror.example/debian/ bookworm main`,
    `deb ${signed} http://mirror.example/debian-security/ bookworm-security main`,
  ]);
});

test('a machine that runs another release asks the same mirrors for ours', () => {
  const configured = parseTargets(
    'file:/srv/debian/\ttrixie-updates\tmain\tDebian\nfile:/srv/debian/\tstable\tmain\tDebian',
  );
  expect(debLines(configured, configured)).toEqual([
    `deb ${signed} file:/srv/debian/ bookworm-updates main`,
    `deb ${signed} file:/srv/debian/ bookworm main`,
  ]);
});

const digest = 'a'.repeat(64);

test('reads a closure from apt, epochs and plus signs included', () => {
  const uris = [
    `'http://mirror.example/pool/m/mtools/mtools_4.0%2b1_amd64.deb' mtools_4.0+1_amd64.deb 201972 SHA256:${digest}`,
    `'http://mirror.example/pool/g/grub2/grub-common_1%253a2.06-13_amd64.deb' grub-common_1%3a2.06-13_amd64.deb 7 SHA256:${digest}`,
  ].join('\n');
  const debs = parseUris(uris, '/debs');
  expect(debs).toEqual({
    ok: true,
    value: [
      {
        name: 'grub-common',
        version: '1:2.06-13',
        architecture: 'amd64',
        file: '/debs/grub-common_1%3a2.06-13_amd64.deb',
        bytes: 7,
        sha256: digest,
      },
      {
        name: 'mtools',
        version: '4.0+1',
        architecture: 'amd64',
        file: '/debs/mtools_4.0+1_amd64.deb',
        bytes: 201972,
        sha256: digest,
      },
    ],
  });
  if (debs.ok)
    expect(lockText(debs.value)).toMatch(/^grub-common 1:2\.06-13 amd64 a{64}\nmtools 4\.0\+1 amd64 a{64}\n$/);
});

test('refuses a package that only an older digest vouches for', () => {
  const parsed = parseUris("'http://mirror.example/a_1_all.deb' a_1_all.deb 1 MD5Sum:0123", '/debs');
  expect(parsed).toMatchObject({ok: false, fault: {code: 'image.build-failed'}});
});

test('names everything that is missing at once, with the command that installs it', async () => {
  const checked = await requireTools([
    {program: 'sh', package: 'dash'},
    {program: 'no-such-program-b', package: 'package-b'},
    {program: 'no-such-program-a', package: 'package-a'},
  ]);
  expect(checked).toMatchObject({
    ok: false,
    fault: {
      says: 'not on this machine: no-such-program-b, no-such-program-a',
      next: 'apt-get install --no-install-recommends package-a package-b',
    },
  });
});
