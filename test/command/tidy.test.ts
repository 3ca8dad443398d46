import {mkdir, mkdtemp, readdir, rm, utimes, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {beforeEach, expect, onTestFinished, test} from 'vitest';
import type {HostName, RunId} from '../../src/brand.ts';
import {tidyLight} from '../../src/command/tidy.ts';
import {hold} from '../../src/image/light/prune.ts';
import type {Journal} from '../../src/journal/journal.ts';
import {ok} from '../../src/result.ts';

let home: {state: string; cache: string};
beforeEach(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tidy-'));
  home = {state: join(folder, 'state'), cache: join(folder, 'cache')};
  onTestFinished(() => rm(folder, {recursive: true, force: true}));
});

async function iso(run: string, days: number): Promise<string> {
  const folder = join(home.state, 'runs', run);
  await mkdir(folder, {recursive: true});
  const at = new Date(Date.now() - days * 86_400_000);
  for (const name of ['light.iso', 'light.json']) {
    await writeFile(join(folder, name), run);
    await utimes(join(folder, name), at, at);
  }
  return folder;
}

const of = (host: HostName | undefined) => (run: string) => host === undefined || run.startsWith(`${host}-`);

/** A journal of these runs, of which one is open. */
const journal = (runs: readonly string[], open?: string): Pick<Journal, 'runs' | 'unfinished'> => {
  return {
    runs: async (host) => ok(runs.filter(of(host)) as RunId[]),
    unfinished: async (host) => ok(open !== undefined && of(host)(open) ? (open as RunId) : undefined),
  };
};

const withIso = async (): Promise<readonly string[]> => {
  const runs = await readdir(join(home.state, 'runs'));
  const found = await Promise.all(
    runs.map(async (run) => ((await readdir(join(home.state, 'runs', run))).includes('light.iso') ? [run] : [])),
  );
  return found.flat().toSorted();
};

test('of each host the ISOs of the last runs stay, and that of a run that is not over, however old', async () => {
  for (const [index, run] of ['marruuk-1', 'marruuk-2', 'marruuk-3', 'marruuk-4', 'mpex-1'].entries())
    await iso(run, 30 - index);
  await tidyLight(home, journal(['marruuk-4', 'marruuk-3', 'marruuk-2', 'marruuk-1', 'mpex-1'], 'marruuk-1'));
  expect(await withIso()).toEqual(['marruuk-1', 'marruuk-3', 'marruuk-4', 'mpex-1']);
  expect(await readdir(join(home.state, 'runs/marruuk-2'))).toEqual(['light.json']);
});

test('a run that is about to begin is not over, and lets nothing go', async () => {
  const names = ['base-'.padEnd(37, 'a'), ...[1, 2, 3, 4].map((index) => 'base-'.padEnd(37, String(index)))];
  for (const [index, name] of names.entries()) {
    await mkdir(join(home.cache, 'light', name), {recursive: true});
    const at = new Date(Date.now() - (30 - index) * 86_400_000);
    await utimes(join(home.cache, 'light', name), at, at);
  }
  const folder = await iso('marruuk-9', 0);
  await hold(join(home.cache, 'light'), {folder, names: [names[0]!]});
  await tidyLight(home, journal(['marruuk-8']));
  expect(await readdir(join(home.cache, 'light'))).toContain(names[0]);
  await tidyLight(home, journal(['marruuk-9', 'marruuk-8']));
  expect(await readdir(join(home.cache, 'light'))).not.toContain(names[0]);
});
