import {createHash} from 'node:crypto';
import {mkdir, mkdtemp, readdir, rename, rm, stat, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import type {Tell} from '../../progress.ts';
import type {Result} from '../../result.ts';
import type {OsImage} from '../../step/world/image.ts';
import {chunkBytes, pack} from '../chunks.ts';
import {inRoom} from '../room.ts';
import {blobName, imageDigest, manifestName, manifestText, openImage, type StoredImage} from '../manifest.ts';
import {fetchLoaders} from '../debian/signed-loaders.ts';
import {runTool} from '../debian/tool.ts';
import {makeDisk} from './disk.ts';
import {rootPartition} from './overlay.ts';
import {kernelPackage, recipeKey, type OsRecipe} from './recipe.ts';
import {checkTools} from './tool.ts';
import {makeTree, type Tree} from './tree.ts';

export interface BuildOptions {
  /** The cache's folder for OS images. */
  readonly store: string;
  /** apt's one-line `deb` sources for Debian. */
  readonly sources: readonly string[];
  readonly signal?: AbortSignal;
  readonly progress?: Tell;
}

/** Builds an image and puts it into the store under its digest. Seconds to minutes; needs the network for packages. */
export const buildImage = (recipe: OsRecipe, options: BuildOptions): Promise<Result<StoredImage>> =>
  inRoom(options.store, () => build(recipe, options));

async function build(recipe: OsRecipe, options: BuildOptions): Promise<Result<StoredImage>> {
  const {store, sources, signal, progress = () => {}} = options;
  const tools = await checkTools();
  if (!tools.ok) return tools;
  await mkdir(store, {recursive: true});
  await discardOld(store);
  const work = await mkdtemp(join(store, workPrefix));
  try {
    const how = {progress, ...(signal && {signal})};
    const loaders = await fetchLoaders(join(work, 'loaders'), how);
    if (!loaders.ok) return loaders;
    const made = await makeTree(recipe, sources, work, how);
    if (!made.ok) return made;
    const tree = {...made.value, packages: [...made.value.packages, ...loaders.value.packages].sort()};
    progress({says: 'making the file systems and the boot loaders'});
    const seed = createHash('sha256')
      .update([recipeKey(recipe, sources), ...tree.packages].join('\n'))
      .digest('hex');
    const disk = await makeDisk(tree, loaders.value, seed, work);
    if (!disk.ok) return disk;
    return await keep(recipe, tree, disk.value, {store, work, progress});
  } finally {
    await discard(work);
  }
}

/** A build that was killed may have left mounts of this machine's own folders in its tree: those are not entered. */
const discard = (folder: string) => runTool(['rm', '-rf', '--one-file-system', '--', folder]);

/** Removes what killed builds left behind. No build takes a day. */
async function discardOld(store: string): Promise<void> {
  for (const name of await readdir(store)) {
    const folder = join(store, name);
    if (!name.startsWith(workPrefix)) continue;
    const {mtimeMs} = await stat(folder);
    if (Date.now() - mtimeMs > 86_400_000) await discard(folder);
  }
}

const workPrefix = 'work-';

async function keep(
  recipe: OsRecipe,
  tree: Tree,
  disk: {readonly path: string; readonly rootUuid: string},
  {store, work, progress}: {readonly store: string; readonly work: string; readonly progress: Tell},
): Promise<Result<StoredImage>> {
  const folder = join(work, 'image');
  await mkdir(folder);
  const chunks = await pack(disk.path, join(folder, blobName), chunkBytes, {progress});
  const image: Omit<OsImage, 'digest'> = {
    name: recipe.name,
    sizeBytes: (await stat(disk.path)).size,
    packedBytes: chunks.reduce((sum, {packedLength}) => sum + packedLength, 0),
    chunks,
    root: {partition: rootPartition, uuid: disk.rootUuid},
  };
  const digest = imageDigest(image, chunkBytes);
  const about = {suite: recipe.suite, kernel: versionOf(tree, kernelPackage[recipe.kernel])};
  await writeFile(join(folder, manifestName), manifestText({image: {...image, digest}, chunkBytes, about}));
  await writeFile(join(folder, 'packages.txt'), `${tree.packages.join('\n')}\n`);
  const dir = imageFolder(store, digest);
  // The same digest may be there already: from a build at the same time, or one that was damaged since.
  await rm(dir, {recursive: true, force: true});
  await rename(folder, dir);
  return openImage(dir, progress);
}

export const imageFolder = (store: string, digest: string): string => join(store, digest);

const versionOf = ({packages}: Tree, name: string): string =>
  packages.find((line) => line.startsWith(`${name} `))?.slice(name.length + 1) ?? 'unknown';
