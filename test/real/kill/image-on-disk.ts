import {createHash} from 'node:crypto';
import {open} from 'node:fs/promises';
import {execa} from 'execa';
import type {DiskImage} from '../../../src/step/world/image.ts';

const pieceBytes = 8 << 20;
const nothing = Buffer.alloc(pieceBytes);

interface Extent {
  readonly start: number;
  readonly length: number;
  /** Not so in a hole, which reads as zeroes whatever it once held (lseek(2), SEEK_HOLE). */
  readonly data: boolean;
}

/**
 * Places at which a disk's file differs from the image on an otherwise blank disk, up to `end`: read from the file
 * itself, past the machine and its agent. Holes of the file are blank without being read: they are most of it.
 */
export async function differences(path: string, image: DiskImage, end: number): Promise<readonly string[]> {
  const holding = (await extents(path)).filter(({data}) => data);
  await using file = await open(path, 'r');
  const buffer = Buffer.alloc(pieceBytes);
  const read = async (offset: number, length: number): Promise<Buffer> => {
    const {bytesRead} = await file.read(buffer, 0, length, offset);
    return buffer.subarray(0, bytesRead);
  };
  const found: string[] = [];
  const blank = async (from: number, until: number): Promise<void> => {
    for (const {start, length} of holding) {
      const last = Math.min(start + length, until);
      for (let at = Math.max(start, from); at < last; at += pieceBytes) {
        const piece = Math.min(pieceBytes, last - at);
        if (!(await read(at, piece)).equals(nothing.subarray(0, piece))) found.push(`not blank at ${at}`);
      }
    }
  };
  let at = 0;
  for (const {index, offset, length, raw} of image.chunks) {
    await blank(at, offset);
    const digest = createHash('sha256')
      .update(await read(offset, length))
      .digest('hex');
    if (digest !== raw) found.push(`chunk ${index} at ${offset}`);
    at = offset + length;
  }
  await blank(at, end);
  return found;
}

/** The file's, without its lock: the machine that has it is running. */
async function extents(path: string): Promise<readonly Extent[]> {
  const {stdout} = await execa('qemu-img', ['map', '-U', '-f', 'raw', '--output=json', path]);
  return JSON.parse(stdout) as readonly Extent[];
}
