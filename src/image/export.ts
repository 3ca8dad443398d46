import {constants} from 'node:fs';
import {copyFile, mkdir, rename, rm} from 'node:fs/promises';
import {join} from 'node:path';
import {fault} from '../fault.ts';
import type {Tell} from '../progress.ts';
import {failed, ok, type Result} from '../result.ts';
import type {DiskImage} from '../step/world/image.ts';
import {blobName, manifestName, openAnyImage, type StoredImage} from './manifest.ts';

/**
 * Lays an image out below `folder` as any static server can serve it: `DIGEST/manifest.json` and `DIGEST/chunks.zst`,
 * each image beside the others. What is there is whole: it is copied aside, hashed and then named. The value is the
 * image's own folder.
 */
export async function exportImage(
  {dir, image}: StoredImage<DiskImage>,
  folder: string,
  tell: Tell = () => {},
): Promise<Result<string>> {
  const place = join(folder, image.digest);
  const there = await openAnyImage(place, tell);
  // Two compressors give one image in different chunks; a server must hold those of this one.
  if (there.ok && samePacking(there.value.image, image)) return ok(place);
  const aside = `${place}.${process.pid}`;
  try {
    await rm(aside, {recursive: true, force: true});
    await mkdir(aside, {recursive: true});
    tell({says: 'copying it'});
    for (const name of [blobName, manifestName])
      await copyFile(join(dir, name), join(aside, name), constants.COPYFILE_FICLONE);
    const whole = await openAnyImage(aside, tell);
    if (!whole.ok) return whole;
    await rm(place, {recursive: true, force: true});
    await rename(aside, place);
    return ok(place);
  } catch (error) {
    const {code = 'unknown error'} = error as NodeJS.ErrnoException;
    return failed(fault('image.build-failed', `${place} cannot be written (${code})`));
  } finally {
    await rm(aside, {recursive: true, force: true});
  }
}

const samePacking = (a: DiskImage, b: DiskImage): boolean =>
  a.chunks.length === b.chunks.length && a.chunks.every(({packed}, index) => packed === b.chunks[index]?.packed);
