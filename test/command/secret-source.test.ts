import {execFile} from 'node:child_process';
import {chmod, mkdir, mkdtemp, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {promisify} from 'node:util';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {fetchSecret} from '../../src/command/secret/source.ts';

let folder: string;
let environment: NodeJS.ProcessEnv;
const file = (name: string): string => join(folder, name);

async function write(name: string, content: string, mode: number): Promise<void> {
  await writeFile(file(name), content);
  await chmod(file(name), mode);
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rebuild-secret-'));
  environment = {PATH: process.env['PATH'], HOME: folder, BMC_PASSWORD: 'correct horse', EMPTY: ''};
  await write('good', 'correct horse\n', 0o600);
  await write('group', 'correct horse', 0o640);
  await write('key', '-----BEGIN-----\nabc\n-----END-----\n', 0o400);
  await write('open', 'correct horse\n', 0o644);
  await write('written', 'correct horse\n', 0o602);
  await write('empty', '\n', 0o600);
  await write('large', 'x'.repeat(70_000), 0o600);
  await write('spaced', '#!/bin/sh\nprintf "%s|" "$@"\n', 0o700);
  await mkdir(file('folder'));
  await promisify(execFile)('mkfifo', [file('pipe')]);
});
afterAll(() => rm(folder, {recursive: true}));

const fetch = async (reference: string): Promise<string> => {
  const got = await fetchSecret(reference as `env:${string}`, environment);
  if (got.ok) expect(`${String(got.value)} ${JSON.stringify(got.value)}`).toBe('[secret] "[secret]"');
  return got.ok ? got.value.reveal() : `${got.fault.code}: ${got.fault.says.replaceAll(folder, '')}`;
};

describe('env:', () => {
  test('is the variable, without a line end', async () => {
    expect(await fetch('env:BMC_PASSWORD')).toBe('correct horse');
  });

  test('is missing where it is not set or empty', async () => {
    expect(await fetch('env:NOPE')).toBe('secret.missing: the environment variable NOPE is not set');
    expect(await fetch('env:EMPTY')).toBe('secret.missing: the environment variable EMPTY is not set');
  });
});

describe('file:', () => {
  test('is the content without the last line end, also below the home folder', async () => {
    expect(await fetch(`file:${file('good')}`)).toBe('correct horse');
    expect(await fetch(`file:${file('group')}`)).toBe('correct horse');
    expect(await fetch('file:~/good')).toBe('correct horse');
    expect(await fetch(`file:${file('key')}`)).toBe('-----BEGIN-----\nabc\n-----END-----');
  });

  test('is refused where every user can read or change it', async () => {
    expect(await fetch(`file:${file('open')}`)).toBe(
      'secret.exposed: /open is open to every user of this machine (mode 0644)',
    );
    expect(await fetch(`file:${file('written')}`)).toMatch(/^secret\.exposed: .*\(mode 0602\)$/);
  });

  test('is missing where it is no small file with something in it, and never waits', async () => {
    await chmod(file('pipe'), 0o600);
    expect(await fetch(`file:${file('none')}`)).toBe('secret.missing: /none cannot be read: ENOENT');
    expect(await fetch(`file:${file('folder')}`)).toBe('secret.missing: /folder is not a regular file');
    expect(await fetch(`file:${file('pipe')}`)).toBe('secret.missing: /pipe is not a regular file');
    expect(await fetch(`file:${file('empty')}`)).toBe('secret.missing: /empty is empty');
    expect(await fetch(`file:${file('large')}`)).toBe('secret.missing: /large is too large to be a secret');
  });
});

describe('command:', () => {
  test('is what the program prints, without the last line end', async () => {
    expect(await fetch('command:printenv BMC_PASSWORD')).toBe('correct horse');
  });

  test('has its arguments split at spaces, and no shell', async () => {
    expect(await fetch(`command:${file('spaced')} a  $HOME ;id "b c"`)).toBe('a|$HOME|;id|"b|c"|');
  });

  test('is missing where the program fails, is none, or prints nothing; its output is not shown', async () => {
    expect(await fetch('command:cat /nope correct-horse')).toBe('secret.missing: cat ended with exit code 1');
    expect(await fetch('command:no-such-program-here')).toBe(
      'secret.missing: no-such-program-here could not be run: ENOENT',
    );
    expect(await fetch('command:true')).toBe('secret.missing: true printed nothing');
    expect(await fetch('command:head -c 70000 /dev/zero')).toBe('secret.missing: head printed more than a secret has');
  });
});
