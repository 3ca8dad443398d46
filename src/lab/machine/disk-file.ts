import {createHash} from 'node:crypto';
import {open} from 'node:fs/promises';
import type {Sha256} from '../../brand.ts';

/** Makes a disk of `sizeBytes` that reads as zeros and takes no room. */
export async function blankDisk(path: string, sizeBytes: number): Promise<void> {
  await using file = await open(path, 'w', 0o600);
  await file.truncate(sizeBytes);
}

const dataBytes = 6 * 2 ** 20;

/** Makes a disk that has something to lose: the same bytes for the same seed, at its beginning, middle and end. */
export async function seededDisk(path: string, sizeBytes: number, seed: string): Promise<void> {
  await blankDisk(path, sizeBytes);
  await using file = await open(path, 'r+');
  const ends = [0, Math.floor(sizeBytes / 2), sizeBytes - dataBytes];
  for (const [index, offset] of ends.entries()) {
    const data = createHash('shake256', {outputLength: dataBytes}).update(`${seed} ${index}`).digest();
    await file.write(data, 0, data.length, offset);
  }
}

const blockBytes = 2 ** 20;

/**
 * A digest of everything on a disk: SHA-256 over offset (8 bytes, big endian) and content of every MiB that is not all
 * zero, what is in `except` taken for zero. A sparse disk of gigabytes takes about a second, and a hole equals written
 * zeros.
 */
export async function diskDigest(
  path: string,
  except: readonly {readonly firstByte: number; readonly sizeBytes: number}[] = [],
): Promise<Sha256> {
  const digest = createHash('sha256');
  const zero = Buffer.alloc(blockBytes);
  const block = Buffer.alloc(blockBytes);
  const offset = Buffer.alloc(8);
  await using file = await open(path, 'r');
  for (let at = 0; ; at += blockBytes) {
    const {bytesRead} = await file.read(block, 0, blockBytes, at);
    if (bytesRead === 0) return digest.digest('hex') as Sha256;
    const end = at + bytesRead;
    for (const {firstByte, sizeBytes} of except)
      if (firstByte < end && firstByte + sizeBytes > at)
        block.fill(0, Math.max(0, firstByte - at), Math.min(bytesRead, firstByte + sizeBytes - at));
    if (block.compare(zero, 0, bytesRead, 0, bytesRead) === 0) continue;
    offset.writeBigUInt64BE(BigInt(at));
    digest.update(offset).update(block.subarray(0, bytesRead));
  }
}
