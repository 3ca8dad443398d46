import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {chmod, readFile, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {afterAll, beforeAll, expect, test} from 'vitest';
import type {Document} from 'yaml';
import {keyFiles} from '../../src/lab/material.ts';
import {exit} from '../../src/exit.ts';
import {
  atDesk,
  logins,
  openDesk,
  openStage,
  record,
  rebuild,
  runbookText,
  says,
  untouched,
  type Desk,
  type Stage,
} from './refusals-stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
}, 1_000_000);
afterAll(() => stage?.end());

const start = ['run', 'marruuk', '--confirm', 'marruuk'];

/** Refused before a run began: nothing was touched, no run is on record, nobody has the host. */
async function refused(desk: Desk, argv: readonly string[] = start, env: NodeJS.ProcessEnv = {}) {
  const outcome = await untouched(stage, () => atDesk(stage, desk, argv, {env}));
  expect(await record(desk, stage)).toEqual({runs: [], events: [], holder: undefined});
  return outcome;
}

test('a runbook with a typo is shown at its place, and no device is asked', async () => {
  const desk = await openDesk(stage);
  const text = (await runbookText(stage))
    .replace('do: disk.wipe', 'do: disk.wip')
    .replace('serial: S3Z8', 'seral: S3Z8');
  await writeFile(desk.runbook, text);
  const {told, requests} = await untouched(stage, () => atDesk(stage, desk, start));
  const place = (line: string, word: string): string => {
    const lines = text.split('\n');
    const index = lines.findIndex((candidate) => candidate.trim().startsWith(line));
    return `${desk.runbook}:${index + 1}:${(lines[index] ?? '').indexOf(word) + 1}`;
  };
  says(
    told,
    exit.usage,
    place('seral: S3Z8', 'seral'),
    'did you mean "serial"',
    place('do: disk.wip', 'disk.wip'),
    'did you mean "disk.wipe"',
    'runbook.invalid',
    'next correct them, then: rebuild check',
  );
  const lines = told.stderr.split('\n');
  const shown = lines.findIndex((line) => line.endsWith('do: disk.wip'));
  const [from, to] = [lines[shown + 1]?.indexOf('^') ?? 0, (lines[shown + 1]?.lastIndexOf('^') ?? 0) + 1];
  expect(lines[shown]?.slice(from, to)).toBe('disk.wip');
  expect(requests).toEqual([]);
});

const inDisks =
  (system: string, worlds: string) =>
  (runbook: Document): void => {
    runbook.setIn(['disks', 'system', 'serial'], system);
    runbook.setIn(['disks', 'worlds', 'serial'], worlds);
  };

test.each([
  {
    name: 'an unknown disk serial',
    change: inDisks('S3Z8NB0K499999', 'S3Z8NB0K498765'),
    code: exit.refused,
    said: [
      'disk.not-found: no disk with serial S3Z8NB0K499999; there is S3Z8NB0K412345, S3Z8NB0K498765',
      'Nothing is erased on a guess',
      'next compare the serial numbers shown with the runbook',
    ],
  },
  {
    name: 'the serial of the disk that is kept, swapped',
    change: inDisks('S3Z8NB0K498765', 'S3Z8NB0K412345'),
    code: exit.refused,
    said: ['disk.size-differs: S3Z8NB0K498765 has', 'next correct the runbook after you have looked at the machine'],
  },
  {
    name: 'the serial of the disk that is kept, twice',
    change: inDisks('S3Z8NB0K498765', 'S3Z8NB0K498765'),
    code: exit.usage,
    said: ['runbook.invalid', 'has the same serial number', 'next correct it, then: rebuild check'],
  },
  {
    name: 'a wipe of the disk that is kept',
    change: (runbook: Document) => runbook.setIn(['steps', 4, 'disks'], ['worlds']),
    code: exit.usage,
    said: ['runbook.invalid', 'marked keep: true, so no step may write to it'],
  },
  {
    name: 'another system serial',
    change: (runbook: Document) => runbook.setIn(['host', 'serial'], 'MRK-2017-0930'),
    code: exit.refused,
    said: [
      'bmc.not-this-machine: the BMC reports system serial MRK-2017-0929, the runbook MRK-2017-0930',
      'next correct bmc.url or host.serial',
    ],
  },
  {
    name: 'another host key of the gateway',
    change: (runbook: Document) => runbook.setIn(['edge', 'hostkey'], `SHA256:${'A'.repeat(43)}`),
    code: exit.refused,
    said: ['ssh.host-key-differs: 10.9.0.1 port 22 shows SHA256:', 'next find out who answers at that address'],
  },
  {
    name: 'a secret that is not there',
    change: (runbook: Document) => runbook.setIn(['bmc', 'password'], 'env:NO_SUCH_PASSWORD'),
    code: exit.usage,
    said: [
      'secret.missing: the environment variable NO_SUCH_PASSWORD is not set',
      'next set it, then repeat the command',
    ],
  },
])('$name', async ({change, code, said}) => {
  const desk = await openDesk(stage, change);
  const {told} = await refused(desk);
  says(told, code, ...said);
});

test('a plan that a fault forbids to run is shown with it, and ends with its exit code', async () => {
  const desk = await openDesk(stage, inDisks('S3Z8NB0K499999', 'S3Z8NB0K498765'));
  const {told} = await refused(desk, ['plan', 'marruuk']);
  says(told, exit.refused, 'disk.not-found', 'S3Z8NB0K499999');
});

test('another BMC certificate than the pinned one: no request is sent, so no credential', async () => {
  const desk = await openDesk(stage, (runbook) => runbook.setIn(['bmc', 'certificate'], `sha256:${'a'.repeat(64)}`));
  const {told, requests} = await refused(desk);
  says(
    told,
    exit.refused,
    `10.9.0.31 shows a certificate that is not the pinned one: SHA-256 ${stage.lab.blueprint.certificate}`,
    'No credential was sent',
    'next compare the fingerprint over a second path before you change bmc.certificate',
  );
  expect(requests).toEqual([]);
});

test('a wrong BMC password is tried once, and shown nowhere', async () => {
  const desk = await openDesk(stage, (runbook) => runbook.setIn(['bmc', 'password'], 'env:BMC_PASSWORD'));
  const {told, requests} = await refused(desk, start, {BMC_PASSWORD: 'not-the-password'});
  says(
    told,
    exit.refused,
    'bmc.credentials-refused',
    'It was tried once',
    'next correct the secret, then: rebuild run marruuk',
  );
  expect(logins(requests)).toEqual([401]);
  expect(told.words).not.toContain('not-the-password');
});

test('a password file that every user can read', async () => {
  const file = join(stage.directory, 'open-password');
  await writeFile(file, await readFile(keyFiles(stage.lab.folder).bmcPassword));
  await chmod(file, 0o644);
  const desk = await openDesk(stage, (runbook) => runbook.setIn(['bmc', 'password'], `file:${file}`));
  const {told, requests} = await refused(desk);
  says(told, exit.refused, 'secret.exposed', `next chmod 600 ${file}`);
  expect(requests).toEqual([]);
});

const off = 'next check the management network, then: rebuild run marruuk';

test.each([
  ['refuses connections', 'https://10.9.0.1', 'bmc.unreachable: 10.9.0.1 did not answer (ECONNREFUSED)'],
  ['is not there', 'https://10.9.0.99', 'bmc.unreachable: 10.9.0.99 did not answer (EHOSTUNREACH)'],
])('a BMC that %s', async (_, url, said) => {
  const desk = await openDesk(stage, (runbook) => runbook.setIn(['bmc', 'url'], url));
  const {told} = await refused(desk);
  says(told, exit.refused, said, off);
});

test('a BMC that takes the connection and says nothing', {timeout: 90_000}, async () => {
  const [program = '', ...prefix] = stage.lab.on('controller');
  const listen = `require('node:net').createServer(() => {}).listen(8443, '10.9.0.2', () => console.log('up'))`;
  const silent = spawn(program, [...prefix, process.execPath, '-e', listen], {stdio: ['ignore', 'pipe', 'inherit']});
  await once(silent.stdout, 'data');
  try {
    const desk = await openDesk(stage, (runbook) => runbook.setIn(['bmc', 'url'], 'https://10.9.0.2:8443'));
    const {told} = await refused(desk);
    says(told, exit.refused, 'bmc.unreachable: 10.9.0.2:8443 did not answer (', off);
  } finally {
    silent.kill();
  }
});

test('no terminal and no --confirm; another name; a step that is not there', async () => {
  const desk = await openDesk(stage);
  const waits = await refused(desk, ['run', 'marruuk']);
  says(
    waits.told,
    exit.waits,
    'confirm.missing: there is no terminal to type the host name at',
    `next rebuild run marruuk --runbook ${desk.runbook} --confirm marruuk`,
  );
  const other = await refused(desk, ['run', 'marruuk', '--confirm', 'marruk']);
  says(other.told, exit.refused, 'confirm.differs: the name given is not marruuk', 'Nothing was touched');
  const step = await refused(desk, [...start, '--until', 'instal']);
  says(
    step.told,
    exit.usage,
    'step.missing: no step is called instal; there is isolate,',
    'next rebuild check marruuk',
  );
});

test('in the lab: the next command says so, and a host that has no runbook is told from one that is misspelt', async () => {
  const call = {home: stage.labHome, env: {REBUILD_INSIDE_LAB: 'marruuk'}};
  const {told} = await untouched(stage, () => rebuild(stage, ['marruuk', '--lab'], call));
  says(told, exit.waits, 'confirm.missing', 'next rebuild run marruuk --lab --confirm marruuk');
  const {told: misspelt} = await untouched(stage, () => rebuild(stage, ['marruk', '--lab'], call));
  says(misspelt, exit.usage, 'runbook.missing', 'did you mean', 'marruuk');
});
