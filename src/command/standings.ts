import type {HostName, RunId} from '../brand.ts';
import type {Journal} from '../journal/journal.ts';
import {ok, type Result} from '../result.ts';
import {read} from '../view/history.ts';
import type {Standing} from '../view/status.ts';

/** Each host's newest run, or one host's, and who holds it. A record that cannot be read does not hide the others. */
export async function standingsOf(journal: Journal, host: HostName | undefined): Promise<Result<readonly Standing[]>> {
  const newest = await newestRuns(journal, host);
  if (!newest.ok) return newest;
  const standings: Standing[] = [];
  for (const [name, run] of newest.value) {
    const [stored, held] = await Promise.all([journal.read(run), journal.holder(name)]);
    if (!held.ok) return held;
    const history = stored.ok ? read(stored.value) : undefined;
    standings.push({
      host: name,
      run,
      ...(history && {history}),
      ...(held.value && {holder: held.value}),
      ...(!stored.ok && {fault: stored.fault}),
    });
  }
  return ok(standings);
}

async function newestRuns(journal: Journal, host: HostName | undefined): Promise<Result<ReadonlyMap<HostName, RunId>>> {
  const runs = await journal.runs(host);
  if (!runs.ok) return runs;
  const newest = new Map<HostName, RunId>();
  for (const run of runs.value) {
    const name = run.slice(0, run.lastIndexOf('-')) as HostName;
    if (!newest.has(name)) newest.set(name, run);
  }
  return ok(newest);
}
