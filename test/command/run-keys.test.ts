import {execFileSync} from 'node:child_process';
import {mkdtempSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {inspect} from 'node:util';
import {expect, onTestFinished, test} from 'vitest';
import type {RunId} from '../../src/brand.ts';
import {loadRunKeys, makeRunKeys, type RunKeys} from '../../src/command/sitting/run-keys.ts';
import type {Result} from '../../src/result.ts';

const run = 'marruuk-3' as RunId;
const files = ['controller', 'controller.pub', 'host', 'host.pub', 'light', 'light.pub', 'media.json'];

function freshState(): string {
  const directory = mkdtempSync(join(tmpdir(), 'keys-'));
  onTestFinished(() => rmSync(directory, {recursive: true, force: true}));
  return join(directory, 'state');
}
const keysOf = (state: string): string => join(state, 'runs', run, 'keys');
const reveal = ({controller, light, host, media}: RunKeys): string[] =>
  [controller.privateKey, light.privateKey, host.privateKey, media.token].map((secret) => secret.reveal());
function must<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(`${result.fault.code}: ${result.fault.says}`);
  return result.value;
}

test('a run gets its keys once, and resume finds the same', async () => {
  const state = freshState();
  const made = must(await makeRunKeys(state, run));
  for (const found of [must(await loadRunKeys(state, run)), must(await makeRunKeys(state, run, {mediaPort: 7}))]) {
    expect(found).toEqual(made);
    expect(reveal(found)).toEqual(reveal(made));
  }
  expect(new Set([made.controller.pin, made.light.pin, made.host.pin]).size).toBe(3);
  expect(made.media.port).toBeGreaterThanOrEqual(20_000);
  expect(must(await makeRunKeys(freshState(), run, {mediaPort: 8443})).media.port).toBe(8443);
});

test('damaged keys are not for resume; a new beginning puts them aside', async () => {
  const state = freshState();
  must(await makeRunKeys(state, run));
  writeFileSync(join(keysOf(state), 'light'), 'damaged');
  expect(await loadRunKeys(state, run)).toMatchObject({ok: false, fault: {code: 'run.keys-missing'}});
  const second = must(await makeRunKeys(state, run));
  expect(reveal(must(await loadRunKeys(state, run)))).toEqual(reveal(second));
  const folders = readdirSync(join(state, 'runs', run)).toSorted();
  expect(folders).toEqual(['keys', expect.stringMatching(/^keys\.[0-9a-f]{8}\.old$/)]);
  expect(readFileSync(join(state, 'runs', run, folders[1]!, 'light'), 'utf8')).toBe('damaged');
});

test('the files are what OpenSSH takes, and the operator’s alone', async () => {
  const state = freshState();
  const made = must(await makeRunKeys(state, run));
  const folder = keysOf(state);
  expect(readdirSync(folder).toSorted()).toEqual(files);
  for (const file of files) expect(statSync(join(folder, file)).mode & 0o777).toBe(0o600);
  for (const directory of [folder, join(state, 'runs', run), join(state, 'runs')])
    expect(statSync(directory).mode & 0o777).toBe(0o700);
  for (const name of ['controller', 'light', 'host'] as const) {
    const listed = execFileSync('ssh-keygen', ['-l', '-f', join(folder, name)], {encoding: 'utf8'});
    expect(listed.trim()).toBe(`256 ${made[name].pin} rebuild-${name} (ED25519)`);
    expect(readFileSync(join(folder, `${name}.pub`), 'utf8')).toBe(`${made[name].publicLine}\n`);
    const derived = execFileSync('ssh-keygen', ['-y', '-f', join(folder, name)], {encoding: 'utf8'});
    expect(derived.trim()).toBe(made[name].publicLine);
  }
});

test('private parts do not print', async () => {
  const made = must(await makeRunKeys(freshState(), run));
  for (const text of [inspect(made, {depth: 9}), JSON.stringify(made)]) {
    expect(text).toContain('[secret]');
    for (const secret of reveal(made)) expect(text).not.toContain(secret.split('\n')[1] ?? secret);
  }
});

test.each(files.filter((file) => !file.endsWith('.pub')))('without a whole %s the keys are missing', async (file) => {
  const state = freshState();
  must(await makeRunKeys(state, run));
  const path = join(keysOf(state), file);
  truncateSync(path, statSync(path).size - 3);
  expect(await loadRunKeys(state, run)).toMatchObject({ok: false, fault: {code: 'run.keys-missing'}});
  rmSync(path);
  expect(await loadRunKeys(state, run)).toMatchObject({ok: false, fault: {code: 'run.keys-missing'}});
});

test('a run of another machine has no keys here', async () => {
  expect(await loadRunKeys(freshState(), run)).toMatchObject({ok: false, fault: {code: 'run.keys-missing'}});
});

test('where keys cannot be kept, none are half made', async () => {
  const state = freshState();
  writeFileSync(state, '');
  expect(await makeRunKeys(state, run)).toMatchObject({
    ok: false,
    fault: {code: 'journal.unwritable'},
  });
  expect(await loadRunKeys(state, run)).toMatchObject({ok: false, fault: {code: 'run.keys-missing'}});
});
