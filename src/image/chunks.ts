import {createHash, type Hash} from 'node:crypto';
import {open, type FileHandle} from 'node:fs/promises';
import {join} from 'node:path';
import {promisify} from 'node:util';
import {constants, zstdCompress, zstdDecompress} from 'node:zlib';
import type {Sha256} from '../brand.ts';
import type {Tell} from '../progress.ts';
import type {Chunk, DiskImage} from '../step/world/image.ts';
import {blobName, type StoredImage} from './manifest.ts';

/** Large enough that an emulated target's process starts (0.15 s a chunk) do not count, small enough to resend. */
export const chunkBytes = 8 << 20;

// Level 9 gives all but 1 % of what 12 gives, in 40 % of its time (measured on this image).
const level = 9;
// Chunks in work at once: the compressor runs on libuv's threads, of which there are four.
const window = 4;

export interface Packing {
  /** Gets every byte that is cut, in order: what is packed is then what was hashed. */
  readonly whole?: Hash;
  readonly progress?: Tell;
}

const compress = promisify(zstdCompress);
const decompress = promisify(zstdDecompress);
const hex = (data: Uint8Array): Sha256 => createHash('sha256').update(data).digest('hex') as Sha256;

/**
 * Cuts a raw disk image into chunks and writes them, packed, one after the other to `blob`. Chunks that are all zero
 * are left out: the disk is blank there already.
 */
export async function pack(
  raw: string,
  blob: string,
  size = chunkBytes,
  {whole, progress = () => {}}: Packing = {},
): Promise<readonly Chunk[]> {
  const input = await open(raw);
  const output = await open(blob, 'w');
  try {
    const {size: total} = await input.stat();
    const chunks: Chunk[] = [];
    const inWork: Promise<Packed | undefined>[] = [];
    for (let index = 0; index * size < total || inWork.length; index++) {
      if (index * size < total) {
        const data = await exactly(input, index * size, Math.min(size, total - index * size));
        whole?.update(data);
        inWork.push(packed(data, index, size));
      }
      if (inWork.length < window && index * size < total) continue;
      const next = await inWork.shift();
      const done = Math.min((index + 1) * size, total);
      progress({says: 'packing and hashing', done, of: total, unit: 'bytes'});
      if (!next) continue;
      await output.writeFile(next.data);
      chunks.push(next.chunk);
    }
    await output.sync();
    return chunks;
  } finally {
    await input.close();
    await output.close();
  }
}

interface Packed {
  readonly chunk: Chunk;
  readonly data: Uint8Array;
}

async function packed(raw: Buffer, index: number, size: number): Promise<Packed | undefined> {
  const offset = index * size;
  if (isZero(raw)) return undefined;
  const data = await compress(raw, {
    pledgedSrcSize: raw.length,
    params: {[constants.ZSTD_c_compressionLevel]: level, [constants.ZSTD_c_contentSizeFlag]: 1},
  });
  return {
    data,
    chunk: {index, offset, length: raw.length, raw: hex(raw), packed: hex(data), packedLength: data.length},
  };
}

/** Packed chunks in the order of `want`, each compared with the manifest as it is read. */
export async function* chunks(
  {dir, image}: StoredImage<DiskImage>,
  want: readonly Chunk[],
): AsyncGenerator<{readonly chunk: Chunk; readonly data: Uint8Array}> {
  const places = new Map<number, number>();
  let at = 0;
  for (const {index, packedLength} of image.chunks) {
    places.set(index, at);
    at += packedLength;
  }
  const blob = await open(join(dir, blobName));
  try {
    for (const chunk of want) {
      const place = places.get(chunk.index);
      if (place === undefined) throw new Error(`chunk ${chunk.index} is not of image ${image.digest}`);
      const data = await exactly(blob, place, chunk.packedLength);
      // The whole blob was hashed when the image was opened, so this is the disk, or someone, changing it meanwhile.
      if (hex(data) !== chunk.packed) throw new Error(`chunk ${chunk.index} changed in the image cache`);
      yield {chunk, data};
    }
  } finally {
    await blob.close();
  }
}

/** Writes the image's bytes to a file of `sizeBytes` (at least the image's), leaving holes where it is zero. */
export async function unpack(
  stored: StoredImage<DiskImage>,
  path: string,
  sizeBytes: number,
  tell: Tell = () => {},
): Promise<void> {
  const file = await open(path, 'w');
  try {
    await file.truncate(sizeBytes);
    let done = 0;
    for await (const {chunk, data} of chunks(stored, stored.image.chunks)) {
      tell({says: 'unpacking the image', done, of: stored.image.packedBytes, unit: 'bytes'});
      const raw = await decompress(data);
      await file.write(raw, 0, raw.length, chunk.offset);
      done += chunk.packedLength;
    }
  } finally {
    await file.close();
  }
}

async function exactly(file: FileHandle, offset: number, length: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(length);
  let done = 0;
  while (done < length) {
    const {bytesRead} = await file.read(buffer, done, length - done, offset + done);
    if (bytesRead === 0) throw new Error(`file ends ${length - done} bytes early`);
    done += bytesRead;
  }
  return buffer;
}

const zero = Buffer.alloc(1 << 20);

export function isZero(data: Uint8Array): boolean {
  for (let at = 0; at < data.length; at += zero.length) {
    const part = data.subarray(at, at + zero.length);
    if (zero.compare(part, 0, part.length, 0, part.length) !== 0) return false;
  }
  return true;
}
