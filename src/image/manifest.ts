import {createHash} from 'node:crypto';
import {createReadStream} from 'node:fs';
import {readFile} from 'node:fs/promises';
import {join} from 'node:path';
import {z} from 'zod';
import {sha256, type Sha256} from '../brand.ts';
import {fault} from '../fault.ts';
import {canonical, type Json} from '../json.ts';
import type {Tell} from '../progress.ts';
import {failed, ok, type Result} from '../result.ts';
import type {DiskImage, OsImage} from '../step/world/image.ts';

export const manifestName = 'manifest.json';
export const blobName = 'chunks.zst';

/** A disk image in the cache: the manifest, and the folder that holds it and the packed chunks. */
export interface StoredImage<I extends DiskImage = OsImage> {
  readonly dir: string;
  readonly image: I;
  readonly chunkBytes: number;
  /** What it was made of, for people: Debian suite, kernel. Not part of its identity. */
  readonly about: Readonly<Record<string, string>>;
}

/** What a manifest may describe: a system, or anything else that goes on a disk. */
export type AnyImage = DiskImage & Partial<Pick<OsImage, 'root'>>;

const digest = z.string().transform((text, context): Sha256 => {
  const value = sha256(text);
  if (value) return value;
  context.addIssue('not a SHA-256');
  return z.NEVER;
});
const bytes = z.int().nonnegative();

const shape = z.strictObject({
  version: z.literal(1),
  name: z.string().regex(/^[a-z][a-z0-9-]{0,31}$/),
  digest,
  sizeBytes: bytes.positive(),
  chunkBytes: bytes.positive().multipleOf(4096),
  packedBytes: bytes,
  root: z.strictObject({partition: z.int().min(1).max(128), uuid: z.uuid()}).optional(),
  about: z.record(z.string(), z.string()),
  chunks: z.array(
    z.strictObject({
      index: bytes,
      offset: bytes,
      length: bytes.positive(),
      raw: digest,
      packed: digest,
      packedLength: bytes.positive(),
    }),
  ),
});

/**
 * What an image is named by: the bytes it puts on a disk, and where its root file system is, if it has one. How the chunks are packed
 * is not part of it: two versions of the compressor give the same image.
 */
export function imageDigest({sizeBytes, root, chunks}: Omit<AnyImage, 'name' | 'digest'>, chunkBytes: number): Sha256 {
  const identity: Json = {
    version: 1,
    sizeBytes,
    chunkBytes,
    ...(root && {root: {...root}}),
    chunks: chunks.map(({index, length, raw}) => ({index, length, raw})),
  };
  return createHash('sha256').update(canonical(identity)).digest('hex') as Sha256;
}

/** The manifest's file, one line a chunk so that two images can be compared with `diff`. */
export function manifestText({image, chunkBytes, about}: Omit<StoredImage<AnyImage>, 'dir'>): string {
  const {chunks, ...head} = image;
  const lines = chunks.map((chunk) => `    ${JSON.stringify(chunk)}`).join(',\n');
  const text = JSON.stringify({version: 1, ...head, chunkBytes, about}, undefined, 2);
  return `${text.slice(0, -2)},\n  "chunks": [\n${lines}\n  ]\n}\n`;
}

/** Reads a manifest strictly: its shape, the place of every chunk, the sums, and its own digest. */
export function parseManifest(text: string): Result<Omit<StoredImage<AnyImage>, 'dir'>> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return damaged('the manifest is not JSON');
  }
  const parsed = shape.safeParse(json);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return damaged(`the manifest is not valid: ${issue?.path.join('.')}: ${issue?.message}`);
  }
  const {version: _, chunkBytes, about, root, ...rest} = parsed.data;
  const image: AnyImage = root ? {...rest, root} : rest;
  let last = -1;
  let packed = 0;
  for (const {index, offset, length, packedLength} of image.chunks) {
    const end = Math.min((index + 1) * chunkBytes, image.sizeBytes);
    if (index <= last || offset !== index * chunkBytes || offset + length !== end)
      return damaged(`the manifest puts chunk ${index} in the wrong place`);
    last = index;
    packed += packedLength;
  }
  if (packed !== image.packedBytes) return damaged('the manifest’s chunks do not add up to its packed size');
  if (imageDigest(image, chunkBytes) !== image.digest)
    return damaged('the manifest’s digest is not that of its chunks');
  return ok({image, chunkBytes, about});
}

/** Opens a stored system. */
export async function openImage(dir: string, tell?: Tell): Promise<Result<StoredImage>> {
  const opened = await openAnyImage(dir, tell);
  if (!opened.ok) return opened;
  const {image, ...rest} = opened.value;
  return image.root ? ok({...rest, image: {...image, root: image.root}}) : damaged('it has no root file system');
}

/** Opens a stored image after hashing every packed chunk: what is handed out later is what the manifest says. */
export async function openAnyImage(dir: string, tell: Tell = () => {}): Promise<Result<StoredImage<AnyImage>>> {
  let text: string;
  try {
    text = await readFile(join(dir, manifestName), 'utf8');
  } catch {
    return damaged('there is no manifest');
  }
  const manifest = parseManifest(text);
  if (!manifest.ok) return manifest;
  const stored = {...manifest.value, dir};
  const whole = await checkBlob(stored, tell);
  return whole.ok ? ok(stored) : whole;
}

async function checkBlob({dir, image}: StoredImage<DiskImage>, tell: Tell): Promise<Result<void>> {
  let at = 0;
  for (const {index, packed, packedLength} of image.chunks) {
    const hash = createHash('sha256');
    try {
      const end = at + packedLength - 1;
      for await (const part of createReadStream(join(dir, blobName), {start: at, end, highWaterMark: 1 << 20}))
        hash.update(part as Uint8Array);
    } catch {
      return damaged('its chunks cannot be read');
    }
    if (hash.digest('hex') !== packed) return damaged(`chunk ${index} is not the one the manifest names`);
    at += packedLength;
    tell({says: 'comparing it with its digest', done: at, of: image.packedBytes, unit: 'bytes'});
  }
  return ok(undefined);
}

const damaged = (says: string) => failed(fault('media.digest-differs', `stored image: ${says}`));
