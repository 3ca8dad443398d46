import {createHash} from 'node:crypto';
import {open, readFile, stat, truncate, type FileHandle} from 'node:fs/promises';
import {join} from 'node:path';
import {promisify} from 'node:util';
import {zstdCompress, zstdDecompress} from 'node:zlib';
import type {Serial, Sha256} from '../../brand.ts';
import {frameBytes, lengthOf, type Frame} from '../../evidence/frame.ts';
import {fault} from '../../fault.ts';
import type {Tell} from '../../progress.ts';
import {failed, ok, type Result} from '../../result.ts';
import type {KeptImage} from '../../step/world/evidence.ts';
import {placeOf, rowOf, type Place} from './frame-table.ts';
import {digestOf, durably} from './seal.ts';

const compress = promisify(zstdCompress);
const decompress = promisify(zstdDecompress);
const sha = (data: Uint8Array): Sha256 => createHash('sha256').update(data).digest('hex') as Sha256;

/** What is kept in frames as files of a bundle: their names. */
export interface FramedNames {
  /** What it is once it is unpacked. */
  readonly raw: string;
  readonly packed: string;
  readonly frames: string;
  readonly digest: string;
}

export const framedNames = (name: string, form: 'raw' | 'lime'): FramedNames => ({
  raw: `${name}.${form}`,
  packed: `${name}.${form}.zst`,
  frames: `${name}.frames.tsv`,
  digest: `${name}.${form}.sha256`,
});

/** A disk's image; of its serial number what a file of a bundle may be called. */
export const imageNames = (serial: Serial): FramedNames =>
  framedNames(`disk-${serial.replaceAll(/[^A-Za-z0-9._-]/g, '_')}`, 'raw');

/** A file that belongs to one in frames and has no record of its own. */
export const isCompanion = (file: string): boolean =>
  /^(?:disk|memory)-.*\.(?:frames\.tsv|(?:raw|lime)\.sha256)$/.test(file);

/** How often what has come is made durable, in frames. */
const syncEvery = 16;

/**
 * One disk, or what else is kept in frames, as zstd frames, one after the other: a file that `zstd -d --sparse` unpacks. The
 * table of frames beside it says how far it is durable, and what of it could not be read; what stands after that is cut
 * off when it is opened, so it goes on at a frame.
 */
export async function openFramed(folder: string, names: FramedNames): Promise<Result<KeptImage>> {
  const image = join(folder, names.packed);
  const table = join(folder, names.frames);
  const text = await readFile(table, 'utf8').catch(() => '');
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  const places: Place[] = [];
  for (const line of whole.split('\n').slice(0, -1)) {
    const place = placeOf(line);
    if (!place) return failed(fault('evidence.differs', `${table} is damaged at frame ${places.length}`));
    places.push(place);
  }
  const last = places.at(-1);
  let end = last ? last.at + last.bytes : 0;
  const size = (await stat(image).catch(() => undefined))?.size ?? 0;
  if (size < end) return failed(fault('evidence.differs', `${image} is shorter than its table of frames says`));
  await (await open(image, 'a', 0o600)).close();
  await truncate(image, end);
  await (await open(table, 'a', 0o600)).close();
  await truncate(table, Buffer.byteLength(whole));
  const output = await open(image, 'a');
  const rows = await open(table, 'a');
  let waiting: string[] = [];
  const zeros = new Map<number, {readonly packed: Uint8Array; readonly raw: Sha256}>();

  const settle = async (): Promise<void> => {
    if (waiting.length === 0) return;
    // The frames first: a row says that its frame is durable.
    await output.sync();
    await rows.appendFile(waiting.join(''));
    await rows.sync();
    waiting = [];
  };

  let closed = false;
  const pause = async (): Promise<void> => {
    if (closed) return;
    closed = true;
    await settle();
    await output.close();
    await rows.close();
  };

  return ok({
    next: places.length,
    unread: () => places.flatMap(({unread}) => unread),
    async keep(frame: Frame, sizeBytes: number) {
      const length = lengthOf(frame.index, sizeBytes);
      const zero = zeros.get(length) ?? (await zeroFrame(length));
      zeros.set(length, zero);
      const packed = frame.packed ?? zero.packed;
      const place: Place = {at: end, bytes: packed.length, raw: frame.raw ?? zero.raw, unread: frame.unread};
      await output.appendFile(packed);
      end += packed.length;
      places.push(place);
      waiting.push(rowOf(place));
      if (waiting.length >= syncEvery) await settle();
      return ok(undefined);
    },
    pause,
    async end(sizeBytes: number, tell: Tell = () => {}) {
      await pause();
      const read = await readBack(image, places, sizeBytes, tell);
      if (!read.ok) return read;
      await durably(join(folder, names.digest), `${read.value}  ${names.raw}\n`);
      return ok({
        file: names.packed,
        bytes: end,
        sha256: await digestOf(image, (done) => tell({says: 'hashing the file', done, of: end, unit: 'bytes'})),
        rawSha256: read.value,
      });
    },
  });
}

export const openImage = (folder: string, serial: Serial): Promise<Result<KeptImage>> =>
  openFramed(folder, imageNames(serial));

async function zeroFrame(length: number) {
  const raw = Buffer.alloc(length);
  return {packed: await compress(raw, {pledgedSrcSize: length}), raw: sha(raw)};
}

/** Every frame unpacked and held against the digest that the light system gave of its chunk; the digest of the whole. */
async function readBack(
  file: string,
  places: readonly Place[],
  sizeBytes: number,
  tell: Tell,
): Promise<Result<Sha256>> {
  const whole = createHash('sha256');
  await using handle = await open(file, 'r');
  for (const [index, {at, bytes, raw}] of places.entries()) {
    const data = await unpacked(await exactly(handle, at, bytes));
    if (!data || data.length !== lengthOf(index, sizeBytes) || sha(data) !== raw)
      return failed(fault('evidence.differs', `frame ${index} of ${file} is not what was read from the disk`));
    whole.update(data);
    const done = Math.min((index + 1) * frameBytes, sizeBytes);
    tell({says: 'reading back what is kept', done, of: sizeBytes, unit: 'bytes'});
  }
  return ok(whole.digest('hex') as Sha256);
}

async function exactly(handle: FileHandle, at: number, bytes: number): Promise<Buffer> {
  const data = Buffer.alloc(bytes);
  let done = 0;
  while (done < bytes) {
    const {bytesRead} = await handle.read(data, done, bytes - done, at + done);
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return data.subarray(0, done);
}

async function unpacked(packed: Uint8Array): Promise<Buffer | undefined> {
  try {
    return await decompress(packed, {maxOutputLength: frameBytes});
  } catch {
    return undefined;
  }
}
