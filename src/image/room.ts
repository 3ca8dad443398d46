import {statfs} from 'node:fs/promises';
import {dirname} from 'node:path';
import {fault} from '../fault.ts';
import {failed, type Result} from '../result.ts';

/** A full file system, or a quota that is used up. */
const full: ReadonlySet<unknown> = new Set(['ENOSPC', 'EDQUOT']);
/** The same as programs say it: xorriso looks beforehand, apt counts, the others print the error's text. */
const fullWords = /no space left on device|exceeds free space on media|enough free space|disk quota exceeded/i;

/** Whether a program that failed said that the disk is full. */
export const saysFull = (words: string): boolean => fullWords.test(words);

/**
 * Work that writes into `place`: where there is no room for it, the fault `image.no-room` names the place, and is no
 * bug of ours.
 */
export async function inRoom<T>(place: string, work: () => Promise<Result<T>>): Promise<Result<T>> {
  try {
    const done = await work();
    return !done.ok && done.fault.code === 'image.no-room' && done.fault.detail === undefined ? noRoomIn(place) : done;
  } catch (error) {
    const {code, dest, path} = error as NodeJS.ErrnoException & {readonly dest?: string};
    if (!full.has(code)) throw error;
    const file = dest ?? path;
    return noRoomIn(file === undefined ? place : dirname(file));
  }
}

/** A folder of our own may be gone by now: then it is about the one that it was in. */
async function noRoomIn(place: string): Promise<Result<never>> {
  const free = await statfs(place).then(
    ({bavail, bsize}) => Math.floor((bavail * bsize) / 1e6),
    () => undefined,
  );
  if (free === undefined && dirname(place) !== place) return noRoomIn(dirname(place));
  return failed(fault('image.no-room', `no room for it in ${place}: ${free ?? 0} MB free`, {detail: {place}}));
}
