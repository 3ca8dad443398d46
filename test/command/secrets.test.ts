import {mkdtemp, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterAll, beforeAll, expect, test} from 'vitest';
import {fetchSecrets} from '../../src/command/secret/secrets.ts';
import {newEd25519} from '../../src/device/ssh-key/ed25519.ts';
import {privateKeyText, publicLine} from '../../src/device/ssh-key/openssh-key.ts';
import type {HostKeyPin} from '../../src/brand.ts';
import type {Runbook, SecretReference} from '../../src/runbook/runbook.ts';
import {runbook} from '../simulator/runbook.ts';

// The key of the old system opens nothing else: by what the references hold, not by what they are called.

let folder: string;
const [one, other] = [newEd25519(), newEd25519()];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rebuild-secrets-'));
  for (const [name, text] of Object.entries({
    user: 'u',
    password: 'p',
    one: privateKeyText(one, 'one'),
    copy: privateKeyText(one, 'a copy'),
    other: privateKeyText(other, 'other'),
  }))
    await writeFile(join(folder, name), text, {mode: 0o600});
});
afterAll(() => rm(folder, {recursive: true, force: true}));

const login = (name: string) => ({
  address: '192.0.2.1',
  port: 22,
  user: 'root',
  hostKey: 'SHA256:x' as HostKeyPin,
  key: `file:${join(folder, name)}` as SecretReference,
});
const book = (edge: string, vantage: string, keys: readonly string[] = []): Runbook => ({
  ...runbook,
  bmc: {...runbook.bmc, user: `file:${join(folder, 'user')}`, password: `file:${join(folder, 'password')}`},
  edge: {driver: 'nftables', interface: 'host0', ...login(edge)},
  vantages: {outside: login(vantage)},
  suspect: {system: 'linux', ...login('one')},
  access: {authorizedKeys: keys},
});

test.each([
  ['the gateway’s', () => book('copy', 'other'), 'suspect.key is the same key as edge.key'],
  ['a vantage’s', () => book('other', 'copy'), 'suspect.key is the same key as vantages.outside.key'],
  [
    'one that may log in to the new system',
    () => book('other', 'other', [publicLine(one, 'lena')]),
    'suspect.key is the same key as a key of access.keys',
  ],
])('a key that is also %s is refused', async (_, of, says) => {
  expect(await fetchSecrets(of())).toMatchObject({ok: false, fault: {code: 'secret.shared', says}});
});

test('one of its own is taken', async () => {
  expect(await fetchSecrets(book('other', 'other', [publicLine(other, 'lena')]))).toMatchObject({ok: true});
});
