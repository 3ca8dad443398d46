import {createHash} from 'node:crypto';
import {expect, test} from 'vitest';
import type {Sha256} from '../../src/brand.ts';
import {stretches} from '../../src/step/transfer/whole-image.ts';
import type {Chunk} from '../../src/step/world/image.ts';

const hex = (data: Uint8Array): Sha256 => createHash('sha256').update(data).digest('hex') as Sha256;
const MiB = 1 << 20;

const chunk = (index: number, length = 8 * MiB): Chunk => {
  const raw = hex(Buffer.from(`chunk ${index}`));
  return {index, offset: index * 8 * MiB, length, raw, packed: raw, packedLength: 1};
};

test('every byte of an image is read back: its chunks, and the zeros before, between and behind them', () => {
  const sizeBytes = 45 * MiB;
  const all = stretches({
    name: 'vendor',
    digest: 'a'.repeat(64) as Sha256,
    sizeBytes,
    packedBytes: 2,
    // In the order in which they are sent.
    chunks: [chunk(4), chunk(1)],
  });
  let at = 0;
  for (const {offset, length} of all) {
    expect(offset).toBe(at);
    expect(length).toBeLessThanOrEqual(8 * MiB);
    at += length;
  }
  expect(at).toBe(sizeBytes);
  expect(all.flatMap(({chunk}) => chunk?.index ?? [])).toEqual([1, 4]);
  for (const {chunk, raw, length} of all) if (!chunk) expect(raw).toBe(hex(Buffer.alloc(length)));
});

test('an image of zeros alone is read in pieces that fit the light system’s RAM', () => {
  const all = stretches({
    name: 'zero',
    digest: 'a'.repeat(64) as Sha256,
    sizeBytes: 3 * MiB + 512,
    packedBytes: 0,
    chunks: [],
  });
  expect(all.map(({length}) => length)).toEqual([MiB, MiB, MiB, 512]);
});
