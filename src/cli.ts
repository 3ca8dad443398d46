import {exit, type ExitCode} from './exit.ts';

export async function main(_argv: readonly string[]): Promise<ExitCode> {
  return exit.usage;
}
