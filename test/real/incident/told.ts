import {execa} from 'execa';
import {join} from 'node:path';

export interface Told {
  readonly code: number;
  /** Standard output, then standard error, as they came. */
  readonly text: string;
}

/** The command as a person without a terminal types it, and what it tells them. Shown as it comes. */
export async function tell(argv: readonly string[], state: string): Promise<Told> {
  process.stdout.write(`$ rebuild ${argv.join(' ')}\n`);
  const {exitCode = 128, all} = await execa(
    process.execPath,
    [join(import.meta.dirname, '../../../src/bin.ts'), ...argv],
    {
      env: {REBUILD_HOME: state},
      stdin: 'ignore',
      all: true,
      reject: false,
    },
  );
  process.stdout.write(`${all}\n(exit ${exitCode})\n\n`);
  return {code: exitCode, text: all};
}
