import {createHash} from 'node:crypto';
import {mkdir, mkdtemp, rename, rm, stat} from 'node:fs/promises';
import {dirname, join} from 'node:path';
import type {Home} from '../../home.ts';
import {canonical} from '../../json.ts';
import {ok, type Result} from '../../result.ts';
import {unpack} from '../chunks.ts';
import type {StoredImage} from '../manifest.ts';
import {at, putFiles} from './ext4.ts';
import {layout, moveBackupTable} from './layout.ts';
import {suspectFiles, type Suspect} from './suspect-files.ts';
import {checkTools} from './tool.ts';

/**
 * Writes the suspect's disk: a stock image, sparse, with its files put in. `sizeBytes` is at least the image's.
 * Seconds; no root, no mount.
 */
export async function buildSuspect(
  stored: StoredImage,
  suspect: Suspect,
  out: string,
  sizeBytes: number = stored.image.sizeBytes,
): Promise<Result<void>> {
  const tools = await checkTools();
  if (!tools.ok) return tools;
  await mkdir(dirname(out), {recursive: true});
  const work = await mkdtemp(`${out}.work-`);
  try {
    const disk = join(work, 'disk.raw');
    await unpack(stored, disk, sizeBytes);
    if (sizeBytes > stored.image.sizeBytes) {
      const moved = await moveBackupTable(disk);
      if (!moved.ok) return moved;
    }
    const {files, links} = suspectFiles(suspect);
    const put = await putFiles(at(disk, layout.rootStart), files, links, work);
    if (!put.ok) return put;
    await rename(disk, out);
    return ok(undefined);
  } finally {
    await rm(work, {recursive: true, force: true});
  }
}

/** The suspect's disk from the cache, built first if it is not there. Its host key lives in that disk alone. */
export async function stockSuspect(
  home: Home,
  stored: StoredImage,
  {hostKey, ...suspect}: Suspect,
): Promise<Result<string>> {
  const text = canonical({
    image: stored.image.digest,
    ...suspect,
    network: {...suspect.network},
    beacon: {...suspect.beacon},
  });
  const key = createHash('sha256').update(text).digest('hex').slice(0, 16);
  const path = join(home.cache, 'suspect', `${key}.raw`);
  if (await exists(path)) return ok(path);
  const built = await buildSuspect(stored, {...suspect, hostKey}, path);
  return built.ok ? ok(path) : built;
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );
