import {type ChildProcess, spawn} from 'node:child_process';
import {once} from 'node:events';
import {readFile} from 'node:fs/promises';
import {join} from 'node:path';
import {systemClock} from '../../src/clock.ts';
import {until} from '../../src/pace.ts';
import {searchPath} from '../../src/lab/program.ts';
import {labUp, type Lab} from '../../src/lab/lab.ts';
import type {Runbook} from '../../src/runbook/runbook.ts';
import {labRunbook} from '../lab/lab-runbook.ts';

/** A lab without an old system: blank disks, powered off. */
export async function bareLab(firmware: Runbook['host']['firmware']): Promise<Lab> {
  const up = await labUp(labRunbook(), {
    fresh: true,
    firmware,
    progress: () => {},
    signal: AbortSignal.timeout(120_000),
  });
  if (!up.ok) throw new Error(up.fault.says);
  return up.value;
}

/** Starts a program on the lab's controller. */
export function onController(lab: Lab, argv: readonly string[]): ChildProcess {
  const [program = '', ...rest] = [...lab.on('controller'), ...argv];
  // Not this machine's environment: a certificate bundle or a proxy named there is not the lab's.
  return spawn(program, rest, {stdio: ['pipe', 'pipe', 'inherit'], env: {PATH: searchPath}});
}

/** Serves `iso` from the lab's controller; the URL, and the process to end. */
export async function serve(lab: Lab, iso: string): Promise<{readonly url: string; readonly server: ChildProcess}> {
  const server = onController(lab, [
    process.execPath,
    join(import.meta.dirname, 'serve-iso.ts'),
    lab.blueprint.layout.management.controller,
    iso,
  ]);
  const [line] = (await once(server.stdout ?? server, 'data')) as [Buffer];
  return {url: line.toString().trim(), server};
}

/** Waits until the serial console shows `words`, `times` times. */
export async function consoleShows({folder}: Lab, words: string, times = 1): Promise<boolean> {
  const shown = await until(
    async () => {
      const text = await readFile(folder.serialConsole, 'latin1').catch(() => '');
      return text.split(words).length > times ? true : undefined;
    },
    {everyMs: 100, deadlineMs: 240_000, clock: systemClock, signal: new AbortController().signal},
  );
  return shown.end === 'met';
}
