import {spawn} from 'node:child_process';
import {join} from 'node:path';
import {expect} from 'vitest';
import {listen, type Begun, type Told} from '../listen.ts';

const program = join(import.meta.dirname, '../../src/bin.ts');

/** A person at a machine: where they stand, whose state is theirs, and the name that the record gets. */
export interface Person {
  readonly name: string;
  readonly folder: string;
  readonly home: string;
  readonly env?: NodeJS.ProcessEnv;
}

/** Begins what a person types after the prompt, `rebuild resume marruuk --lab`, without a terminal. */
export function begin({name, folder, home, env}: Person, line: string): Begun {
  const [command, ...argv] = line.split(' ');
  if (command !== 'rebuild') throw new Error(`nobody types that here: ${line}`);
  const child = spawn(process.execPath, [program, ...argv], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {...process.env, REBUILD_HOME: home, SUDO_USER: name, ...env},
  });
  return listen(child);
}

export const type = (person: Person, line: string): Promise<Told> => begin(person, line).end;

/** What was said, and the exit code. */
export function says({words, code}: Told, expected: number, ...said: readonly string[]): void {
  for (const part of said) expect(words).toContain(part);
  expect(code, words).toBe(expected);
}

/** The commands that the result says to type next: lines of their own, four columns in. */
export const printed = ({stdout}: Told): readonly string[] =>
  stdout.split('\n').flatMap((line) => /^ {4}(rebuild .*)$/.exec(line)?.[1] ?? []);

/** The last of them. */
export function next(told: Told): string {
  const last = printed(told).at(-1);
  if (last === undefined) throw new Error(`no next command was printed:\n${told.stdout}${told.stderr}`);
  return last;
}
