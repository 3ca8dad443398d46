import {mkdir, mkdtemp, readdir, rm, utimes, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {beforeEach, expect, onTestFinished, test} from 'vitest';
import {hold, pruneLight} from '../../src/image/light/prune.ts';

const dayMs = 86_400_000;
const now = Date.parse('2026-11-21T12:00:00Z');
const foundation = (index: number): string => String(index).repeat(32);
const base = (index: number): string => `base-${foundation(index)}`;
const never = async (): Promise<boolean> => false;

let cache: string;
let state: string;
beforeEach(async () => {
  cache = await mkdtemp(join(tmpdir(), 'prune-'));
  state = await mkdtemp(join(tmpdir(), 'prune-state-'));
  onTestFinished(() => Promise.all([cache, state].map((folder) => rm(folder, {recursive: true, force: true}))).then());
});

/** A part of the cache that was used so many days ago. */
async function part(name: string, days: number): Promise<void> {
  await mkdir(join(cache, name, 'builder'), {recursive: true});
  await writeFile(join(cache, name, 'vmlinuz'), name);
  const at = new Date(now - days * dayMs);
  await utimes(join(cache, name), at, at);
}

/** Six foundations and six bases, the first of each the one used last. */
async function fill(): Promise<void> {
  for (let index = 0; index < 6; index++) {
    await part(foundation(index), index + 2);
    await part(base(index), index + 2);
  }
}

async function run(name: string, ...names: readonly string[]): Promise<string> {
  const folder = join(state, 'runs', name);
  await mkdir(folder, {recursive: true});
  await hold(cache, {folder, names});
  return folder;
}

const there = async (): Promise<readonly string[]> =>
  (await readdir(cache)).filter((name) => name !== 'held').toSorted();

test('the newest of each kind stay, older ones go', async () => {
  await fill();
  await writeFile(join(cache, `${foundation(0)}.current`), foundation(0));
  expect((await pruneLight(cache, never, now)).toSorted()).toEqual(
    [3, 4, 5].flatMap((index) => [foundation(index), base(index)]).toSorted(),
  );
  expect(await there()).toEqual(
    [...[0, 1, 2].flatMap((index) => [foundation(index), base(index)]), `${foundation(0)}.current`].toSorted(),
  );
});

test('what was used today stays, however much there is of it', async () => {
  for (let index = 0; index < 6; index++) await part(base(index), 0.5);
  expect(await pruneLight(cache, never, now)).toEqual([]);
});

test('what an unfinished run needs stays, whatever its age; once the run has ended it goes', async () => {
  await fill();
  const folder = await run('marruuk-3', base(5), foundation(5));
  await pruneLight(cache, never, now);
  expect(await there()).toContain(base(5));
  expect(await there()).toContain(foundation(5));
  expect((await pruneLight(cache, async (one) => one === folder, now)).toSorted()).toEqual([foundation(5), base(5)]);
  expect(await readdir(join(cache, 'held'))).toEqual([]);
});

test('a run whose folder is gone holds nothing', async () => {
  await fill();
  await rm(await run('marruuk-3', base(5)), {recursive: true});
  await pruneLight(cache, never, now);
  expect(await there()).not.toContain(base(5));
});

test('a run that takes other parts holds these from then on', async () => {
  await fill();
  await run('marruuk-3', base(5));
  await run('marruuk-3', base(4));
  await pruneLight(cache, never, now);
  expect(await there()).toContain(base(4));
  expect(await there()).not.toContain(base(5));
});

test('what a killed building left goes after a day, what is being built stays', async () => {
  await part('1234.5678.new', 2);
  await part('1234.9abc.new', 0.1);
  await part('base-77.beef.gone', 2);
  await pruneLight(cache, never, now);
  expect(await there()).toEqual(['1234.9abc.new']);
});

const begin = async (index: number): Promise<void> => {
  // Each of them holds an old part, as a run does that is resumed after weeks.
  await run(`host${index}-1`, base(index % 6), foundation(index % 6));
  await Promise.all([pruneLight(cache, never, now), pruneLight(cache, never, now)]);
};

test('runs that begin and prune at the same time take nothing from one another', async () => {
  await fill();
  // Those that stand before the first pruning.
  await Promise.all([3, 4, 5].map((index) => run(`early${index}-1`, base(index), foundation(index))));
  await Promise.all(Array.from({length: 12}, (_, index) => begin(index)));
  for (let index = 0; index < 6; index++) {
    expect(await there()).toContain(base(index));
    expect(await readdir(join(cache, foundation(index)))).toEqual(['builder', 'vmlinuz']);
  }
});

test('no cache is no trouble', async () => {
  expect(await pruneLight(join(cache, 'nowhere'), never, now)).toEqual([]);
});
