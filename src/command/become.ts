import {accessSync, constants} from 'node:fs';
import {delimiter, join} from 'node:path';

/**
 * Replaces this process by another program, as exec(3) does: same process id, same terminal, same file descriptors, so
 * that whoever started, watches or kills it has the same process before them.
 */
export function become(program: string, argv: readonly string[], environment: NodeJS.ProcessEnv, path: string): never {
  const file = path
    .split(delimiter)
    .map((folder) => join(folder, program))
    .find(isExecutable);
  if (!file || !process.execve) throw new Error(`${program} cannot be run`);
  process.execve(file, [program, ...argv], environment);
  throw new Error('unreachable: the process was replaced');
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
