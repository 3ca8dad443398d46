import {spawn, type ChildProcess} from 'node:child_process';
import {once} from 'node:events';
import {mkdtemp, rm} from 'node:fs/promises';
import {join} from 'node:path';
import {text} from 'node:stream/consumers';
import {systemClock} from '../../src/clock.ts';
import {openJournalReading} from '../../src/journal/sqlite-reading.ts';
import type {Runbook} from '../../src/runbook/runbook.ts';
import {mortal, type Death} from '../real/kill/death.ts';
import {VirtualClock} from './clock.ts';
import {Killed, Machine} from './machine.ts';
import {serveMachine} from './served-machine.ts';
import {socketVariable} from './wire.ts';

/** A moment in a rebuild: at a commit of the journal, or at an effect on the machine, from 1, on one side of it. */
export type Point =
  | {readonly side: 'before' | 'after'; readonly event: number}
  | {readonly side: 'before' | 'after'; readonly effect: number};

export interface Outcome {
  /** The journal has the run's end. */
  readonly ended: boolean;
  readonly machine: Machine;
  /** What the machine was given, in order. */
  readonly effects: readonly string[];
  readonly sittings: readonly {
    readonly code: number | null;
    readonly said: string;
    readonly lines: readonly string[];
  }[];
}

const project = join(import.meta.dirname, '../..');

/** A rebuild by the real command with the real journal on a simulated machine, killed at the points in turn and resumed. */
export async function rebuildThrough(runbook: Runbook, points: readonly Point[]): Promise<Outcome> {
  const folder = await mkdtemp('/tmp/rebuild-point-');
  const machine = new Machine(runbook, new VirtualClock());
  const effects: string[] = [];
  const sittings: Outcome['sittings'][number][] = [];
  let controller: ChildProcess | undefined;
  let dying: Point | undefined;
  let reached = 0;
  const kill = (): void => {
    controller?.kill('SIGKILL');
  };
  machine.before = (what) => {
    const due = dying && 'effect' in dying && ++reached === dying.effect;
    if (due) kill();
    if (due && dying?.side === 'before') throw new Killed();
    effects.push(what);
  };
  const server = await serveMachine(machine, join(folder, 'machine.sock'), () => controller?.killed !== true);
  try {
    for (const point of [...points, undefined]) {
      dying = point;
      reached = 0;
      const death: Death | undefined =
        point && 'event' in point ? {side: point.side, at: {nth: point.event}} : undefined;
      const {nodeArgs, env} = death ? mortal(death) : {nodeArgs: [], env: {}};
      const where = await standing(folder, runbook);
      // Dead after its last commit: there is nothing left to resume, and `rebuild status` says so.
      if (where === 'ended') break;
      const argv = where === 'open' ? ['resume', 'marruuk'] : ['run', 'marruuk', '--confirm', 'marruuk'];
      controller = spawn(
        process.execPath,
        [
          '--import',
          join(import.meta.dirname, 'preload.ts'),
          ...nodeArgs,
          join(project, 'src/bin.ts'),
          ...argv,
          '--json',
        ],
        {
          cwd: project,
          stdio: ['ignore', 'pipe', 'pipe'],
          env: {...process.env, ...env, REBUILD_HOME: folder, [socketVariable]: join(folder, 'machine.sock')},
        },
      );
      const [out, said, [code]] = await Promise.all([
        text(controller.stdout!),
        text(controller.stderr!),
        once(controller, 'close') as Promise<[number | null]>,
      ]);
      sittings.push({code, said, lines: out.trim().split('\n')});
      if (code !== null) break;
    }
    return {machine, effects, sittings, ended: (await standing(folder, runbook)) === 'ended'};
  } finally {
    server.close();
    await rm(folder, {recursive: true, force: true});
  }
}

/** Where the journal has the run: a controller that dies right after a commit has told nobody of it. */
async function standing(folder: string, {host}: Runbook): Promise<'none' | 'open' | 'ended'> {
  const opened = openJournalReading(join(folder, 'journal.sqlite'), systemClock);
  if (!opened.ok) throw new Error(opened.fault.says);
  const [runs, unfinished] = [await opened.value.runs(host.name), await opened.value.unfinished(host.name)];
  opened.value.close();
  if (!runs.ok || !unfinished.ok) throw new Error('the journal cannot be read');
  if (unfinished.value !== undefined) return 'open';
  return runs.value.length > 0 ? 'ended' : 'none';
}
