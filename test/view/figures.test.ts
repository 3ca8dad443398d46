import * as fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import type {Instant} from '../../src/brand.ts';
import {bytes, rate} from '../../src/view/bytes.ts';
import {atMost, clockTime, duration, roughly, secondsBetween, span} from '../../src/view/duration.ts';
import {metered, percent, rateOf, secondsLeft, stillSeconds, type Meter} from '../../src/view/meter.ts';
import {table} from '../../src/view/table.ts';

test.each([
  [0, '0s'],
  [59.4, '59s'],
  [59.6, '1m00s'],
  [232, '3m52s'],
  [3599, '59m59s'],
  [3840, '1h04m'],
  [43_200, '12h'],
  [183_600, '2d03h'],
  [-5, '0s'],
])('%d seconds are %s', (seconds, text) => {
  expect(duration(seconds)).toBe(text);
});

test.each([
  [8, '8s'],
  [719, '11min'],
  [7200, '2h'],
  [260_000, '3d'],
])('%d seconds are roughly %s', (seconds, text) => {
  expect(roughly(seconds)).toBe(text);
});

test('a forecast is a range, and is never shortened by its own rounding', () => {
  expect(span({from: 180, to: 300})).toBe('3-5min');
  expect(span({from: 10, to: 420})).toBe('10s-7min');
  expect(span({from: 10, to: 10})).toBe('~10s');
  expect(span({from: 61, to: 121})).toBe('1-3min');
  expect(atMost(61)).toBe('2min');
});

test('moments', () => {
  expect(clockTime('2026-11-21T09:16:31.042Z' as Instant)).toBe('09:16:31Z');
  expect(secondsBetween('2026-11-21T09:16:31.042Z' as Instant, '2026-11-21T09:16:30.000Z' as Instant)).toBe(0);
});

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [999_600, '1 MB'],
  [38_400_000, '38.4 MB'],
  [480_103_981_056, '480 GB'],
  [1_920_383_410_176, '1.92 TB'],
])('%d bytes are %s', (count, text) => {
  expect(bytes(count)).toBe(text);
});

test('bytes are at most three figures and a unit', () => {
  fc.assert(
    fc.property(fc.integer({min: 0, max: 999e12}), (count) => {
      expect(bytes(count)).toMatch(/^\d{1,3}(\.\d{1,2})? (B|[kMGTP]B)$/);
    }),
  );
  expect(rate(21_400_000)).toBe('21.4 MB/s');
});

test('a table lines up and ends where its text ends', () => {
  expect(
    table(
      [{head: 'A'}, {head: 'N', align: 'right'}, {head: 'C'}],
      [
        ['株', '7', ''],
        ['a', '12', 'c'],
      ],
    ),
  ).toEqual(['A    N  C', '株   7', 'a   12  c']);
});

const fed = (...readings: readonly (readonly [at: number, done: number])[]): Meter =>
  readings.reduce<Meter | undefined>(
    (meter, [at, done]) => metered(meter, {says: 'x', done, of: 1000, unit: 'bytes'}, at),
    undefined,
  ) as Meter;

describe('meter', () => {
  test('no rate before there is enough to tell', () => {
    const young = fed([0, 0], [2000, 20]);
    expect(rateOf(young, 2000)).toBeUndefined();
    expect(secondsLeft(young, 2000)).toBeUndefined();
  });

  test('the rate of late, and the time left at it', () => {
    const meter = fed([0, 0], [1000, 10], [2000, 20], [3000, 30], [4000, 40]);
    expect(rateOf(meter, 4000)).toBe(10);
    expect(secondsLeft(meter, 4000)).toBe(96);
  });

  test('a link that got slower shows within the window', () => {
    const fast = Array.from({length: 30}, (_, s) => [s * 1000, s * 10] as const);
    const slow = Array.from({length: 40}, (_, s) => [30_000 + s * 1000, 300 + s] as const);
    expect(rateOf(fed(...fast, ...slow), 69_000)).toBeCloseTo(1, 0);
  });

  test('none once nothing moved for the whole window, and it says for how long', () => {
    const meter = fed([0, 0], [4000, 40], [5000, 40], [40_000, 40]);
    expect(rateOf(meter, 40_000)).toBeUndefined();
    expect(stillSeconds(meter, 40_000)).toBe(36);
  });

  test('a count that falls begins anew', () => {
    const meter = fed([0, 0], [5000, 500], [6000, 0], [7000, 10]);
    expect(rateOf(meter, 7000)).toBeUndefined();
  });

  test('whatever is reported, no rate or time left is negative, infinite or a lie about the total', () => {
    const reading = fc.record({
      after: fc.integer({min: 0, max: 20_000}),
      done: fc.option(fc.integer({min: 0, max: 2000}), {nil: undefined}),
      of: fc.option(fc.integer({min: 0, max: 2000}), {nil: undefined}),
    });
    fc.assert(
      fc.property(fc.array(reading), (readings) => {
        let at = 0;
        let meter: Meter | undefined;
        for (const {after, done, of} of readings) {
          at += after;
          meter = metered(meter, {says: 'x', ...(done !== undefined && {done}), ...(of !== undefined && {of})}, at);
          const figures = [rateOf(meter, at), secondsLeft(meter, at), percent(meter.progress)];
          for (const figure of figures) if (figure !== undefined) expect(figure).toBeGreaterThanOrEqual(0);
          for (const figure of figures) if (figure !== undefined) expect(Number.isFinite(figure)).toBe(true);
          expect(percent(meter.progress) ?? 0).toBeLessThanOrEqual(100);
          expect(meter.samples.length).toBeLessThanOrEqual(100);
        }
      }),
    );
  });
});
