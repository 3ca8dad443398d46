import * as fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {forecast, type MediumForecast} from '../../src/plan/forecast/forecast.ts';
import type {Losses} from '../../src/plan/forecast/losses.ts';
import {forecastText} from '../../src/view/forecast.ts';

const bytesPerSecond = 167_000;
const half: Losses = {known: 'mean', seconds: 1800};
const sessions: Losses = {known: 'session', seconds: 1800};
const twelve = {deadlineSeconds: 43_200};

const of = (sizeBytes: number, losses: Losses, more: {deadlineSeconds?: number} = {}): MediumForecast =>
  forecast({sizeBytes, bytesPerSecond, losses, ...more});
const big = (losses: Losses, more: {deadlineSeconds?: number} = {}): readonly string[] =>
  forecastText(of(5.4e9, losses, more), of(40e6, losses, more));
const light = (losses: Losses, more: {deadlineSeconds?: number} = {}): readonly string[] =>
  forecastText(of(40e6, losses, more));

describe('a forecast in a few lines', () => {
  test('one that is likely', () => {
    expect(light(half, twelve)).toEqual([
      '40 MB at 167 kB/s takes 4min; 88 % to get through before the next unmount',
      'started again at each unmount: 5min in the mean, over 99 % within 12h',
    ]);
    expect(light(sessions)).toEqual(['40 MB at 167 kB/s takes 4min; a session lasts 30min']);
  });

  test('one that is doubtful names the light one, or what starting again gives', () => {
    expect(forecastText(of(200e6, half), of(40e6, half))).toEqual([
      '200 MB at 167 kB/s takes 20min; 51 % to get through before the next unmount',
      'the light ISO, 40 MB, takes 4min: 88 % before the next unmount',
      'sent in pieces that resume it would take 21min in the mean',
    ]);
    expect(forecastText(of(200e6, half, {deadlineSeconds: 1800}))).toEqual([
      '200 MB at 167 kB/s takes 20min; 51 % to get through before the next unmount',
      'started again at each unmount: 34min in the mean, 59 % within 30min',
      'sent in pieces that resume it would take 21min in the mean',
    ]);
  });

  test('one that is hopeless says why in numbers, names the light one, and what resuming would give', () => {
    const resumed = 'sent in pieces that resume it would take 9h17m in the mean';
    const instead = 'the light ISO, 40 MB, takes 4min: 88 % before the next unmount';
    expect(big(half, twelve)).toEqual([
      'hopeless: 5.4 GB at 167 kB/s takes 8h58m, with restarts 4,220 years',
      instead,
      resumed,
    ]);
    expect(big(half, {deadlineSeconds: 14_400})).toEqual([
      'hopeless: 5.4 GB at 167 kB/s takes 8h58m undisturbed; 4h are left',
      instead,
      resumed,
    ]);
    expect(big(sessions)).toEqual([
      'hopeless: 5.4 GB at 167 kB/s takes 8h58m; a session of 30min carries 301 MB',
      'the light ISO, 40 MB, takes 4min: it fits a session',
      'sent in pieces that resume it would take 9h18m in the mean',
    ]);
    expect(big({known: 'seen', losses: 3, seconds: 5400}, twelve)).toEqual([
      'hopeless: 5.4 GB at 167 kB/s takes 8h58m; a chance of 1 in 463',
      'the light ISO, 40 MB, takes 4min: 86 % before the next unmount',
      'sent in pieces that resume it would take 9h21m in the mean',
    ]);
    expect(big({known: 'mean', seconds: 60})).toEqual([
      'hopeless: 5.4 GB at 167 kB/s takes 8h58m, with restarts a million years',
      'the light ISO, 40 MB, takes 4min, and is hopeless too',
      'sent in pieces that resume it would take 18h56m in the mean',
    ]);
  });

  test('without a light one, what resuming or a smaller image would give', () => {
    expect(forecastText(of(5.4e9, half))[1]).toBe('sent in pieces that resume it would take 9h17m in the mean');
    expect(forecastText(of(5.4e9, {known: 'nothing'}, {deadlineSeconds: 600}))[1]).toBe(
      'only a smaller image can get through',
    );
  });

  test('what is not known is said to be so', () => {
    expect(big({known: 'nothing'})).toEqual([
      '5.4 GB at 167 kB/s takes 8h58m; how often it unmounts is not known',
      'the light ISO, 40 MB, takes 4min',
    ]);
    expect(big({known: 'seen', losses: 0, seconds: 1800})[0]).toBe(
      '5.4 GB at 167 kB/s takes 8h58m; no unmount seen, but in 30min only',
    );
  });

  test('a path on which nothing moves', () => {
    const still = forecast({sizeBytes: 5.4e9, bytesPerSecond: 0, losses: half});
    expect(forecastText(still, forecast({sizeBytes: 40e6, bytesPerSecond: 0, losses: half}))).toEqual([
      'hopeless: 5.4 GB over a path on which nothing moves',
      'the light ISO, 40 MB, is hopeless too',
    ]);
  });
});

test('whatever the numbers: one to three lines of at most 79 columns, none of them cut', () => {
  const seconds = fc.double({min: 1, max: 1e9, noNaN: true});
  const losses = fc.oneof<fc.Arbitrary<Losses>[]>(
    fc.record({known: fc.constant('mean' as const), seconds}),
    fc.record({known: fc.constant('session' as const), seconds}),
    fc.record({known: fc.constant('seen' as const), losses: fc.nat({max: 500}), seconds}),
    fc.constant({known: 'nothing'}),
  );
  const size = fc.double({min: 0, max: 9e14, noNaN: true});
  const crossing = fc.record(
    {
      sizeBytes: size,
      bytesPerSecond: fc.oneof(fc.constant(0), fc.double({min: 1, max: 1e10, noNaN: true})),
      losses,
      deadlineSeconds: seconds,
    },
    {requiredKeys: ['sizeBytes', 'bytesPerSecond', 'losses']},
  );
  fc.assert(
    fc.property(crossing, fc.option(size, {nil: undefined}), (asked, other) => {
      const instead = other === undefined ? undefined : forecast({...asked, sizeBytes: other});
      const lines = forecastText(forecast(asked), instead);
      expect([1, 2, 3]).toContain(lines.length);
      for (const line of lines) {
        expect(line.length).toBeLessThanOrEqual(79);
        expect(line).not.toMatch(/…|NaN|Infinity|undefined/);
      }
    }),
    {numRuns: 1000, seed: 7},
  );
});
