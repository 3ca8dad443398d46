import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import {samples} from '../../src/step/sample.ts';

const MiB = 1_048_576;
const sizes = fc.integer({min: 1, max: 40_000_000}).map((sectors) => sectors * 512);

describe('samples of a wiped disk', () => {
  it('always take both ends, lie on the disk, and begin where O_DIRECT may read', () => {
    fc.assert(
      fc.property(fc.string(), sizes, (seed, size) => {
        const chosen = samples(seed, size);
        expect(chosen[0]?.offset).toBe(0);
        const last = chosen.at(-1)!;
        expect(last.offset + last.length).toBe(size);
        for (const {offset, length} of chosen) {
          expect(length).toBeGreaterThan(0);
          expect(offset + length).toBeLessThanOrEqual(size);
          expect(offset % 512).toBe(0);
        }
      }),
    );
  });

  it('are drawn from the seed alone, and differ between seeds', () => {
    const size = 8_000_000_000;
    expect(samples('a', size)).toEqual(samples('a', size));
    expect(samples('a', size)).not.toEqual(samples('b', size));
  });

  it('find any residue as long as one of the equal stretches between the ends', () => {
    const size = 8_000_000_000;
    const chosen = samples('seed', size).slice(1, -1);
    const stretch = (size - 32 * MiB) / 256;
    const gaps = chosen.slice(1).map(({offset}, index) => offset - (chosen[index]!.offset + chosen[index]!.length));
    expect(Math.max(...gaps)).toBeLessThan(2 * stretch);
    expect(chosen).toHaveLength(256);
  });

  it('read a small disk whole', () => {
    expect(samples('seed', 10 * MiB)).toEqual([{offset: 0, length: 10 * MiB}]);
  });
});
