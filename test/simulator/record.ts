import {join} from 'node:path';
import {DatabaseSync} from 'node:sqlite';
import {systemClock} from '../../src/clock.ts';
import type {Event} from '../../src/engine/event.ts';
import {openJournalReading} from '../../src/journal/sqlite-reading.ts';
import type {Runbook} from '../../src/runbook/runbook.ts';

const fileIn = (folder: string): string => join(folder, 'journal.sqlite');

/** The events of the host's only run, as the journal in the folder has them; none where there is no run. */
export async function onRecord(folder: string, {host}: Runbook): Promise<readonly Event[]> {
  const opened = openJournalReading(fileIn(folder), systemClock);
  if (!opened.ok) throw new Error(opened.fault.says);
  try {
    const runs = await opened.value.runs(host.name);
    if (!runs.ok) throw new Error(runs.fault.says);
    const [run] = runs.value;
    const stored = run === undefined ? undefined : await opened.value.read(run);
    if (stored?.ok === false) throw new Error(stored.fault.says);
    return stored?.value.map(({event}) => event) ?? [];
  } finally {
    opened.value.close();
  }
}

/** Where the journal has the run: a controller that dies right after a commit has told nobody of it. */
export async function standing(folder: string, runbook: Runbook): Promise<'none' | 'open' | 'ended'> {
  const events = await onRecord(folder, runbook);
  if (events.length === 0) return 'none';
  return events.some(({type}) => type === 'run.done') ? 'ended' : 'open';
}

/** The step that began last. At once, while the controller waits for what it has asked: it is in a hook of the machine's. */
export function stepOnRecord(folder: string): string {
  const db = new DatabaseSync(fileIn(folder), {readOnly: true});
  try {
    const found = db
      .prepare(
        `SELECT json_extract(event, '$.step') AS step FROM entries WHERE json_extract(event, '$.type') = 'step.started'
         ORDER BY id DESC LIMIT 1`,
      )
      .get();
    return typeof found?.['step'] === 'string' ? found['step'] : '';
  } finally {
    db.close();
  }
}
