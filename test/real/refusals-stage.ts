import {spawn} from 'node:child_process';
import {mkdir, mkdtemp, readFile, rm, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {expect} from 'vitest';
import {type Document, parseDocument} from 'yaml';
import {systemClock} from '../../src/clock.ts';
import {prepareImages} from '../../src/command/lab/images.ts';
import {loadRunbook, runbookPlaces} from '../../src/command/runbook-file.ts';
import type {Event} from '../../src/engine/event.ts';
import {openJournal} from '../../src/journal/sqlite.ts';
import {takeDown} from '../../src/lab/down.ts';
import {labOverlay, labUp, type Lab} from '../../src/lab/lab.ts';
import {runProgram} from '../../src/lab/program.ts';
import type {Runbook, SshSpec} from '../../src/runbook/runbook.ts';
import {kinds} from '../../src/step/registry.ts';
import {listen, type Begun, type Told} from '../listen.ts';

const project = join(import.meta.dirname, '../..');
const example = join(project, 'runbooks/marruuk.yaml');

/** The lab of runbooks/marruuk.yaml without an old system, and that runbook with the lab's devices in it. */
export interface Stage {
  readonly lab: Lab;
  readonly directory: string;
  /** $REBUILD_HOME of the lab itself. */
  readonly labHome: string;
  end(): Promise<void>;
}

export async function openStage(): Promise<Stage> {
  // The path of the lab's socket must fit sun_path.
  const directory = await mkdtemp('/tmp/rebuild-no-');
  const labHome = join(directory, 'lab');
  process.env['REBUILD_HOME'] = labHome;
  const patient = AbortSignal.timeout(900_000);
  const images = await prepareImages(() => {}, patient);
  if (!images.ok) throw new Error(images.fault.says);
  const loaded = await loadRunbook(example, runbookPlaces(), kinds);
  if (!loaded.ok) throw new Error(loaded.fault.says);
  const up = await labUp(loaded.runbook, {fresh: true, progress: () => {}, signal: patient});
  if (!up.ok) throw new Error(up.fault.says);
  const lab = up.value;
  return {
    lab,
    directory,
    labHome,
    end: async () => {
      await takeDown(lab.host);
      await rm(directory, {recursive: true, force: true});
    },
  };
}

const ssh = ({address, port, user, hostKey, key}: SshSpec) => ({address, port, user, hostkey: hostKey, key});

/** The example's own text with the lab's devices in it, as an operator would have written it; then changed. */
export async function runbookText({lab}: Stage, change: (runbook: Document) => void = () => {}): Promise<string> {
  const document = parseDocument(await readFile(example, 'utf8'));
  const loaded = await loadRunbook(example, runbookPlaces(), kinds);
  if (!loaded.ok) throw new Error(loaded.fault.says);
  const own: Runbook = labOverlay(loaded.runbook, lab);
  const {certificate, ...bmc} = own.bmc;
  document.set('controller', document.createNode(own.controller));
  document.set('bmc', document.createNode({...bmc, certificate: `sha256:${certificate}`}));
  if (own.edge.driver !== 'nftables') throw new Error('the lab’s edge is no machine that a runbook could name');
  document.set('edge', document.createNode({driver: own.edge.driver, ...ssh(own.edge), interface: own.edge.interface}));
  document.set(
    'vantages',
    document.createNode(Object.fromEntries(Object.entries(own.vantages).map(([name, spec]) => [name, ssh(spec)]))),
  );
  for (const {name, sizeBytes} of Object.values(own.disks)) document.setIn(['disks', name, 'size'], `${sizeBytes}B`);
  change(document);
  return document.toString();
}

/** An operator's own $REBUILD_HOME with a runbook in it. */
export interface Desk {
  readonly home: string;
  readonly runbook: string;
}

let desks = 0;

export async function openDesk(stage: Stage, change?: (runbook: Document) => void): Promise<Desk> {
  const home = join(stage.directory, `desk-${++desks}`);
  await mkdir(home, {mode: 0o700});
  return {home, runbook: await writeRunbook(stage, join(stage.directory, `desk-${desks}.yaml`), change)};
}

export async function writeRunbook(stage: Stage, file: string, change?: (runbook: Document) => void): Promise<string> {
  await writeFile(file, await runbookText(stage, change));
  return file;
}

export interface Call {
  readonly home: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Where it is typed: on the lab's controller, or on the machine that has the lab. */
  readonly at?: 'controller' | 'home';
}

/** Starts the real command as an operator without a terminal does. */
export function begin({lab}: Stage, argv: readonly string[], {home, env, at = 'controller'}: Call): Begun {
  const [program = '', ...rest] = [
    ...(at === 'controller' ? lab.on('controller') : []),
    process.execPath,
    join(project, 'src/bin.ts'),
    ...argv,
  ];
  const child = spawn(program, rest, {
    cwd: project,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {...process.env, REBUILD_HOME: home, ...env},
  });
  return listen(child);
}

export const rebuild = (stage: Stage, argv: readonly string[], call: Call): Promise<Told> =>
  begin(stage, argv, call).end;

export const atDesk = (stage: Stage, {home, runbook}: Desk, argv: readonly string[], call: Partial<Call> = {}) =>
  rebuild(stage, [...argv, '--runbook', runbook], {home, ...call});

/** The lab's own account of what was done to the machine and to the gateway, and what the BMC was asked. */
export interface Traces {
  readonly effects: {readonly inserts: number; readonly ejects: number; readonly resets: number};
  readonly power: 'on' | 'off';
  readonly ruleset: string;
  readonly requests: readonly {readonly method: string; readonly path: string; readonly status: number}[];
}

export async function traces({lab}: Stage): Promise<Traces> {
  const status = await lab.control.status();
  if (!status.ok) throw new Error(status.fault.says);
  const ruleset = await runProgram([...lab.on('gateway'), 'nft', '-s', 'list', 'ruleset']);
  if (!ruleset.ok) throw new Error(ruleset.fault.says);
  const log = await readFile(lab.folder.accessLog, 'utf8').catch(() => '');
  const {effects, power} = status.value;
  const requests = log
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Traces['requests'][number]);
  return {effects, power, ruleset: ruleset.value, requests};
}

