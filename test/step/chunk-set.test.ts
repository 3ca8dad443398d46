import fc from 'fast-check';
import {expect, it} from 'vitest';
import {chunkSet, indices} from '../../src/step/transfer/chunk-set.ts';

it('writes indices as ranges', () => {
  expect(chunkSet([3, 0, 1, 2, 7])).toBe('0-3,7');
  expect(chunkSet([])).toBe('');
});

it('reads back what it wrote, for any set', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat(500)), (set) => {
      expect([...indices(chunkSet(set))].toSorted((a, b) => a - b)).toEqual([...set].toSorted((a, b) => a - b));
    }),
  );
});
