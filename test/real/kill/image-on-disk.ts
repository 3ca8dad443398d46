import {createHash} from 'node:crypto';
import {open} from 'node:fs/promises';
import type {DiskImage} from '../../../src/step/world/image.ts';

const pieceBytes = 8 << 20;
const nothing = Buffer.alloc(pieceBytes);

/**
 * Places at which a disk's file differs from the image on an otherwise blank disk, up to `end`: read from the file
 * itself, past the machine and its agent.
 */
export async function differences(path: string, image: DiskImage, end: number): Promise<readonly string[]> {
  await using file = await open(path, 'r');
  const buffer = Buffer.alloc(pieceBytes);
  const read = async (offset: number, length: number): Promise<Buffer> => {
    const {bytesRead} = await file.read(buffer, 0, length, offset);
    return buffer.subarray(0, bytesRead);
  };
  const found: string[] = [];
  let at = 0;
  const blankUntil = async (until: number): Promise<void> => {
    for (; at < until; at += pieceBytes) {
      const length = Math.min(pieceBytes, until - at);
      if (!(await read(at, length)).equals(nothing.subarray(0, length))) found.push(`not blank at ${at}`);
    }
    at = until;
  };
  for (const {index, offset, length, raw} of image.chunks) {
    await blankUntil(offset);
    const digest = createHash('sha256')
      .update(await read(offset, length))
      .digest('hex');
    if (digest !== raw) found.push(`chunk ${index} at ${offset}`);
    at = offset + length;
  }
  await blankUntil(end);
  return found;
}