/** What a deed asked of the BMC and left behind, after proving that it changed nothing and left no session open. */
export async function untouched<T>(
  stage: Stage,
  deed: () => Promise<T>,
): Promise<{readonly told: T; readonly requests: Traces['requests']}> {
  const before = await traces(stage);
  const told = await deed();
  const after = await traces(stage);
  const requests = after.requests.slice(before.requests.length);
  expect({...after, requests: []}).toEqual({...before, requests: []});
  expect(requests.filter(({method, path}) => method !== 'GET' && !path.startsWith(sessions))).toEqual([]);
  const opened = requests.filter(({method, status}) => method === 'POST' && status === 201);
  expect(requests.filter(({method, status}) => method === 'DELETE' && status === 204)).toHaveLength(opened.length);
  return {told, requests};
}

const sessions = '/redfish/v1/SessionService/Sessions';

export const logins = (requests: Traces['requests']): readonly number[] =>
  requests.filter(({method, path}) => method === 'POST' && path === sessions).map(({status}) => status);

/** The host's runs on record and who has it, read past the command. */
export async function record({home}: Pick<Desk, 'home'>, {lab}: Stage) {
  const opened = openJournal(join(home, 'journal.sqlite'), systemClock);
  if (!opened.ok) throw new Error(opened.fault.says);
  const journal = opened.value;
  try {
    const [runs, holder] = [await journal.runs(lab.host), await journal.holder(lab.host)];
    if (!runs.ok || !holder.ok) throw new Error('the journal cannot be read');
    const events: Event[] = [];
    for (const run of runs.value) {
      const [stored, chain] = [await journal.read(run), await journal.verify(run)];
      if (!stored.ok || !chain.ok || !chain.value.holds) throw new Error(`${run} cannot be read`);
      events.push(...stored.value.map(({event}) => event));
    }
    return {runs: runs.value, events, holder: holder.value};
  } finally {
    journal.close();
  }
}

/** What was said, and the exit code. */
export function says({words, code}: Told, expected: number, ...said: readonly string[]): void {
  for (const part of said) expect(words).toContain(part);
  expect(code).toBe(expected);
}
