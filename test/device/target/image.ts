import {createHash, randomBytes} from 'node:crypto';
import {zstdCompressSync} from 'node:zlib';
import {sha256, type Sha256} from '../../../src/brand.ts';
import type {Chunk, DiskImage, ImageSource} from '../../../src/step/world/image.ts';
import type {Delivery} from '../../../src/step/world/target.ts';

const MiB = 1_048_576;
export const sha = (data: Uint8Array): Sha256 => sha256(createHash('sha256').update(data).digest('hex')) as Sha256;

export interface Packet {
  readonly chunk: Chunk;
  readonly data: Uint8Array;
  readonly raw: Buffer;
}

/** `count` chunks of about `about` bytes, whole sectors, that compress to about that, a hole after each. */
export function packets(count: number, about = MiB / 2): readonly Packet[] {
  const bytes = about - (about % 4096);
  const stride = Math.ceil(bytes / MiB) * MiB;
  return Array.from({length: count}, (_, index) => {
    const raw = randomBytes(bytes);
    const data = zstdCompressSync(raw);
    const digests = {raw: sha(raw), packed: sha(data), packedLength: data.length};
    return {chunk: {index, offset: index * stride, length: raw.length, ...digests}, data, raw};
  });
}

export function imageOf(all: readonly Packet[]): DiskImage {
  const chunks = all.map(({chunk}) => chunk);
  return {
    name: 'test',
    digest: sha(Buffer.from(JSON.stringify(chunks))),
    sizeBytes: chunks.reduce((end, {offset, length}) => Math.max(end, offset + length), 0),
    packedBytes: chunks.reduce((sum, {packedLength}) => sum + packedLength, 0),
    chunks,
  };
}

/** The file of packed chunks as a server would have it, and where. */
export const blobOf = (all: readonly Packet[]): Buffer => Buffer.concat(all.map(({data}) => data));
export const pathOf = ({digest}: DiskImage): string => `/images/${digest}/chunks.zst`;
export const sourceAt = (port: number): ImageSource => ({
  address: '127.0.0.1',
  port,
  host: '127.0.0.1',
  path: '/images',
});

/** What brings them, all from here unless said otherwise. */
export function delivery(all: readonly Packet[], more: Partial<Delivery> = {}): Delivery {
  const image = imageOf(all);
  return {
    image,
    want: image.chunks,
    from: [],
    packed: async ({index}) => {
      const found = all.find(({chunk}) => chunk.index === index);
      if (!found) throw new Error(`no chunk ${index}`);
      return found.data;
    },
    written: async () => {},
    signal: new AbortController().signal,
    ...more,
  };
}
