import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import {batches, borders, brief, lengthOf, samples, thorough} from '../../src/step/sample.ts';

const MiB = 1_048_576;
const sizes = fc.integer({min: 1, max: 40_000_000}).map((sectors) => sectors * 512);
const sampling = fc.constantFrom(brief, thorough);

describe('samples of an erased disk', () => {
  it('always take both ends, lie on the disk, do not overlap, and begin where O_DIRECT may read', () => {
    fc.assert(
      fc.property(fc.string(), sizes, sampling, (seed, size, how) => {
        const chosen = samples(seed, size, how);
        expect(chosen[0]?.offset).toBe(0);
        let end = 0;
        for (const {offset, length} of chosen) {
          expect(length).toBeGreaterThan(0);
          expect(offset).toBeGreaterThanOrEqual(end);
          expect(offset % 512).toBe(0);
          end = offset + length;
        }
        expect(end).toBe(size);
      }),
      {numRuns: 40},
    );
  });

  it('are drawn from the seed alone, and differ between seeds', () => {
    const size = 8_000_000_000;
    expect(samples('a', size)).toEqual(samples('a', size));
    expect(samples('a', size)).not.toEqual(samples('b', size));
  });

  it('hit any residue that is as long as one stretch, wherever it lies', () => {
    const large = fc.integer({min: 1_000_000, max: 40_000_000}).map((sectors) => sectors * 512);
    fc.assert(
      fc.property(fc.string(), large, sampling, (seed, size, how) => {
        const chosen = samples(seed, size, how);
        const stretch = (size - 128 * MiB) / how.sections;
        const gaps = chosen.slice(1).map(({offset}, index) => offset - chosen[index]!.offset - chosen[index]!.length);
        expect(Math.max(...gaps)).toBeLessThan(stretch);
      }),
      {numRuns: 40},
    );
  });

  it('take a tenth of the disk where they are to be thorough, and two thousand places', () => {
    const size = 400_000_000_000;
    const chosen = samples('seed', size, thorough);
    expect(chosen).toHaveLength(2002);
    expect(lengthOf(chosen) / size).toBeGreaterThan(0.1);
    expect(lengthOf(samples('seed', size)) / size).toBeLessThan(0.001);
  });

  it('read a small disk whole', () => {
    expect(samples('seed', 10 * MiB)).toEqual([{offset: 0, length: 10 * MiB}]);
  });
});

describe('the borders of former partitions', () => {
  it('are read on both sides, and never beyond the disk', () => {
    const size = 100 * MiB;
    expect(borders([{offset: MiB, length: 10 * MiB}], size)).toEqual([
      {offset: MiB, length: MiB},
      {offset: 10 * MiB, length: MiB},
    ]);
    for (const {offset, length} of borders([{offset: size - 1024, length: 4096}], size))
      expect(offset + length).toBeLessThanOrEqual(size);
    expect(borders([{offset: 2 * size, length: MiB}], size)).toEqual([]);
  });
});

it('batches keep order and lose nothing', () => {
  const all = samples('seed', 8_000_000_000);
  const groups = [...batches(all)];
  expect(groups.flat()).toEqual(all);
  expect(groups.length).toBe(1);
  expect([...batches(all, 10 * MiB)].every((group) => group.length === 1 || lengthOf(group) <= 10 * MiB)).toBe(true);
});
