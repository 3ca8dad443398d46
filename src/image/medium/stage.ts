import {createHash, randomBytes} from 'node:crypto';
import {mkdir, readdir, rename, rm, stat, writeFile} from 'node:fs/promises';
import {basename, join} from 'node:path';
import {promisify} from 'node:util';
import {zstdDecompress} from 'node:zlib';
import type {Sha256} from '../../brand.ts';
import {fault} from '../../fault.ts';
import type {Tell} from '../../progress.ts';
import {failed, ok, type Result} from '../../result.ts';
import type {DiskImage, StagedIso} from '../../step/world/image.ts';
import {chunkBytes, chunks, pack} from '../chunks.ts';
import {inRoom} from '../room.ts';
import {blobName, imageDigest, manifestName, manifestText, openAnyImage, type StoredImage} from '../manifest.ts';
import {headBytes, startsOf} from './hybrid.ts';

export interface StageOptions {
  /** The cache's folder for staged ISOs. */
  readonly store: string;
  /** Absolute path of the ISO, and what it must be. */
  readonly file: string;
  readonly sha256: Sha256;
  readonly progress?: Tell;
}

/**
 * An ISO cut into packed chunks: from the cache, where its digest names it, else cut and hashed in one reading. Faults:
 * `image.missing`, `image.unfit`, `image.no-room`, `media.digest-differs`.
 */
export async function stageIso(options: StageOptions): Promise<Result<StoredImage<StagedIso>>> {
  const {store, sha256, progress} = options;
  const dir = join(store, sha256);
  const kept = await openStaged(dir, sha256, progress);
  if (kept.ok) return kept;
  await mkdir(store, {recursive: true, mode: 0o700});
  await discardOld(store);
  const cut = await inRoom(store, () => cutInto(dir, options));
  return cut.ok ? openStaged(dir, sha256, progress) : cut;
}

async function cutInto(dir: string, {file, sha256, progress}: StageOptions): Promise<Result<void>> {
  const size = await sizeOf(file);
  if (size === undefined) return failed(fault('image.missing', `${file} cannot be read`));
  const draft = `${dir}.${randomBytes(4).toString('hex')}${draftSuffix}`;
  await mkdir(draft, {mode: 0o700});
  try {
    const whole = createHash('sha256');
    const list = await pack(file, join(draft, blobName), chunkBytes, {whole, ...(progress && {progress})});
    const found = whole.digest('hex');
    if (found !== sha256) return differs(file, sha256, found);
    const image: Omit<DiskImage, 'digest'> = {
      name: nameOf(file),
      sizeBytes: size,
      packedBytes: list.reduce((sum, {packedLength}) => sum + packedLength, 0),
      chunks: list,
    };
    const digest = imageDigest(image, chunkBytes);
    await writeFile(
      join(draft, manifestName),
      manifestText({image: {...image, digest}, chunkBytes, about: {iso: sha256}}),
    );
    // A damaged one may stand there.
    await rm(dir, {recursive: true, force: true});
    await rename(draft, dir);
    return ok(undefined);
  } finally {
    await rm(draft, {recursive: true, force: true});
  }
}

/** An ISO is not the one that the runbook names. */
export const differs = (file: string, expected: Sha256, found: string): Result<never> =>
  failed(
    fault('media.digest-differs', `${file} is sha256:${found}, the runbook says ${expected}`, {
      detail: {expected, found},
      next: 'fetch it again from its vendor, or correct sha256 in the runbook',
    }),
  );

async function sizeOf(file: string): Promise<number | undefined> {
  const found = await stat(file).catch(() => undefined);
  return found?.isFile() ? found.size : undefined;
}

const decompress = promisify(zstdDecompress);

async function openStaged(dir: string, iso: Sha256, tell: Tell | undefined): Promise<Result<StoredImage<StagedIso>>> {
  const stored = await openAnyImage(dir, tell);
  if (!stored.ok) return stored;
  const {image, about} = stored.value;
  const [first] = image.chunks;
  let head = Buffer.alloc(0);
  if (first?.index === 0)
    for await (const {data} of chunks(stored.value, [first])) head = (await decompress(data)).subarray(0, headBytes);
  const starts = startsOf(head);
  // Disks are written in whole sectors, and an ISO is made of blocks of 2048 bytes.
  if (!starts || image.sizeBytes % 2048 !== 0)
    return failed(fault('image.unfit', `${image.name} is no ISO 9660 image`));
  const {uuid, bios, uefi} = starts;
  return ok({...stored.value, image: {...image, iso, uuid, starts: {bios, uefi}}, about});
}

/** A name for people, in the shape of a manifest's: of `Debian-12.5_netinst.iso`, `debian-12-5-netinst`. */
export function nameOf(file: string): string {
  const name = basename(file)
    .toLowerCase()
    .replace(/\.iso$/, '')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^[^a-z]+/, '')
    .slice(0, 32);
  return name === '' ? 'iso' : name;
}

const draftSuffix = '.new';

/** Removes what killed cuttings left behind. None takes a day. */
async function discardOld(store: string): Promise<void> {
  for (const name of await readdir(store)) {
    if (!name.endsWith(draftSuffix)) continue;
    const found = await stat(join(store, name)).catch(() => undefined);
    if (found && Date.now() - found.mtimeMs > 86_400_000) await rm(join(store, name), {recursive: true, force: true});
  }
}
