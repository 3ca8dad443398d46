import {mkdir, readFile, rename, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {z} from 'zod';
import {sha256, type Sha256} from '../../brand.ts';
import type {Home} from '../../home.ts';
import type {Tell} from '../../progress.ts';
import {ok, type Result} from '../../result.ts';
import {openImage, type StoredImage} from '../manifest.ts';
import {buildImage, imageFolder, type BuildOptions} from './build.ts';
import {recipeKey, type OsRecipe} from './recipe.ts';

/** A new system should not be older than this in security updates; within it, nothing needs the network. */
export const freshDays = 7;

export interface StockOptions extends Omit<BuildOptions, 'store'> {
  readonly home: Home;
  readonly refresh?: boolean;
  readonly now?: Date;
}

export interface Stocked {
  readonly stored: StoredImage;
  readonly builtAt: string;
  /** `built` now, `kept` because it is fresh, or `old`: it should have been renewed, and that failed. */
  readonly how: 'built' | 'kept' | 'old';
  /** Why an old image was not renewed. */
  readonly because?: string;
}

export const storeOf = ({cache}: Home): string => join(cache, 'os');

/**
 * The recipe's current image: from the cache while it is fresh, else built. Where building fails (no network in the
 * middle of an incident), the last good image is better than none, and `how` says so.
 */
export async function stockImage(recipe: OsRecipe, options: StockOptions): Promise<Result<Stocked>> {
  const {home, refresh = false, now = new Date(), ...rest} = options;
  const store = storeOf(home);
  const pointer = join(store, `${recipe.name}-${recipeKey(recipe, options.sources)}.json`);
  const last = await lastBuilt(pointer, store, options.progress);
  const ageDays = last ? (now.getTime() - Date.parse(last.builtAt)) / 86_400_000 : Infinity;
  if (last && !refresh && ageDays < freshDays) return ok({...last, how: 'kept'});
  const built = await buildImage(recipe, {...rest, store});
  if (!built.ok) {
    const giveUp = !last || refresh || options.signal?.aborted;
    return giveUp ? built : ok({...last, how: 'old', because: built.fault.says});
  }
  const builtAt = now.toISOString();
  await mkdir(store, {recursive: true});
  const next = `${pointer}.${process.pid}`;
  await writeFile(next, `${JSON.stringify({digest: built.value.image.digest, builtAt})}\n`);
  await rename(next, pointer);
  return ok({stored: built.value, builtAt, how: 'built'});
}

/** The image with this digest, whatever has been built since: a run keeps to the image it was planned with. */
export const findImage = (home: Home, digest: Sha256, tell?: Tell): Promise<Result<StoredImage>> =>
  openImage(imageFolder(storeOf(home), digest), tell);

const pointerShape = z.strictObject({digest: z.string(), builtAt: z.iso.datetime()});

async function lastBuilt(
  pointer: string,
  store: string,
  tell: Tell | undefined,
): Promise<{stored: StoredImage; builtAt: string} | undefined> {
  let text: string;
  try {
    text = await readFile(pointer, 'utf8');
  } catch {
    return undefined;
  }
  const parsed = pointerShape.safeParse(parseJson(text));
  const digest = parsed.success ? sha256(parsed.data.digest) : undefined;
  if (!parsed.success || !digest) return undefined;
  const stored = await openImage(imageFolder(store, digest), tell);
  return stored.ok ? {stored: stored.value, builtAt: parsed.data.builtAt} : undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
