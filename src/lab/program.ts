import {execa} from 'execa';
import {fault} from '../fault.ts';
import {failed, ok, type Result} from '../result.ts';

export interface ProgramRun {
  readonly input?: string;
  /** 30 s unless given. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

// Debian gives only root's login shell the sbin directories.
export const searchPath = [process.env['PATH'] ?? '/usr/bin:/bin', '/usr/local/sbin', '/usr/sbin', '/sbin'].join(':');

/** Runs a local program to its end and gives its stdout. Any other end than exit 0 is a fault with its last words. */
export async function runProgram(
  argv: readonly string[],
  {input, timeoutMs = 30_000, signal, cwd, env}: ProgramRun = {},
): Promise<Result<string>> {
  const [program = '', ...rest] = argv;
  const ended = await execa(program, rest, {
    reject: false,
    timeout: timeoutMs,
    stripFinalNewline: true,
    env: {...env, PATH: searchPath, LC_ALL: 'C.UTF-8'},
    ...(input === undefined ? {stdin: 'ignore' as const} : {input}),
    ...(signal && {cancelSignal: signal}),
    ...(cwd !== undefined && {cwd}),
  });
  if (!ended.failed) return ok(ended.stdout);
  const words = (ended.stderr || ended.stdout || ended.originalMessage || '').trim().split('\n').slice(-3).join(' / ');
  const how = ended.timedOut ? `took longer than ${timeoutMs / 1000} s` : `failed`;
  return failed(fault('lab.failed', `${argv.slice(0, 6).join(' ')}: ${how}${words === '' ? '' : `: ${words}`}`));
}

/** Runs them in order and stops at the first that fails. */
export async function runAll(commands: readonly (readonly string[])[], how: ProgramRun = {}): Promise<Result<void>> {
  for (const argv of commands) {
    const done = await runProgram(argv, how);
    if (!done.ok) return done;
  }
  return ok(undefined);
}
