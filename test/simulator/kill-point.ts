import {spawn, type ChildProcess} from 'node:child_process';
import {once} from 'node:events';
import {mkdtemp, rm} from 'node:fs/promises';
import {join} from 'node:path';
import {createInterface} from 'node:readline';
import {text} from 'node:stream/consumers';
import {inject} from 'vitest';
import type {Event} from '../../src/engine/event.ts';
import type {Runbook} from '../../src/runbook/runbook.ts';
import {mortal} from '../real/kill/death.ts';
import {speedVariable, VirtualClock} from './clock.ts';
import {Killed, Machine} from './machine.ts';
import {deathAt, type Point} from './point.ts';
import {onRecord, standing, stepOnRecord} from './record.ts';
import {serveMachine} from './served-machine.ts';
import {SlowMachine} from './slow-machine.ts';
import {socketVariable} from './wire.ts';

/** One process of the controller. */
export interface Sitting {
  readonly code: number | null;
  readonly said: string;
  readonly lines: readonly string[];
  /** Effects that were under way when it was killed. */
  readonly amid: readonly string[];
}

/** Something that reached the machine, and in which step. */
export interface Reached {
  readonly what: string;
  readonly step: string;
}

export interface Outcome {
  readonly machine: Machine;
  readonly effects: readonly Reached[];
  readonly events: readonly Event[];
  readonly sittings: readonly Sitting[];
  /** Points whose moment never came: the sitting ended by itself. */
  readonly missed: readonly Point[];
}

/** Of the image: more of them are more of the same points. */
const chunks = 5;
/** The controller's clock runs so many times as fast as the wall's where effects last. */
const speed = 20;
const project = join(import.meta.dirname, '../..');

/**
 * A rebuild by the real command with the real journal on a simulated machine, killed at the points in turn and resumed.
 * `slow`: on one whose effects last.
 */
export async function rebuildThrough(runbook: Runbook, points: readonly Point[], slow = false): Promise<Outcome> {
  // In RAM: a SIGKILL loses nothing that was written, and a disk's flushes would only cost time.
  const folder = await mkdtemp('/dev/shm/rebuild-point-');
  const machine = new (slow ? SlowMachine : Machine)(runbook, new VirtualClock(), chunks);
  const socket = join(folder, 'machine.sock');
  const effects: Reached[] = [];
  const sittings: Sitting[] = [];
  const missed: Point[] = [];
  let controller: ChildProcess | undefined;
  let dying: Point | undefined;
  let reached = 0;
  let amid: readonly string[] = [];
  const kill = (): void => {
    if (machine instanceof SlowMachine) {
      amid = [...machine.underWay];
      machine.controller = undefined;
    }
    controller?.kill('SIGKILL');
  };
  machine.before = (what) => {
    const step = stepOnRecord(folder);
    const point = dying?.is === 'effect' && dying.what === what && dying.step === step ? dying : undefined;
    const due = point !== undefined && ++reached === point.nth;
    if (due) kill();
    if (due && point.side === 'before') throw new Killed();
    effects.push({what, step});
  };

  const sit = async (argv: readonly string[], point: Point | undefined): Promise<void> => {
    const death = point && deathAt(point);
    const {nodeArgs, env} = death ? mortal(death) : {nodeArgs: [], env: {}};
    const program = inject('simulated');
    [dying, reached, amid] = [point, 0, []];
    if (machine instanceof SlowMachine) machine.controller = sittings.length;
    controller = spawn(process.execPath, [...nodeArgs, ...program.nodeArgs, ...argv, '--json'], {
      cwd: project,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...process.env,
        ...program.env,
        ...env,
        ...(slow && {[speedVariable]: String(speed)}),
        REBUILD_HOME: folder,
        [socketVariable]: socket,
      },
    });
    const lines: string[] = [];
    let timer: NodeJS.Timeout | undefined;
    createInterface({input: controller.stdout!}).on('line', (line) => {
      lines.push(line);
      const {type, step} = JSON.parse(line) as {readonly type: string; readonly step?: string};
      if (point?.is === 'time' && type === 'step.started' && step === point.step)
        timer = setTimeout(kill, point.afterMs);
    });
    const [said, [code]] = await Promise.all([
      text(controller.stderr!),
      once(controller, 'close') as Promise<[number | null]>,
    ]);
    clearTimeout(timer);
    if (machine instanceof SlowMachine) machine.controller = undefined;
    sittings.push({code, said, lines, amid});
    if (point && code !== null) missed.push(point);
  };

  const server = await serveMachine(machine, socket, () => controller?.killed !== true);
  try {
    for (const point of [...points, undefined]) {
      const where = await standing(folder, runbook);
      // Dead after its last commit: there is nothing left to resume, and `rebuild status` says so.
      if (where === 'ended') {
        if (point) missed.push(point);
        continue;
      }
      await sit(where === 'open' ? ['resume', 'marruuk'] : ['run', 'marruuk', '--confirm', 'marruuk'], point);
      const {code} = sittings.at(-1)!;
      if (code !== null && code !== 0) break;
    }
    return {machine, effects, events: await onRecord(folder, runbook), sittings, missed};
  } finally {
    server.close();
    await rm(folder, {recursive: true, force: true});
  }
}
