import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import type {RunId, Serial} from '../../src/brand.ts';
import type {Sample} from '../../src/step/world/target.ts';
import {
  batches,
  borders,
  compared,
  coveredBy,
  glance,
  isWhole,
  lengthOf,
  pieces,
  samples,
  superblocks,
  thorough,
} from '../../src/step/wipe/sample.ts';
import {comparedPlaces, drawnPlaces, seedOf} from '../../src/step/wipe/places.ts';

const MiB = 1_048_576;
const sizes = fc.integer({min: 1, max: 40_000_000}).map((sectors) => sectors * 512);
const sampling = fc.constantFrom(glance, compared, thorough);

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
    expect(samples('a', size, thorough)).toEqual(samples('a', size, thorough));
    expect(samples('a', size, thorough)).not.toEqual(samples('b', size, thorough));
  });

  it('hit any residue that is as long as one stretch, wherever it lies', () => {
    const large = fc.integer({min: 1_000_000, max: 40_000_000}).map((sectors) => sectors * 512);
    fc.assert(
      fc.property(fc.string(), large, sampling, (seed, size, how) => {
        const chosen = samples(seed, size, how);
        const stretch = (size - 2 * how.endBytes) / how.sections;
        const gaps = chosen.slice(1).map(({offset}, index) => offset - chosen[index]!.offset - chosen[index]!.length);
        expect(Math.max(...gaps)).toBeLessThan(stretch);
      }),
      {numRuns: 40},
    );
  });

  it('are two in each of a thousand sections and a tenth of the disk, as SP 800-88r1 4.7 asks for', () => {
    const large = fc.integer({min: 1_000_000, max: 40_000_000_000}).map((sectors) => sectors * 512);
    fc.assert(
      fc.property(fc.string(), large, (seed, size) => {
        const chosen = samples(seed, size, thorough);
        const [head, tail] = [chosen[0]!, chosen.at(-1)!];
        expect([head.length, tail.length >= 64 * MiB]).toEqual([64 * MiB, true]);
        const drawn = chosen.slice(1, -1);
        expect(drawn).toHaveLength(2 * 1000);
        const stretch = (tail.offset - head.length) / 1000;
        const sections = drawn.map(({offset}) => Math.floor((offset - head.length) / stretch));
        expect(sections).toEqual(drawn.map((_, index) => Math.floor(index / 2)));
        expect(Math.min(...drawn.map(({length}) => length))).toBeGreaterThanOrEqual(0.05 * stretch);
        expect(lengthOf(chosen)).toBeGreaterThanOrEqual(size / 10);
      }),
      {numRuns: 10},
    );
  });

  it('hit a residue of one block with a chance of a tenth or more', () => {
    const size = 8_000_000_000;
    const at = 5_000_000_000;
    const hits = Array.from({length: 2000}, (_, seed) =>
      samples(String(seed), size, {...thorough, sections: 20}).some(
        ({offset, length}) => offset <= at && at < offset + length,
      ),
    ).filter(Boolean).length;
    // Three deviations of a binomial distribution below a tenth.
    expect(hits).toBeGreaterThan(200 - 3 * Math.sqrt(2000 * 0.1 * 0.9));
  });

  it('read a small disk whole', () => {
    for (const how of [glance, compared, thorough]) {
      expect(samples('seed', 10 * MiB, how)).toEqual([{offset: 0, length: 10 * MiB}]);
      expect(isWhole(10 * MiB, how)).toBe(true);
    }
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

const within = (offset: number, length: number, size: number) =>
  superblocks([{offset, length}], size).map((place) => (place.offset - offset) / MiB);
const key = ({offset, length}: Sample): string => `${offset}+${length}`;

describe('copies of superblocks', () => {
  it('are where btrfs and ext keep them, as far as the partition and the disk reach', () => {
    // A copy of btrfs' at 64 MiB; groups 1, 3, 9, 5 and 7 of 128 MiB.
    expect(within(MiB, 1200 * MiB, 1e12)).toEqual([64, 128, 384, 1152, 640, 896]);
    expect(within(MiB, 300 * MiB, 1e12)).toEqual([64, 8, 24, 72, 216, 40, 200, 56]);
    expect(within(0, 3e11, 3e11)).toContain(262_144);
    expect(within(MiB, 1200 * MiB, 100 * MiB)).toEqual([64]);
  });
});

describe('the places of a disk', () => {
  const layout = {seed: 's', sizeBytes: 8_000_000_000, partitions: [{offset: MiB, length: 4_000_000_000}]};

  it('come from the run and the serial number, the same each time', () => {
    const seed = seedOf('marruuk-3' as RunId, 'S-1' as Serial);
    expect(seed).toMatch(/^[0-9a-f]{64}$/);
    expect(seedOf('marruuk-3' as RunId, 'S-2' as Serial)).not.toBe(seed);
    expect(seedOf('marruuk-4' as RunId, 'S-1' as Serial)).not.toBe(seed);
  });

  it('are read in the order of the disk: what is drawn, old borders, copies of superblocks', () => {
    const all = drawnPlaces(layout, thorough);
    expect(all).toEqual(all.toSorted((a, b) => a.offset - b.offset));
    const keys = new Set(all.map(key));
    const wanted = [
      ...samples('s', layout.sizeBytes, thorough),
      ...borders(layout.partitions, layout.sizeBytes),
      ...superblocks(layout.partitions, layout.sizeBytes),
    ];
    expect(wanted.filter((place) => !keys.has(key(place)))).toEqual([]);
  });

  it('are compared in pieces of at most 1 MiB, and not where the canary is written', () => {
    for (const sizeBytes of [layout.sizeBytes, 100 * MiB]) {
      const middle = Math.floor(sizeBytes / 2 / MiB) * MiB;
      const all = comparedPlaces({...layout, sizeBytes, partitions: []}, compared);
      expect(Math.max(...all.map(({length}) => length))).toBeLessThanOrEqual(MiB);
      expect(all.filter(({offset, length}) => offset < middle + MiB && offset + length > middle)).toEqual([]);
    }
    // Whoever reads two thousand places before an erase keeps no more of them than a line of a journal may hold.
    expect(comparedPlaces(layout, compared).length * 8).toBeLessThan(32_768);
  });

  it('cover what they cover once', () => {
    expect(coveredBy([])).toBe(0);
    expect(
      coveredBy([
        {offset: 10, length: 10},
        {offset: 0, length: 12},
        {offset: 2, length: 3},
        {offset: 40, length: 5},
      ]),
    ).toBe(25);
    const whole = {offset: 3 * MiB, length: 2 * MiB + 512};
    expect(pieces([whole]).map(({length}) => length)).toEqual([MiB, MiB, 512]);
    expect(coveredBy(pieces([whole]))).toBe(whole.length);
  });
});

it('batches keep order and lose nothing', () => {
  const all = samples('seed', 8_000_000_000, thorough);
  const groups = [...batches(all)];
  expect(groups.flat()).toEqual(all);
  expect(groups.length).toBe(4);
  expect([...batches(all, 10 * MiB)].every((group) => group.length === 1 || lengthOf(group) <= 10 * MiB)).toBe(true);
});
