import {mkdtempSync, readFileSync, rmSync, writeFileSync, chmodSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {execa} from 'execa';
import {afterAll, beforeAll, expect, onTestFinished, test} from 'vitest';
import {peopleIn, readSigners, type Signers} from '../../../src/device/signature/signers.ts';
import {sign} from '../../../src/device/signature/sign.ts';
import {verify} from '../../../src/device/signature/verify.ts';
import {namespace} from '../../../src/gate/statement.ts';
import type {Result} from '../../../src/result.ts';

// With the ssh-keygen of this machine: what it accepts is what an approver's does.
const folder = mkdtempSync(join(tmpdir(), 'signature-'));
const path = (name: string): string => join(folder, name);
const text = '{"type":"rebuild-approval"}\n';
const must = <T>(result: Result<T>): T => {
  if (!result.ok) throw new Error(result.fault.says);
  return result.value;
};
const makeKey = (name: string, ...more: string[]) =>
  execa('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', path(name), ...more]);
const publicKey = (name: string): string =>
  readFileSync(path(`${name}.pub`), 'utf8')
    .split(' ')
    .slice(0, 2)
    .join(' ');
const listed = async (...lines: string[]): Promise<Signers> => {
  const file = path(`signers-${Math.random()}`);
  writeFileSync(file, `# who may approve\n\n${lines.join('\n')}\n`);
  return must(await readSigners(file));
};

beforeAll(async () => {
  for (const name of ['lena', 'omar', 'mallory', 'authority']) await makeKey(name);
});
afterAll(() => rmSync(folder, {recursive: true, force: true}));

test('a signature is its signer’s, by the list', async () => {
  const signature = must(await sign(text, path('omar')));
  const signers = await listed(`lena@example.org ${publicKey('lena')}`, `omar@example.org ${publicKey('omar')}`);
  const {stdout} = await execa('ssh-keygen', ['-lf', path('omar.pub')]);
  expect(await verify(text, signature, signers)).toEqual({
    ok: true,
    value: {principal: 'omar@example.org', key: stdout.split(' ')[1]},
  });
  expect(peopleIn(signers)).toBe(2);
});

test('a text that was changed, and a signature of another purpose, do not fit', async () => {
  const signers = await listed(`omar@example.org ${publicKey('omar')}`);
  const signature = must(await sign(text, path('omar')));
  expect(await verify(`${text} `, signature, signers)).toMatchObject({fault: {code: 'gate.signature-bad'}});
  const other = await execa('ssh-keygen', ['-Y', 'sign', '-q', '-n', 'file', '-f', path('omar')], {
    input: text,
    stripFinalNewline: false,
  });
  expect(await verify(text, other.stdout, signers)).toMatchObject({
    fault: {code: 'gate.signature-bad', says: 'the signature was made for another purpose'},
  });
});

const anyone = (line: string) => [`mallory, ${line}`, line] as const;
test.each([
  anyone('not on the list: lena@example.org KEY:lena'),
  anyone('a line for another purpose: mallory@example.org namespaces="file" KEY:mallory'),
  anyone('a line that is no longer valid: mallory@example.org valid-before="20200101" KEY:mallory'),
  anyone('a line that is not valid yet: mallory@example.org valid-after="29990101" KEY:mallory'),
  anyone('a line for several people: mallory@example.org,omar@example.org KEY:mallory'),
  anyone('a line for anybody: * KEY:mallory'),
  anyone('a line for everybody of a domain: *@example.org KEY:mallory'),
])('%s', async (_, line) => {
  const signers = await listed(
    line.slice(line.indexOf(': ') + 2).replace(/KEY:(\w+)/, (__, name: string) => publicKey(name)),
  );
  const signature = must(await sign(text, path('mallory')));
  expect(await verify(text, signature, signers)).toMatchObject({ok: false, fault: {code: 'gate.signer-refused'}});
});

test('a certificate of an authority on the list vouches for the person it names', async () => {
  await makeKey('nils');
  await execa('ssh-keygen', ['-q', '-s', path('authority'), '-I', 'nils', '-n', 'nils@example.org', path('nils.pub')]);
  const signers = await listed(`*@example.org cert-authority,namespaces="${namespace}" ${publicKey('authority')}`);
  const agent = await startAgent(path('nils'));
  const signature = must(await sign(text, path('nils-cert.pub'), agent));
  expect(await verify(text, signature, signers)).toMatchObject({value: {principal: 'nils@example.org'}});
  expect(peopleIn(signers)).toBeUndefined();
});

test('a key that only an agent holds signs, by its public half and, when it is the only one, without being named', async () => {
  await makeKey('held');
  const agent = {...(await startAgent(path('held'))), HOME: path('nowhere')};
  rmSync(path('held'));
  const signers = await listed(`vera@example.org ${publicKey('held')}`);
  for (const key of [path('held.pub'), undefined]) {
    const signature = must(await sign(text, key, agent));
    expect(await verify(text, signature, signers)).toMatchObject({value: {principal: 'vera@example.org'}});
  }
  await execa('ssh-add', ['-q', path('omar')], {env: agent});
  expect(await sign(text, undefined, agent)).toMatchObject({
    fault: {code: 'gate.key-unusable', says: expect.stringContaining('the agent holds 2 keys')},
  });
});

test('without a key that can sign, it says which', async () => {
  const bare = {PATH: process.env['PATH'], HOME: path('nowhere')};
  expect(await sign(text, undefined, bare)).toMatchObject({fault: {code: 'gate.key-unusable'}});
  expect(await sign(text, path('none'), bare)).toMatchObject({fault: {says: `${path('none')}: there is no such file`}});
  writeFileSync(path('public-only.pub'), readFileSync(path('lena.pub')));
  expect(await sign(text, path('public-only.pub'), bare)).toMatchObject({fault: {code: 'gate.key-unusable'}});
});

test('the user’s own key is taken where none is named', async () => {
  const home = path('home');
  await execa('mkdir', ['-p', join(home, '.ssh')]);
  for (const name of ['omar', 'omar.pub'])
    writeFileSync(join(home, '.ssh', name.replace('omar', 'id_ed25519')), readFileSync(path(name)), {mode: 0o600});
  const signature = must(await sign(text, undefined, {PATH: process.env['PATH'], HOME: home}));
  const signers = await listed(`omar@example.org ${publicKey('omar')}`);
  expect(await verify(text, signature, signers)).toMatchObject({value: {principal: 'omar@example.org'}});
});

test('a list that every user may write, or that is not there, is no list', async () => {
  const signers = await listed(`omar@example.org ${publicKey('omar')}`);
  chmodSync(signers.file, 0o666);
  expect(await readSigners(signers.file)).toMatchObject({fault: {code: 'gate.signers-missing'}});
  expect(await readSigners(path('none'))).toMatchObject({fault: {code: 'gate.signers-missing'}});
  expect(await readSigners(folder)).toMatchObject({fault: {code: 'gate.signers-missing'}});
});

async function startAgent(key: string): Promise<NodeJS.ProcessEnv> {
  const {stdout} = await execa('ssh-agent', ['-s', '-a', path(`agent-${Math.random()}`)]);
  const value = (name: string): string => new RegExp(`${name}=([^;]+);`).exec(stdout)?.[1] ?? '';
  onTestFinished(() => void process.kill(Number(value('SSH_AGENT_PID'))));
  const environment = {PATH: process.env['PATH'], SSH_AUTH_SOCK: value('SSH_AUTH_SOCK')};
  await execa('ssh-add', ['-q', key], {env: environment});
  return environment;
}
