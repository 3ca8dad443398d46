import {exit, type ExitCode} from '../exit.ts';
import {escape} from '../view/escape.ts';
import {version} from './help/version.ts';

/** Expected trouble is a value, so whatever was thrown this far is a mistake of ours. */
export function tellBug(error: unknown): ExitCode {
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const lines = [
    `this is a bug in rebuild ${version}, not in what you did:`,
    ...stack.split('\n').map((line) => `  ${escape(line)}`),
    'what was recorded is kept: rebuild status says where a run stands, rebuild resume HOST goes on',
    'please report it with the lines above',
  ];
  process.stderr.write(`${lines.join('\n')}\n`);
  return exit.bug;
}
