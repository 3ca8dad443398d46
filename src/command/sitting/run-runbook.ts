import {mkdir, readFile, writeFile} from 'node:fs/promises';
import {dirname, join, resolve} from 'node:path';
import type {HostName, RunId} from '../../brand.ts';
import {fault} from '../../fault.ts';
import type {Home} from '../../home.ts';
import type {Journal} from '../../journal/journal.ts';
import {failed, ok, type Result} from '../../result.ts';
import {kinds} from '../../step/registry.ts';
import {loadRunbook, runbookPlaces} from '../runbook-file.ts';

/** Where a run notes its runbook's file, so that whoever goes on with it need not name it again. */
const noteOf = ({state}: Home, run: RunId): string => join(state, 'runs', run, 'runbook');

/** Notes which file is the run's runbook. Fault: `journal.unwritable`. */
export async function noteRunbook(home: Home, run: RunId, file: string): Promise<Result<void>> {
  const note = noteOf(home, run);
  try {
    await mkdir(dirname(note), {recursive: true, mode: 0o700});
    await writeFile(note, `${resolve(file)}\n`, {mode: 0o600, flush: true});
    return ok(undefined);
  } catch (error) {
    const {code = 'unknown'} = error as NodeJS.ErrnoException;
    return failed(fault('journal.unwritable', `${note} cannot be written: ${code}`));
  }
}

/**
 * The name to load a run's runbook by: as it is given; the host's, where that finds the runbook that the run was begun
 * with; else the file that the run has noted, where it still is that runbook; else the host's, whose fault says the rest.
 */
export async function runbookOf(
  run: RunId,
  given: string | undefined,
  {journal, home}: {readonly journal: Pick<Journal, 'read'>; readonly home: Home},
): Promise<string> {
  const host = run.slice(0, run.lastIndexOf('-')) as HostName;
  if (given !== undefined) return given;
  const stored = await journal.read(run);
  const begun = stored.ok ? stored.value[0]?.event : undefined;
  if (begun?.type !== 'run.begun') return host;
  const noted = (await readFile(noteOf(home, run), 'utf8').catch(() => '')).trim();
  for (const name of noted === '' ? [] : [host, noted]) {
    const loaded = await loadRunbook(name, runbookPlaces(), kinds, host);
    if (loaded.ok && loaded.digest === begun.runbook) return name;
  }
  return host;
}
