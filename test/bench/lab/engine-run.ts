import {spawn, type ChildProcess} from 'node:child_process';
import {once} from 'node:events';
import {createInterface} from 'node:readline';
import type {Line} from '../../real/controller.ts';
import type {BlankLab} from './blank-lab.ts';

export interface Sitting {
  readonly seconds: number;
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Each with the seconds from the process's start at which it was read. */
  readonly lines: readonly {readonly at: number; readonly line: Line}[];
  readonly said: string;
}

/** One sitting of the built program at the lab's host. `on` sees each line as it comes. */
export async function sit(
  {at, environment}: BlankLab,
  program: string,
  words: readonly string[],
  {
    nodeOptions = [],
    on = () => {},
  }: {nodeOptions?: readonly string[]; on?: (line: Line, child: ChildProcess) => void} = {},
): Promise<Sitting> {
  const [first, ...rest] = at([process.execPath, ...nodeOptions, program, ...words, '--lab', '--json']);
  const begun = performance.now();
  const since = (): number => (performance.now() - begun) / 1000;
  const child = spawn(first, rest, {env: {...process.env, ...environment}, stdio: ['ignore', 'pipe', 'pipe']});
  const lines: {at: number; line: Line}[] = [];
  let said = '';
  child.stderr.on('data', (data: Buffer) => (said += data.toString()));
  createInterface({input: child.stdout}).on('line', (text) => {
    const line = JSON.parse(text) as Line;
    lines.push({at: since(), line});
    on(line, child);
  });
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  return {seconds: since(), code, signal, lines, said};
}

/** Kills the program, not the wrapper that put it on the lab's controller: nsenter(1) becomes what it starts. */
export const kill = (child: ChildProcess): boolean => child.kill('SIGKILL');

/** Seconds between two lines of one sitting. */
export function between(
  {lines}: Sitting,
  from: (line: Line) => boolean,
  to: (line: Line) => boolean,
): number | undefined {
  const first = lines.find(({line}) => from(line));
  const last = lines.find(({line}) => to(line));
  return first && last && last.at - first.at;
}
