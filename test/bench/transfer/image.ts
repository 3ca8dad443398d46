import {createCipheriv, createHash} from 'node:crypto';
import {createReadStream} from 'node:fs';
import {link, mkdir, open, rename, stat, truncate, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {execa} from 'execa';
import {atWork} from '../../../src/command/at-work.ts';
import {home} from '../../../src/home.ts';
import {chunkBytes, pack, unpack} from '../../../src/image/chunks.ts';
import {debianSources} from '../../../src/image/debian/sources.ts';
import {
  blobName,
  imageDigest,
  manifestName,
  manifestText,
  openAnyImage,
  type StoredImage,
} from '../../../src/image/manifest.ts';
import {recipes} from '../../../src/image/os/recipe.ts';
import {stockImage} from '../../../src/image/os/stock.ts';
import type {Result} from '../../../src/result.ts';
import type {Chunk, DiskImage} from '../../../src/step/world/image.ts';

/** An image for a disk, as each contestant wants it. */
export interface BenchImage {
  /** Served over HTTP, and sent from: `image.raw`, `image.zst`, their block maps, and our chunks under `DIGEST/`. */
  readonly folder: string;
  readonly bytes: number;
  readonly sha256: string;
  /** Our chunks; what they add up to, compressed, is what the ideal is computed from. */
  readonly stored: StoredImage<DiskImage>;
  readonly chunks: readonly Chunk[];
  readonly packedBytes: number;
  /** Of `image.zst`: the whole as one zstd frame of the same level. */
  readonly frameBytes: number;
}

// The level of our own chunks.
const level = '-9';

/** The first `mebibytes` of the Debian image, its size in whole chunks of ours. Kept in the cache, by content. */
export async function benchImage(mebibytes: number, say: (line: string) => void): Promise<BenchImage> {
  const recipe = recipes['debian'];
  if (!recipe) throw new Error('there is no recipe for debian');
  const sources = need(await debianSources());
  const {stored} = need(await atWork({}, (progress) => stockImage(recipe, {home: home(), sources, progress})));
  const {image, chunkBytes} = stored;
  const bytes = Math.min(image.sizeBytes, Math.ceil((mebibytes * 2 ** 20) / chunkBytes) * chunkBytes);
  const folder = join(home().cache, 'bench', `${image.digest.slice(0, 16)}-${bytes}`);
  if (!(await exists(folder))) await make(folder, stored, bytes, say);
  const chunks = image.chunks.filter(({offset, length}) => offset + length <= bytes);
  return {
    folder,
    bytes,
    sha256: await sha256Of(join(folder, 'image.raw')),
    stored,
    chunks,
    packedBytes: chunks.reduce((sum, {packedLength}) => sum + packedLength, 0),
    frameBytes: (await stat(join(folder, 'image.zst'))).size,
  };
}

async function make(folder: string, stored: StoredImage, bytes: number, say: (line: string) => void): Promise<void> {
  say(`bench image: unpacking and packing the first ${bytes / 2 ** 20} MiB`);
  const draft = `${folder}.${process.pid}`;
  const raw = join(draft, 'image.raw');
  await mkdir(draft, {recursive: true});
  await unpack(stored, raw, stored.image.sizeBytes);
  await truncate(raw, bytes);
  await offer(draft, raw, stored);
  await rename(draft, folder);
}

/**
 * So many MiB that do not compress: large enough that what an attempt costs once, whatever the image, does not count.
 * The key stream of AES in counter mode, so that it is the same everywhere. Kept in the cache.
 */
export async function bulkImage(mebibytes: number, say: (line: string) => void): Promise<BenchImage> {
  const folder = join(home().cache, 'bench', `bulk-${mebibytes}`);
  const dir = join(folder, 'stored');
  if (!(await exists(folder))) {
    say(`bench image: making ${mebibytes} MiB that do not compress`);
    const draft = `${folder}.${process.pid}`;
    const raw = join(draft, 'image.raw');
    await mkdir(join(draft, 'stored'), {recursive: true});
    const stream = createCipheriv('aes-128-ctr', Buffer.alloc(16), Buffer.alloc(16));
    const file = await open(raw, 'w');
    for (let done = 0; done < mebibytes; done++) await file.write(stream.update(Buffer.alloc(2 ** 20)));
    await file.close();
    const chunks = await pack(raw, join(draft, 'stored', blobName));
    const sizeBytes = mebibytes * 2 ** 20;
    const packedBytes = chunks.reduce((sum, {packedLength}) => sum + packedLength, 0);
    const image = {name: 'bulk', sizeBytes, packedBytes, chunks};
    const digest = imageDigest(image, chunkBytes);
    await writeFile(
      join(draft, 'stored', manifestName),
      manifestText({image: {...image, digest}, chunkBytes, about: {}}),
    );
    await offer(draft, raw, {dir: join(draft, 'stored'), image: {...image, digest}});
    await rename(draft, folder);
  }
  const stored = need(await openAnyImage(dir));
  const {sizeBytes: bytes, packedBytes, chunks} = stored.image;
  return {
    folder,
    bytes,
    sha256: await sha256Of(join(folder, 'image.raw')),
    stored,
    chunks,
    packedBytes,
    frameBytes: (await stat(join(folder, 'image.zst'))).size,
  };
}

/** What a server of static files has for everybody: the whole as one frame, its block map, and our chunks. */
async function offer(
  folder: string,
  raw: string,
  {dir, image}: Pick<StoredImage<DiskImage>, 'dir' | 'image'>,
): Promise<void> {
  await mkdir(join(folder, image.digest), {recursive: true});
  await execa('zstd', ['-q', '-T0', level, raw, '-o', join(folder, 'image.zst')]);
  await execa('bmaptool', ['create', '-o', join(folder, 'image.bmap'), raw]);
  await link(join(dir, blobName), join(folder, image.digest, blobName));
}

/** Of the first `bytes` of a file, or all of it. */
export async function sha256Of(path: string, bytes = Infinity): Promise<string> {
  const hash = createHash('sha256');
  for await (const part of createReadStream(path, {highWaterMark: 1 << 20, ...(bytes < Infinity && {end: bytes - 1})}))
    hash.update(part as Uint8Array);
  return hash.digest('hex');
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

function need<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(`${result.fault.says} ${result.fault.next ?? ''}`);
  return result.value;
}
