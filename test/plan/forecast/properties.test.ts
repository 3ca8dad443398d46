import * as fc from 'fast-check';
import {expect, test} from 'vitest';
import {forecast, type Crossing, type Expected} from '../../../src/plan/forecast/forecast.ts';
import type {Losses} from '../../../src/plan/forecast/losses.ts';

const runs = {numRuns: 500, seed: 6};

const size = fc.double({min: 0, max: 1e11, noNaN: true});
const rate = fc.double({min: 1, max: 1e9, noNaN: true});
const seconds = fc.double({min: 1, max: 1e7, noNaN: true});
const mean = fc.record({known: fc.constant('mean' as const), seconds});
const seen = fc.record({known: fc.constant('seen' as const), losses: fc.nat({max: 200}), seconds});
const session = fc.record({known: fc.constant('session' as const), seconds});
const losses: fc.Arbitrary<Losses> = fc.oneof(mean, seen, session);
const crossing: fc.Arbitrary<Crossing> = fc.record({
  sizeBytes: size,
  bytesPerSecond: rate,
  losses,
  deadlineSeconds: seconds,
});
const more = fc.double({min: 1, max: 10, noNaN: true});

const longness = (expected: Expected): number => (expected.is === 'seconds' ? expected.seconds : Infinity);

/** `worse` is no better than `better` in anything that is forecast. */
function noBetter(worse: Crossing, better: Crossing): void {
  const [a, b] = [forecast(worse), forecast(better)];
  const rounding = 1e-9;
  expect(a.onePiece).toBeLessThanOrEqual((b.onePiece ?? NaN) + rounding);
  // The probability by a deadline is stepped along a grid, in three regimes that meet within this.
  expect(a.byDeadline).toBeLessThanOrEqual((b.byDeadline ?? NaN) + 0.01);
  expect(longness(a.restart) * (1 + rounding) + rounding).toBeGreaterThanOrEqual(longness(b.restart));
  // Where sessions are cut at a fixed length, a shorter one can suit the chunks better.
  if (
    worse.losses.known !== 'session' ||
    worse.losses.seconds === (better.losses.known === 'session' && better.losses.seconds)
  )
    expect(longness(a.resume) * (1 + rounding) + rounding).toBeGreaterThanOrEqual(longness(b.resume));
}

test('probabilities are between 0 and 1, times no shorter than the work, and no number is NaN', () => {
  fc.assert(
    fc.property(crossing, (asked) => {
      const told = forecast(asked);
      for (const chance of [told.onePiece, told.byDeadline]) {
        expect(chance).toBeGreaterThanOrEqual(0);
        expect(chance).toBeLessThanOrEqual(1);
      }
      for (const expected of [told.restart, told.resume])
        expect(longness(expected) * (1 + 1e-9) + 1e-9).toBeGreaterThanOrEqual(told.wholeSeconds);
      for (const bytes of Object.values(told.largest)) {
        expect(bytes).toBeGreaterThanOrEqual(0);
        expect(bytes).toBeLessThan(Infinity);
      }
      expect(told.byDeadline).toBeGreaterThanOrEqual(
        told.wholeSeconds > (asked.deadlineSeconds ?? NaN) ? 0 : (told.onePiece ?? NaN) - 1e-6,
      );
    }),
    runs,
  );
});

test('resuming is never slower than starting again, in expectation', () => {
  fc.assert(
    fc.property(crossing, fc.double({min: 1, max: 1e10, noNaN: true}), (asked, chunkBytes) => {
      const {restart, resume} = forecast({...asked, chunkBytes});
      expect(longness(resume)).toBeLessThanOrEqual(longness(restart) * (1 + 1e-9));
    }),
    runs,
  );
});

test('a larger image is no likelier and no quicker', () => {
  fc.assert(
    fc.property(crossing, more, (asked, times) => noBetter({...asked, sizeBytes: asked.sizeBytes * times}, asked)),
    runs,
  );
});

test('a faster path is no worse', () => {
  fc.assert(
    fc.property(crossing, more, (asked, times) =>
      noBetter(asked, {...asked, bytesPerSecond: asked.bytesPerSecond * times}),
    ),
    runs,
  );
});

test('rarer losses, longer sessions, and the same losses seen in more time are no worse', () => {
  fc.assert(
    fc.property(crossing, more, (asked, times) => {
      const {losses} = asked;
      if (losses.known === 'nothing') return;
      noBetter(asked, {...asked, losses: {...losses, seconds: losses.seconds * times}});
    }),
    runs,
  );
});

test('more losses seen in the same time are no better', () => {
  fc.assert(
    fc.property(crossing, seen, fc.nat({max: 100}), (asked, losses, extra) =>
      noBetter({...asked, losses: {...losses, losses: losses.losses + extra}}, {...asked, losses}),
    ),
    runs,
  );
});

test('a later deadline is no worse', () => {
  fc.assert(
    fc.property(crossing, more, (asked, times) =>
      noBetter(asked, {...asked, deadlineSeconds: (asked.deadlineSeconds ?? NaN) * times}),
    ),
    runs,
  );
});

test('a forecast is the same after a journal has held it', () => {
  fc.assert(
    fc.property(crossing, (asked) => {
      const told = forecast(asked);
      expect(JSON.parse(JSON.stringify(told))).toEqual(told);
    }),
    runs,
  );
});
