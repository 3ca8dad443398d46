import {readFile} from 'node:fs/promises';
import type {Lab} from '../../../src/lab/lab.ts';

/** A request to the lab's BMC, as the BMC wrote it down. */
export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly status: number;
}

export async function traces({folder}: Lab): Promise<readonly Asked[]> {
  const log = await readFile(folder.accessLog, 'utf8').catch(() => '');
  return log
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Asked);
}
