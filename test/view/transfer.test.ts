import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import type {Losses} from '../../src/plan/forecast/losses.ts';
import {unknownPath, type Way} from '../../src/plan/path.ts';
import {transferOutlook} from '../../src/plan/transfer.ts';
import {transferText} from '../../src/view/transfer.ts';

const over = (losses: Losses, bytesPerSecond = 170_000): Way => ({bytesPerSecond, rateFrom: 'runbook', losses});
const half = over({known: 'mean', seconds: 1800});
const ways = {link: half, path: half};
const image = {name: 'vendor.iso', packedBytes: 5.4e9, promiseSeconds: 12 * 3600};
const iso = {...image, isoBytes: 5.4e9};
const says = (...given: Parameters<typeof transferOutlook>) => transferText('stage', transferOutlook(...given));

describe('an image that a step brings', () => {
  test('with resume, and straight from the virtual CD, held against what is promised', () => {
    expect(says(ways, iso)).toEqual([
      'about 9h08m with resume (8h49m undisturbed), within the 12h promised',
      'straight from the virtual CD: under 1 in a million; with restarts 3,070 years',
    ]);
    expect(says(ways, {...iso, promiseSeconds: 8 * 3600})[0]).toBe(
      'about 9h08m with resume (8h49m undisturbed), LONGER than the 8h promised',
    );
  });

  test('that is no ISO, against being begun anew', () => {
    expect(says(ways, {...image, packedBytes: 334e6})).toEqual([
      'about 34min with resume (33min undisturbed), within the 12h promised',
      'begun anew at each cut: 1h09m',
    ]);
  });

  test('of a way that nobody knows, that it is not known', () => {
    expect(says({link: unknownPath, path: unknownPath}, iso)).toEqual([
      'unknown until stage measures it; a runbook can say it: link: {rate, cuts}',
      'straight from the virtual CD: nobody has measured its path yet',
    ]);
    const unwatched = over({known: 'nothing'});
    expect(says({link: unwatched, path: unwatched}, iso)).toEqual([
      '8h49m undisturbed, within the 12h promised',
      'how often it is cut is not known: each cut costs what was on its way',
      'straight from the virtual CD: 8h49m; how often it unmounts is not known',
    ]);
  });

  test('over a path on which nothing moves, or whose sessions are too short', () => {
    const still = over({known: 'mean', seconds: 1800}, 0);
    expect(says({link: still, path: still}, iso)).toEqual([
      'nothing moves over it',
      'straight from the virtual CD: nothing moves over its path',
    ]);
    expect(says({link: half, path: over({known: 'session', seconds: 1800})}, iso)[1]).toBe(
      'straight from the virtual CD: no session carries it',
    );
  });
});

test('whatever the numbers: sentences in lines of at most 79 columns, none of them cut', () => {
  const seconds = fc.double({min: 1, max: 1e9, noNaN: true});
  const losses = fc.oneof<fc.Arbitrary<Losses>[]>(
    fc.record({known: fc.constant('mean' as const), seconds}),
    fc.record({known: fc.constant('session' as const), seconds}),
    fc.record({known: fc.constant('seen' as const), losses: fc.nat({max: 500}), seconds}),
    fc.constant({known: 'nothing'}),
  );
  const rate = fc.oneof(fc.constant(0), fc.double({min: 1, max: 1e10, noNaN: true}));
  const way = fc.oneof(
    fc.constant(unknownPath),
    fc.tuple(losses, rate).map(([known, fast]) => over(known, fast)),
  );
  const size = fc.double({min: 0, max: 9e14, noNaN: true});
  const sizes = fc.record(
    {name: fc.constant('vendor.iso'), packedBytes: size, isoBytes: size, promiseSeconds: seconds},
    {requiredKeys: ['name', 'packedBytes']},
  );
  fc.assert(
    fc.property(way, way, sizes, (link, path, given) => {
      const lines = says({link, path}, given);
      expect(lines.length).toBeGreaterThan(0);
      for (const line of lines) {
        expect(line.length).toBeLessThanOrEqual(79);
        expect(line).not.toMatch(/…|NaN|Infinity|undefined/);
      }
    }),
    {numRuns: 1000, seed: 7},
  );
});
