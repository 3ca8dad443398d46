import {mkdtemp, readFile, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {execa} from 'execa';
import {afterAll, beforeAll, expect, test} from 'vitest';
import {alsoOpens} from '../../../src/device/ssh/shared-key.ts';
import {Secret} from '../../../src/secret.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rebuild-keys-'));
});
afterAll(() => rm(folder, {recursive: true, force: true}));

async function keygen(name: string, ...kind: readonly string[]): Promise<{key: Secret; line: string}> {
  const file = join(folder, name);
  await execa('ssh-keygen', ['-q', '-N', '', '-C', name, '-f', file, ...kind]);
  return {key: new Secret(await readFile(file, 'utf8')), line: (await readFile(`${file}.pub`, 'utf8')).trim()};
}

test.each([['ed25519'], ['rsa'], ['ecdsa']])('a key is the same whatever it is written like: %s', async (kind) => {
  const own = await keygen(`own-${kind}`, '-t', kind);
  const other = await keygen(`other-${kind}`, '-t', kind);
  const [name, base64] = own.line.split(' ');
  expect(
    alsoOpens(own.key, [
      {what: 'the gateway', key: new Secret(`${own.key.reveal()}\n`)},
      {what: 'a vantage', key: other.key},
      {what: 'the new system', key: `${name} ${base64} another comment`},
      {what: 'a colleague', key: other.line},
    ]),
  ).toEqual(['the gateway', 'the new system']);
});

test('what is no key is the same as nothing', () => {
  const none = new Secret('none');
  expect(alsoOpens(none, [{what: 'the gateway', key: none}])).toEqual([]);
});
