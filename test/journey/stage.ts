import {spawn} from 'node:child_process';
import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {execa} from 'execa';
import {expect, inject, onTestFinished} from 'vitest';
import {systemClock} from '../../src/clock.ts';
import {loadRunbook} from '../../src/command/runbook-file.ts';
import type {Journal} from '../../src/journal/journal.ts';
import {openJournal} from '../../src/journal/sqlite.ts';
import {kinds} from '../../src/step/registry.ts';
import {Machine} from '../simulator/machine.ts';
import {serveMachine} from '../simulator/served-machine.ts';
import {socketVariable} from '../simulator/wire.ts';
import {listen, type Begun, type Told} from '../listen.ts';

const project = join(import.meta.dirname, '../..');

export interface Stage {
  readonly folder: string;
  readonly runbook: string;
  readonly machine: Machine;
  /** The private key of a person; their line is on the list of signers where they are among the `people` of the stage. */
  readonly key: (person: string) => string;
  /** Types a command at a controller whose state is in `home`. */
  readonly rebuild: (home: string, argv: readonly string[], more?: Call) => Promise<Told>;
  readonly begin: (home: string, argv: readonly string[], more?: Call) => Begun;
  readonly path: (name: string) => string;
  /** The same command for a terminal: a shell's line, and its environment. */
  readonly onTerminal: (home: string, argv: readonly string[], more?: Call) => {line: string; env: NodeJS.ProcessEnv};
  /** The journal of a controller, past the command. */
  readonly journal: (home: string) => Journal;
}

export interface Call {
  readonly env?: NodeJS.ProcessEnv;
  /** The runbook is given by its file; commands about a plan or a file take none. */
  readonly bare?: boolean;
}

/**
 * The program in processes of its own, working on a simulated machine in this one. `gate` is a line of the runbook, which `edit` changes further; `people` have keys that may sign.
 */
export async function openStage({
  gate,
  edit = (text) => text,
  people = ['lena', 'omar', 'vera'],
  answering,
}: {
  readonly gate?: string;
  readonly edit?: (runbook: string) => string;
  readonly people?: readonly string[];
  readonly answering?: () => boolean;
} = {}): Promise<Stage> {
  const folder = mkdtempSync(join(tmpdir(), 'journey-'));
  onTestFinished(() => rmSync(folder, {recursive: true, force: true}));
  const path = (name: string): string => join(folder, name);
  const example = readFileSync(join(project, 'runbooks/marruuk.yaml'), 'utf8');
  const runbook = path('marruuk.yaml');
  writeFileSync(runbook, edit(gate === undefined ? example : example.replace(/^# gate: .*$/m, gate)));
  for (const person of [...people, 'mallory'])
    await execa('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', person, '-f', path(person)]);
  const line = (person: string): string =>
    `${person}@example.org namespaces="rebuild-approval" ${readFileSync(path(`${person}.pub`), 'utf8')}`;
  writeFileSync(path('allowed_signers'), people.map(line).join(''));

  const loaded = await loadRunbook(runbook, {cwd: folder, folders: []}, kinds);
  if (!loaded.ok) throw new Error(loaded.fault.says);
  const machine = new Machine(loaded.runbook, systemClock);
  const server = await serveMachine(machine, path('machine.sock'), answering);
  onTestFinished(() => void server.close());

  const {nodeArgs, env: ofProgram} = inject('simulated');
  const program = (argv: readonly string[], {bare = false}: Call): readonly string[] => [
    ...nodeArgs,
    ...argv,
    ...(bare ? [] : ['--runbook', runbook]),
  ];
  const environment = (home: string, {env = {}}: Call): NodeJS.ProcessEnv => ({
    PATH: process.env['PATH'],
    HOME: folder,
    REBUILD_HOME: path(home),
    REBUILD_CACHE: path('cache'),
    [socketVariable]: path('machine.sock'),
    ...ofProgram,
    ...env,
  });

  const begin = (home: string, argv: readonly string[], call: Call = {}): Begun => {
    const child = spawn(process.execPath, program(argv, call), {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: environment(home, call),
    });
    return listen(child);
  };
  return {
    folder,
    runbook,
    machine,
    path,
    key: path,
    begin,
    rebuild: (home, argv, more) => begin(home, argv, more).end,
    onTerminal: (home, argv, more = {}) => ({
      line: [process.execPath, ...program(argv, more)].map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' '),
      env: environment(home, more),
    }),
    journal: (home) => {
      const opened = openJournal(join(path(home), 'journal.sqlite'), systemClock);
      if (!opened.ok) throw new Error(opened.fault.says);
      onTestFinished(() => opened.value.close());
      return opened.value;
    },
  };
}

/** What was said, and the exit code. */
export function says({words, code}: Told, expected: number, ...said: readonly string[]): void {
  for (const part of said) expect(words).toContain(part);
  expect(code, words).toBe(expected);
}

/** Everything a command could have changed: the machine, and what is on record. */
export async function trace({machine, journal}: Stage, home: string) {
  const kept = journal(home);
  const runs = await kept.runs();
  const histories = await Promise.all((runs.ok ? runs.value : []).map((run) => kept.read(run)));
  return {
    machine: machine.end(),
    counts: structuredClone(machine.counts),
    entries: histories.map((history) => (history.ok ? history.value.map(({hash}) => hash) : history.fault.code)),
  };
}
