import {createHash, randomBytes} from 'node:crypto';
import {mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {z} from 'zod';

// The cache of light images: foundations of Debian's packages, and bases made of them. Both can be made again, as long as
// Debian's packages have not changed.

/** So many of each kind stay whatever their age, and whatever was used within a day: somebody may be at work with it. */
const newest = 3;
const dayMs = 86_400_000;

const held = 'held';
const foundation = /^[0-9a-f]{32}$/;
const base = /^base-[0-9a-f]{32}$/;
const draft = /\.(?:new|gone)$/;

/** What a run needs until it has ended: should its ISO be lost, it is made again of the same parts. */
export interface Hold {
  /** The run's own folder, which names the run for everybody who shares the cache. */
  readonly folder: string;
  /** Names in the cache. */
  readonly names: readonly string[];
}

const shape = z.strictObject({folder: z.string(), names: z.array(z.string())});

const fileOf = (cache: string, folder: string): string =>
  join(cache, held, createHash('sha256').update(folder).digest('hex').slice(0, 32));

/** Durable before the parts are relied on; written again, it holds what is named then. */
export async function hold(cache: string, {folder, names}: Hold): Promise<void> {
  const file = fileOf(cache, folder);
  await mkdir(join(cache, held), {recursive: true, mode: 0o700});
  const fresh = `${file}.${randomBytes(4).toString('hex')}.new`;
  await writeFile(fresh, JSON.stringify({folder, names}), {mode: 0o600, flush: true});
  await rename(fresh, file);
}

/** Says that it is in use now. */
export async function touch(folder: string): Promise<void> {
  const now = new Date();
  await utimes(folder, now, now).catch(() => undefined);
}

/**
 * Removes what nobody needs. `ended` says of a run's folder whether that run is over; what belongs to another state than
 * the caller's is not over as long as its folder is there. Never fails: what cannot be removed stays.
 */
export async function pruneLight(
  cache: string,
  ended: (folder: string) => Promise<boolean>,
  now = Date.now(),
): Promise<readonly string[]> {
  const kept = await stillHeld(cache, ended);
  const names = await readdir(cache).catch(() => []);
  const found = await Promise.all(
    names.map(async (name) => ({name, at: (await stat(join(cache, name)).catch(() => undefined))?.mtimeMs})),
  );
  const there = found.flatMap(({name, at}) => (at === undefined ? [] : [{name, at}]));
  const surplus = [foundation, base].flatMap((kind) =>
    there
      .filter(({name}) => kind.test(name))
      .toSorted((a, b) => b.at - a.at)
      .slice(newest)
      .filter(({name, at}) => now - at > dayMs && !kept.has(name)),
  );
  const left = there.filter(({name, at}) => draft.test(name) && now - at > dayMs);
  const removed: string[] = [];
  for (const {name} of [...surplus, ...left]) if (await remove(cache, name)) removed.push(name);
  return removed;
}

async function stillHeld(cache: string, ended: (folder: string) => Promise<boolean>): Promise<ReadonlySet<string>> {
  const kept = new Set<string>();
  for (const name of await readdir(join(cache, held)).catch(() => [])) {
    const file = join(cache, held, name);
    const parsed = await readFile(file, 'utf8')
      .then((text) => shape.safeParse(JSON.parse(text)).data)
      .catch(() => undefined);
    if (!parsed) continue;
    const there = await stat(parsed.folder).catch(() => undefined);
    if (!there || (await ended(parsed.folder))) await rm(file, {force: true}).catch(() => undefined);
    else for (const one of parsed.names) kept.add(one);
  }
  return kept;
}

/** Gone at once, under a name that nobody looks for, and then removed at leisure. */
async function remove(cache: string, name: string): Promise<boolean> {
  const gone = join(cache, `${name}.${randomBytes(4).toString('hex')}.gone`);
  try {
    await rename(join(cache, name), gone);
    await rm(gone, {recursive: true, force: true});
    return true;
  } catch {
    return false;
  }
}
