import {spawn} from 'node:child_process';
import {closeSync, openSync} from 'node:fs';
import {readFile} from 'node:fs/promises';
import {join} from 'node:path';
import {systemClock} from '../../clock.ts';
import {fault} from '../../fault.ts';
import {until} from '../../pace.ts';
import {failed, ok, type Result} from '../../result.ts';
import type {LabFolder} from '../folder.ts';
import type {LabNetwork} from '../network/network.ts';
import {searchPath} from '../program.ts';
import {labControl, type LabControl} from './control-client.ts';

// Beside this file in whichever form it runs, TypeScript or compiled.
const program = join(import.meta.dirname, `main${import.meta.filename.endsWith('.ts') ? '.ts' : '.js'}`);
const upMs = 30_000;

/** Starts the keeper detached from this process and waits until it answers. */
export async function startKeeper(
  folder: LabFolder,
  network: LabNetwork,
  signal: AbortSignal,
): Promise<Result<LabControl>> {
  const [first, ...rest] = [...network.on('metal'), process.execPath, program, folder.directory];
  const output = openSync(folder.keeperLog, 'a', 0o600);
  const child = spawn(first, rest, {
    detached: true,
    stdio: ['ignore', output, output],
    cwd: '/',
    env: {PATH: searchPath, LC_ALL: 'C.UTF-8'},
  });
  closeSync(output);
  let ended = false;
  child.once('exit', () => (ended = true));
  child.once('error', () => (ended = true));
  const control = labControl(folder.control);
  const answered = await until(
    async () => {
      const status = await control.status();
      return status.ok || ended ? status : undefined;
    },
    {everyMs: 50, deadlineMs: upMs, clock: systemClock, signal},
  );
  child.unref();
  if (answered.end === 'met' && answered.value.ok) return ok(control);
  if (!ended) child.kill('SIGKILL');
  const words = (await readFile(folder.keeperLog, 'utf8').catch(() => '')).trim().split('\n').slice(-3).join(' / ');
  return failed(fault('lab.failed', `the lab's keeper did not come up: ${words}`));
}
