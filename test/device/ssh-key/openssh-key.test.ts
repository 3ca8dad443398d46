import {execFileSync} from 'node:child_process';
import {chmodSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import * as fc from 'fast-check';
import ssh2 from 'ssh2';
import {expect, onTestFinished, test} from 'vitest';
import {hostKeyPin} from '../../../src/brand.ts';
import {ed25519Of, newEd25519} from '../../../src/device/ssh-key/ed25519.ts';
import {
  dropbearKey,
  fingerprint,
  parsePrivateKey,
  privateKeyText,
  publicLine,
} from '../../../src/device/ssh-key/openssh-key.ts';

const seed = fc.uint8Array({minLength: 32, maxLength: 32});
const comment = fc.string({unit: fc.constantFrom('a', 'Z', '0', '9', '@', '-', '_', '.', ':')});

function keyFile(text: string | Uint8Array): string {
  const directory = mkdtempSync(join(tmpdir(), 'key-'));
  onTestFinished(() => rmSync(directory, {recursive: true, force: true}));
  const file = join(directory, 'key');
  writeFileSync(file, text);
  chmodSync(file, 0o600);
  return file;
}
const run = (program: string, ...argv: string[]): string => execFileSync(program, argv, {encoding: 'utf8'}).trim();

test('the first test vector of RFC 8032 gives its public key', () => {
  const key = ed25519Of(Buffer.from('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60', 'hex'));
  expect(Buffer.from(key.publicKey).toString('hex')).toBe(
    'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
  );
});

test.each(['', 'c', 'marruuk-3', 'a comment of several words', 'x'.repeat(300)])(
  'ssh-keygen reads the key with the comment "%s" as we do',
  (comment) => {
    const key = newEd25519();
    const file = keyFile(privateKeyText(key, comment));
    expect(run('ssh-keygen', '-y', '-f', file)).toBe(publicLine(key, comment).trim());
    expect(run('ssh-keygen', '-l', '-f', file)).toBe(`256 ${fingerprint(key)} ${comment} (ED25519)`);
  },
);

test('ssh-keygen signs with the private key, and the public key verifies', () => {
  const key = newEd25519();
  const file = keyFile(privateKeyText(key, 'run'));
  const signed = execFileSync('ssh-keygen', ['-Y', 'sign', '-f', file, '-n', 'test'], {input: 'hello', stdio: 'pipe'});
  const signature = keyFile(signed);
  const allowed = keyFile(`run ${publicLine(key, 'run')}\n`);
  const argv = ['-Y', 'verify', '-f', allowed, '-I', 'run', '-n', 'test', '-s', signature];
  expect(execFileSync('ssh-keygen', argv, {input: 'hello', encoding: 'utf8'})).toContain(fingerprint(key));
});

test('a key written by ssh-keygen has the same public part for the same seed', () => {
  const file = keyFile('');
  rmSync(file);
  run('ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-C', 'theirs', '-f', file);
  const [kind, blob] = run('ssh-keygen', '-y', '-f', file).split(' ');
  const parsed = ssh2.utils.parseKey(run('cat', file));
  if (parsed instanceof Error) throw parsed;
  expect([kind, blob]).toEqual(['ssh-ed25519', parsed.getPublicSSH().toString('base64')]);
  // Its check number is random, so it is not one of ours, and is refused rather than half read.
  expect(parsePrivateKey(run('cat', file))).toBeUndefined();
});

test('what was written is read back, and ssh2 takes it', () => {
  fc.assert(
    fc.property(seed, comment, (seed, comment) => {
      const key = ed25519Of(seed);
      const text = privateKeyText(key, comment);
      expect(parsePrivateKey(text)).toEqual(key);
      const parsed = ssh2.utils.parseKey(text);
      if (parsed instanceof Error) throw parsed;
      expect(publicLine(key, '').split(' ')[1]).toBe(parsed.getPublicSSH().toString('base64'));
      expect(hostKeyPin(fingerprint(key))).toBe(fingerprint(key));
    }),
  );
});

test('a text that was changed anywhere never gives another key, and one cut short gives none', () => {
  const key = newEd25519();
  const text = privateKeyText(key, 'marruuk-3');
  fc.assert(
    fc.property(fc.nat({max: text.length - 2}), fc.constantFrom('A', '\n', '!', ''), (at, by) => {
      const changed = text.slice(0, at) + by + text.slice(at + 1);
      fc.pre(changed !== text);
      // The comment is free: a change there leaves the key what it is.
      expect(parsePrivateKey(changed) ?? key).toEqual(key);
      expect(parsePrivateKey(text.slice(0, at))).toBeUndefined();
    }),
  );
});

test('dropbear reads its own form of the key (dropbearkey of dropbear-bin; its format is compared where missing)', () => {
  const key = ed25519Of(new Uint8Array(32).fill(7));
  const file = keyFile(dropbearKey(key));
  const head = `0000000b7373682d6564323535313900000040${'07'.repeat(32)}`;
  expect(dropbearKey(key).toString('hex')).toBe(head + Buffer.from(key.publicKey).toString('hex'));
  let answer: string;
  try {
    answer = run('dropbearkey', '-y', '-f', file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  expect(answer).toContain(publicLine(key, '').split(' ')[1]);
});
