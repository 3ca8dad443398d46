import {expect, test} from 'vitest';
import type {Sha256} from '../../../src/brand.ts';
import type {Chunk} from '../../../src/step/world/image.ts';
import {askedOfServer, verifiedBytesAgain} from './contestant/asked.ts';

const none = '' as Sha256;
const chunk = (index: number, packedLength: number): Chunk => ({
  index,
  offset: index * 100,
  length: 100,
  raw: none,
  packed: none,
  packedLength,
});

test('counts what is asked for after its chunk was read back, and nothing else', () => {
  const chunks = [chunk(0, 10), chunk(3, 20), chunk(4, 30)];
  const asked = [
    {when: 1, at: 0, length: 30},
    {when: 5, at: 5, length: 10},
    {when: 9, at: 25, length: 10},
  ];
  expect(verifiedBytesAgain(asked, chunks, new Map())).toBe(0);
  expect(verifiedBytesAgain(asked, chunks, new Map([[0, 3]]))).toBe(5);
  // The chunk with index 3 is the file's bytes 10 to 30.
  expect(verifiedBytesAgain(asked, chunks, new Map([[3, 3]]))).toBe(5 + 5);
  expect(verifiedBytesAgain(asked, chunks, new Map([[4, 9]]))).toBe(0);
});

test('reads the server’s log', () => {
  expect(askedOfServer('1700000000.500 0.250 bytes=100-199 40\n1700000001.000 0.001 - 12\n')).toEqual([
    {when: 1_700_000_000_250, at: 100, length: 40},
  ]);
});
