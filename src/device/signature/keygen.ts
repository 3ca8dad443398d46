import {mkdtemp, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {execa} from 'execa';

/** How a call of ssh-keygen ended. */
export interface Told {
  readonly code: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs ssh-keygen with `input` as its standard input. What it asks (a passphrase, a touch) it asks at the terminal. */
export async function sshKeygen(
  argv: readonly string[],
  input: string,
  {waitMs, environment = process.env}: {readonly waitMs: number; readonly environment?: NodeJS.ProcessEnv},
): Promise<Told> {
  const done = await execa('ssh-keygen', argv, {
    input,
    env: {...environment, LC_ALL: 'C'},
    extendEnv: false,
    reject: false,
    timeout: waitMs,
    forceKillAfterDelay: 2000,
    maxBuffer: 64 * 1024,
    stripFinalNewline: false,
    // A security key that waits to be touched says so here.
    stderr: process.stderr.isTTY ? ['pipe', 'inherit'] : 'pipe',
  });
  return {code: done.exitCode, stdout: done.stdout, stderr: done.timedOut ? 'it did not end in time' : done.stderr};
}

/** Files that only this user can read, gone when `work` has ended. */
export async function withFiles<T>(
  files: Readonly<Record<string, string>>,
  work: (path: (name: string) => string) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'rebuild-'));
  try {
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text, {mode: 0o600});
    return await work((name) => join(folder, name));
  } finally {
    await rm(folder, {recursive: true, force: true});
  }
}

/** The last line that a program complained with. */
export const complaint = (stderr: string): string => stderr.trim().split('\n').at(-1)?.trim().slice(0, 300) ?? '';
