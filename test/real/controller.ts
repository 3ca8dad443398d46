import {spawn, type ChildProcess} from 'node:child_process';
import {once} from 'node:events';
import {join} from 'node:path';
import {createInterface} from 'node:readline';
import type {Event} from '../../src/engine/event.ts';
import type {RunSummary} from '../../src/view/summary.ts';

export type Line = (Event & {readonly run: string; readonly seq: number}) | RunSummary;

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly lines: readonly Line[];
  /** What went to stderr, for a failed assertion's message. */
  readonly said: string;
}

/** The real CLI with `--json`. `on` sees each line as it comes, and may act on the world or on the process itself. */
export async function rebuild(
  argv: readonly string[],
  state: string,
  on: (line: Line, controller: ChildProcess) => Promise<void> | void = () => {},
  {nodeArgs = [], env = {}}: {readonly nodeArgs?: readonly string[]; readonly env?: NodeJS.ProcessEnv} = {},
): Promise<Ended> {
  const controller = spawn(
    process.execPath,
    [...nodeArgs, join(import.meta.dirname, '../../src/bin.ts'), ...argv, '--lab', '--json'],
    {env: {...process.env, REBUILD_HOME: state, ...env}, stdio: ['ignore', 'pipe', 'pipe']},
  );
  const lines: Line[] = [];
  let said = '';
  let acting: Promise<unknown> = Promise.resolve();
  const failed = Promise.withResolvers<never>();
  failed.promise.catch(() => {});
  controller.stderr.on('data', (data: Buffer) => (said += data.toString()));
  createInterface({input: controller.stdout}).on('line', (text) => {
    const line = JSON.parse(text) as Line;
    lines.push(line);
    acting = acting.then(() => on(line, controller));
    // What fails here is told at once: the controller may wait for what will not come, and the lab's keeper, which it
    // started, holds its pipes when it is gone.
    acting.catch((error: unknown) => {
      controller.kill('SIGKILL');
      for (const pipe of [controller.stdout, controller.stderr]) pipe.destroy();
      failed.reject(error);
    });
  });
  const [code, signal] = (await Promise.race([once(controller, 'close'), failed.promise])) as [
    number | null,
    NodeJS.Signals | null,
  ];
  await acting;
  return {code, signal, lines, said};
}

export const summaryOf = ({lines, said}: Ended): RunSummary => {
  const last = lines.at(-1);
  if (last?.type !== 'run.summary') throw new Error(`the last line is no summary; stderr:\n${said}`);
  return last;
};

export const eventsOf = <T extends Event['type']>({lines}: Ended, type: T) =>
  lines.filter((line): line is Extract<Event, {type: T}> & Line => line.type === type);
