import type {ChildProcessByStdio} from 'node:child_process';
import {once} from 'node:events';
import type {Readable} from 'node:stream';

/** What a program said, and how it ended. */
export interface Told {
  /** Null where a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Everything that was said, its line breaks and indentation as single spaces. */
  readonly words: string;
}

/** A program that was started. */
export interface Begun {
  readonly pid: number;
  readonly end: Promise<Told>;
  /** Resolves once one of its streams has the words. */
  heard(words: string, on?: 'stdout' | 'stderr'): Promise<void>;
  signal(name: NodeJS.Signals): void;
}

/** Keeps all that a program says. */
export function listen(child: ChildProcessByStdio<null, Readable, Readable>): Begun {
  const said = {stdout: '', stderr: ''};
  for (const on of ['stdout', 'stderr'] as const)
    child[on].setEncoding('utf8').on('data', (text: string) => (said[on] += text));
  const end = once(child, 'close').then(([code]: (number | null)[]) => ({
    code: code ?? null,
    ...said,
    words: `${said.stdout} ${said.stderr}`.replaceAll(/\s+/g, ' '),
  }));
  return {
    pid: child.pid ?? 0,
    end,
    async heard(words, on = 'stderr') {
      while (!said[on].includes(words)) {
        await Promise.race([once(child[on], 'data'), end]);
        if (child.exitCode !== null && !said[on].includes(words))
          throw new Error(`it ended without it: ${said.stderr}`);
      }
    },
    signal: (name) => void child.kill(name),
  };
}
