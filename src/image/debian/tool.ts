import {existsSync} from 'node:fs';
import {access, constants} from 'node:fs/promises';
import {delimiter, join} from 'node:path';
import {execa} from 'execa';
import {fault} from '../../fault.ts';
import {failed, ok, type Result} from '../../result.ts';
import {saysFull} from '../room.ts';

/** A program on this machine, or a file by its absolute path, and the Debian package that brings it. */
export interface Tool {
  readonly program: string;
  readonly package: string;
}

export interface ToolRun {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string | Uint8Array;
  /** Ten minutes unless given. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  /** Gets what it says on stderr, as it comes. */
  readonly heard?: (text: string) => void;
}

// Debian gives only root's login shell the sbin directories.
const searchPath = [process.env['PATH'] ?? '/usr/bin:/bin', '/usr/local/sbin', '/usr/sbin', '/sbin'].join(delimiter);

/** The first fault names every missing program at once, with the command that installs what brings them. */
export async function requireTools(tools: readonly Tool[]): Promise<Result<void>> {
  const found = await Promise.all(tools.map(async (tool) => ({tool, there: await isOnPath(tool.program)})));
  const missing = found.filter(({there}) => !there).map(({tool}) => tool);
  if (missing.length === 0) return ok(undefined);
  const packages = [...new Set(missing.map((tool) => tool.package))].sort();
  return failed(
    fault('image.build-failed', `not on this machine: ${missing.map(({program}) => program).join(', ')}`, {
      next: `apt-get install --no-install-recommends ${packages.join(' ')}`,
    }),
  );
}

/** Runs a program to its end and gives its stdout. Any other end than exit 0 is a fault with its last words. */
export async function runTool(argv: readonly string[], run: ToolRun = {}): Promise<Result<string>> {
  const ended = await runToolAloud(argv, run);
  return ended.ok ? ok(ended.value.stdout) : ended;
}

/** The same for a program that ends with 0 whatever happened, and complains on stderr alone. */
export async function runToolAloud(
  argv: readonly string[],
  {cwd, env, input, timeoutMs = 600_000, signal, heard}: ToolRun = {},
): Promise<Result<{readonly stdout: string; readonly stderr: string}>> {
  const [program = '', ...rest] = argv;
  const running = execa(program, rest, {
    reject: false,
    timeout: timeoutMs,
    maxBuffer: 256 * 1024 * 1024,
    // Messages are read by this program, and times written by others end up in images.
    env: {...env, PATH: searchPath, LC_ALL: 'C.UTF-8', TZ: 'UTC'},
    ...(input === undefined ? {stdin: 'ignore' as const} : {input}),
    ...(cwd !== undefined && {cwd}),
    ...(signal && {cancelSignal: signal}),
  });
  if (heard) running.stderr.on('data', (text: Buffer) => heard(text.toString()));
  const ended = await running;
  if (!ended.failed) return ok({stdout: ended.stdout, stderr: ended.stderr});
  const words = (ended.stderr || ended.stdout || ended.originalMessage || '')
    .trim()
    .split(/[\r\n]+/)
    .slice(-3)
    .join(' / ');
  const how = ended.timedOut ? `took longer than ${timeoutMs / 1000} s` : 'failed';
  if (saysFull(ended.stderr)) return failed(fault('image.no-room', `${program}: ${words}`));
  return failed(
    fault('image.build-failed', `${argv.slice(0, 4).join(' ')}: ${how}${words === '' ? '' : `: ${words}`}`),
  );
}

async function isOnPath(program: string): Promise<boolean> {
  if (program.startsWith('/')) return existsSync(program);
  for (const directory of searchPath.split(delimiter)) {
    try {
      await access(join(directory, program), constants.X_OK);
      return true;
    } catch {
      // Not in this directory.
    }
  }
  return false;
}
