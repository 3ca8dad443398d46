import {mkdir, mkdtemp, rename, rm} from 'node:fs/promises';
import {dirname, join} from 'node:path';
import type {Tell} from '../../progress.ts';
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
  tell?: Tell,
): Promise<Result<void>> {
  const tools = await checkTools();
  if (!tools.ok) return tools;
  await mkdir(dirname(out), {recursive: true});
  const work = await mkdtemp(`${out}.work-`);
  try {
    const disk = join(work, 'disk.raw');
    await unpack(stored, disk, sizeBytes, tell);
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
