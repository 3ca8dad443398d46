import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {chmod, cp, mkdtemp, rm, stat} from 'node:fs/promises';
import {join} from 'node:path';
import {createInterface} from 'node:readline';
import {afterAll, beforeAll, expect, test} from 'vitest';
import {hostName} from '../../src/brand.ts';
import {prepareImages} from '../../src/command/lab/images.ts';
import {home} from '../../src/home.ts';
import {labAttach, type Lab} from '../../src/lab/lab.ts';
import {runProgram} from '../../src/lab/program.ts';
import type {LabStatus} from '../../src/lab/keeper/protocol.ts';
import {eventsOf, summaryOf, type Line} from './controller.ts';

// The command of README as somebody who may do nothing: no root, no namespace, no interface, no port below 1024.

const marruuk = hostName('marruuk')!;
// Debian's nobody and nogroup.
const nobody = 65_534;
const bin = join(import.meta.dirname, '../../src/bin.ts');
let root: string;

const asNobody = ['setpriv', '--reuid', `${nobody}`, '--regid', `${nobody}`, '--clear-groups', '--inh-caps=-all'];
const environment = () => ({
  HOME: root,
  REBUILD_HOME: join(root, 'state'),
  REBUILD_CACHE: join(root, 'cache'),
  PATH: '/usr/bin:/bin',
});

beforeAll(async () => {
  // A short path: the lab's sockets live below it.
  root = await mkdtemp('/tmp/rebuild-user-');
  await chmod(root, 0o755);
  const made = await prepareImages(() => {}, AbortSignal.timeout(800_000));
  if (!made.ok) throw new Error(made.fault.says);
  const {cache} = home();
  await cp(cache, join(root, 'cache'), {recursive: true});
  const given = await runProgram(['chown', '-R', `${nobody}:${nobody}`, root]);
  if (!given.ok) throw new Error(given.fault.says);
});
afterAll(async () => {
  await ended(['lab', 'down', 'marruuk']);
  await rm(root, {recursive: true, force: true});
});

async function ended(argv: readonly string[]) {
  const [program = '', ...before] = asNobody;
  const controller = spawn(program, [...before, process.execPath, bin, ...argv, '--json'], {
    env: environment(),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: Line[] = [];
  let said = '';
  controller.stderr.on('data', (data: Buffer) => (said += data.toString()));
  createInterface({input: controller.stdout}).on('line', (text) => lines.push(JSON.parse(text) as Line));
  const [code, signal] = (await once(controller, 'close')) as [number | null, NodeJS.Signals | null];
  return {code, signal, lines, said};
}

async function lab(): Promise<{readonly lab: Lab; readonly status: LabStatus}> {
  process.env['REBUILD_HOME'] = environment().REBUILD_HOME;
  const attached = await labAttach(marruuk);
  if (!attached.ok) throw new Error(attached.fault.says);
  const status = await attached.value.control.status();
  if (!status.ok) throw new Error(status.fault.says);
  return {lab: attached.value, status: status.value};
}

test('an ordinary user rebuilds the lab’s machine, and its port is isolated from outside', async () => {
  const run = await ended(['run', 'marruuk', '--lab', '--firmware', 'bios', '--confirm', 'marruuk']);
  expect(run.code, run.said).toBe(0);
  const summary = summaryOf(run);
  expect(summary).toMatchObject({type: 'run.summary', host: 'marruuk', result: 'done', lab: true});
  const proof = (id: string) => summary.steps.find((step) => step.id === id)?.proof;
  expect(proof('isolate')).toMatchObject({says: 'closed when tried from neighbour'});
  expect(proof('verify')?.says).toBe('new key from 2 vantages; only tcp/22 open');
  expect(eventsOf(run, 'effect.sent')).toHaveLength(1);

  const {lab: up, status} = await lab();
  expect(up.blueprint.userspace).toBeDefined();
  expect(status).toMatchObject({starts: 3, effects: {inserts: 1}});
  expect(await up.keptDisks()).toEqual({worlds: 'untouched'});
  // The old system's beacon got out until it was isolated; its worm found no neighbour.
  expect(status.contacts['198.51.100.10:80']?.['203.0.113.20']).toBeGreaterThan(0);
  expect((await stat(`/proc/${status.pid}`)).uid).toBe(nobody);
});
