import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {setTimeout as sleep} from 'node:timers/promises';
import {onTestFinished} from 'vitest';
import {Screen} from './screen.ts';

/** A program on a terminal of its own, as a person at a keyboard has it: util-linux's `script` makes the pty. */
export interface Pty {
  readonly pid: number;
  readonly screen: Screen;
  type(keys: string): void;
  /** Resolves once the screen shows it; fails with what it shows instead. */
  shows(wanted: string | RegExp): Promise<readonly string[]>;
  /** Closes the window. */
  hangUp(): void;
  /** What the program exited with. */
  readonly end: Promise<number | null>;
}

export interface PtyOptions {
  readonly columns?: number;
  readonly rows?: number;
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
}

const patienceMs = 45_000;

/** `command` is a shell's line: `script` takes no other. */
export function onPty(command: string, {columns = 80, rows = 24, cwd, env = process.env}: PtyOptions = {}): Pty {
  const line = `stty cols ${columns} rows ${rows}; exec ${command}`;
  const child = spawn('script', ['-qefc', line, '/dev/null'], {
    ...(cwd === undefined ? {} : {cwd}),
    env: {TERM: 'xterm-256color', ...env, SHELL: '/bin/sh'},
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const screen = new Screen(columns, rows, false);
  const end = once(child, 'exit').then(([code]) => code as number | null);
  child.stdout.on('data', (chunk: Buffer) => screen.write(chunk.toString('latin1')));
  child.stdin.on('error', () => {});
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await end;
  });
  return {
    pid: child.pid ?? 0,
    screen,
    type: (keys) => void child.stdin.write(keys),
    async shows(wanted) {
      const deadline = Date.now() + patienceMs;
      for (;;) {
        const lines = await screen.shows();
        const text = lines.join('\n');
        if (typeof wanted === 'string' ? text.includes(wanted) : wanted.test(text)) return lines;
        if (Date.now() > deadline) throw new Error(`the screen never showed ${wanted}, but:\n${text}`);
        await sleep(50);
      }
    },
    // With the terminal's other end gone, the kernel hangs up on whoever is on it.
    hangUp: () => void child.kill('SIGKILL'),
    end,
  };
}
