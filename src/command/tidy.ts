import {readdir, rm, stat} from 'node:fs/promises';
import {dirname, join, sep} from 'node:path';
import {runId, type HostName, type RunId} from '../brand.ts';
import type {Home} from '../home.ts';
import {lightCache} from '../image/light/base.ts';
import {pruneLight} from '../image/light/prune.ts';
import type {Journal} from '../journal/journal.ts';

/** Light ISOs of so many ended runs stay, for each host. */
const isosKept = 2;

const runsIn = ({state}: Home): string => join(state, 'runs');
const hostOf = (run: RunId): HostName => run.slice(0, run.lastIndexOf('-')) as HostName;

/** Removes light images that no run needs: those of ended runs but the newest, and what of the cache nobody holds. */
export async function tidyLight(home: Home, journal: Pick<Journal, 'unfinished' | 'runs'>): Promise<void> {
  // One that is not in the journal yet is about to begin.
  const ended = async (run: RunId): Promise<boolean> => {
    const [known, open] = await Promise.all([journal.runs(hostOf(run)), journal.unfinished(hostOf(run))]);
    return known.ok && known.value.includes(run) && open.ok && open.value !== run;
  };
  const ours = runsIn(home);
  await pruneLight(lightCache(home), async (folder) => {
    const run = dirname(folder) === ours ? runId(folder.slice(folder.lastIndexOf(sep) + 1)) : undefined;
    return run !== undefined && ended(run);
  });
  const isos = new Map<HostName, {readonly file: string; readonly at: number}[]>();
  for (const name of await readdir(ours).catch(() => [])) {
    const run = runId(name);
    const file = join(ours, name, 'light.iso');
    const found = await stat(file).catch(() => undefined);
    if (!run || !found || !(await ended(run))) continue;
    isos.set(hostOf(run), [...(isos.get(hostOf(run)) ?? []), {file, at: found.mtimeMs}]);
  }
  for (const files of isos.values())
    for (const {file} of files.toSorted((a, b) => b.at - a.at).slice(isosKept))
      await rm(file, {force: true}).catch(() => undefined);
}
