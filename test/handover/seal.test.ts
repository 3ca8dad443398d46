import {beforeAll, describe, expect, test} from 'vitest';
import {newPassphrase, seal, sealedShape, unseal, type Sealed} from '../../src/handover/seal.ts';

const [secret, passphrase, beside] = [
  '-----BEGIN OPENSSH PRIVATE KEY-----\nübergabe\n',
  'correct horse battery',
  'text',
];

let sealed: Sealed;
beforeAll(async () => {
  sealed = await seal(secret, passphrase, beside);
});

test('what was sealed opens with its passphrase, beside its text, and nowhere shows', async () => {
  expect(sealedShape.parse(JSON.parse(JSON.stringify(sealed)))).toEqual(sealed);
  expect(await unseal(sealed, passphrase, beside)).toBe(secret);
  expect(Buffer.from(sealed.box, 'base64').includes('OPENSSH')).toBe(false);
});

test('the same secret is never sealed into the same bytes', async () => {
  const other = await seal(secret, passphrase, beside);
  expect(sealed.box).not.toBe(other.box);
  expect(sealed.salt).not.toBe(other.salt);
});

describe('it stays shut', () => {
  test.each([
    ['to another passphrase', {}, 'correct horse batterz', beside],
    ['to the same in capitals', {}, passphrase.toUpperCase(), beside],
    ['beside another text', {}, passphrase, 'texT'],
    ['with another salt', {salt: 1}, passphrase, beside],
    ['with another nonce', {nonce: 1}, passphrase, beside],
    ['with one bit of it changed', {box: 1}, passphrase, beside],
  ])('%s', async (_, changed, by, at) => {
    const mangled = Object.fromEntries(
      Object.entries(sealed).map(([name, text]) => [name, name in changed ? flip(text) : text]),
    ) as typeof sealed;
    expect(await unseal(mangled, by, at)).toBeUndefined();
  });

  test('when parts of it are missing', async () => {
    for (const part of ['salt', 'nonce', 'box'] as const)
      expect(await unseal({...sealed, [part]: ''}, passphrase, beside)).toBeUndefined();
  });
});

test('a passphrase of ours opens however it was read out and typed', async () => {
  const made = newPassphrase();
  expect(made).toMatch(/^(?:[0-9a-hjkmnp-tv-z]{5}-){4}[0-9a-hjkmnp-tv-z]{5}$/);
  expect(newPassphrase()).not.toBe(made);
  const ours = await seal(secret, made, beside);
  const typed = [
    made.toUpperCase(),
    made.replaceAll('-', ' '),
    made.replaceAll('-', ''),
    made.replaceAll('0', 'O'),
    made.replaceAll('1', 'l'),
  ];
  for (const way of typed) expect(await unseal(ours, way, beside)).toBe(secret);
});

const flip = (text: string): string => {
  const bytes = Buffer.from(text, 'base64');
  bytes[0] = (bytes[0] ?? 0) ^ 1;
  return bytes.toString('base64');
};
