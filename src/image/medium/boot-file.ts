import {createHash} from 'node:crypto';
import {promisify} from 'node:util';
import {zstdDecompress} from 'node:zlib';
import type {Sha256} from '../../brand.ts';
import {fault} from '../../fault.ts';
import {failed, ok, type Result} from '../../result.ts';
import type {BootFile, DiskImage, StagedIso} from '../../step/world/image.ts';
import {chunks} from '../chunks.ts';
import type {StoredImage} from '../manifest.ts';
import {findInIso, type Extent} from './iso-file.ts';

const decompress = promisify(zstdDecompress);

/** Bytes of a stored image as it lies on a disk; what no chunk holds is zero. */
async function readStored(stored: StoredImage<DiskImage>, {offset, length}: Extent): Promise<Buffer> {
  const bytes = Buffer.alloc(length);
  const want = stored.image.chunks.filter((one) => one.offset < offset + length && one.offset + one.length > offset);
  for await (const {chunk, data} of chunks(stored, want)) {
    const raw = await decompress(data);
    const from = Math.max(offset, chunk.offset);
    raw.copy(bytes, from - offset, from - chunk.offset, Math.min(raw.length, offset + length - chunk.offset));
  }
  return bytes;
}

// A kernel has ten megabytes and an installer's first RAM disk some hundred.
const mostBytes = 1 << 30;

/** Where a kernel or an initial RAM disk lies in a staged ISO, and what it must be. Faults: `image.unfit`. */
export async function bootFile(stored: StoredImage<StagedIso>, path: string): Promise<Result<BootFile>> {
  const {name, sizeBytes} = stored.image;
  const within = ({offset, length}: Extent): boolean => offset + length <= sizeBytes && length <= mostBytes;
  const found = await findInIso(
    async (extent) => (within(extent) ? readStored(stored, extent) : Buffer.alloc(0)),
    path,
  );
  if (found.is === 'missing') {
    const there = found.there.filter((text) => /^[\w.+-]{1,40}$/.test(text)).slice(0, 20);
    return failed(fault('image.unfit', `${name} has no ${path}; there is ${there.join(', ') || 'nothing'}`));
  }
  if (found.is === 'other' || !within(found.extent) || found.extent.length === 0)
    return failed(fault('image.unfit', `${path} of ${name} is no file to start from`));
  const digest = createHash('sha256').update(await readStored(stored, found.extent));
  return ok({...found.extent, sha256: digest.digest('hex') as Sha256});
}
