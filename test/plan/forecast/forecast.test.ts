import {describe, expect, test} from 'vitest';
import {forecast, usual, type Expected} from '../../../src/plan/forecast/forecast.ts';
import type {Losses} from '../../../src/plan/forecast/losses.ts';
import {hopelessBelow, likelyFrom} from '../../../src/plan/forecast/verdict.ts';

// 200 MB came in 20 minutes, and the medium went every half hour.
const bytesPerSecond = 200e6 / 1200;
const vendorIso = 5.4e9;
const lightIso = 40e6;
const bigLightIso = 200e6;
const minutes = 60;
const hours = 3600;
const years = 365.25 * 24 * hours;
const half: Losses = {known: 'mean', seconds: 30 * minutes};

const secondsOf = (expected: Expected): number => {
  if (expected.is !== 'seconds') throw new Error(`no number but ${expected.is}`);
  return expected.seconds;
};
/** Of a size that gets through before the next loss with this probability. */
const at = (chance: number): string =>
  forecast({sizeBytes: -Math.log(chance) * 1800 * bytesPerSecond, bytesPerSecond, losses: half}).verdict.is;
/** To so many figures, as a table is printed. */
const figures = (value: number, count: number): number => Number(value.toPrecision(count));

describe('the incident: 5.4 GB at 167 kB/s, unmounted within half an hour', () => {
  const known: readonly Losses[] = [
    half,
    {known: 'session', seconds: 30 * minutes},
    {known: 'seen', losses: 1, seconds: 30 * minutes},
    {known: 'seen', losses: 6, seconds: 180 * minutes},
  ];

  test.each(known)('the big image is hopeless: $known $seconds', (losses) => {
    for (const deadline of [{}, {deadlineSeconds: 12 * hours}, {deadlineSeconds: 24 * hours}]) {
      const {verdict} = forecast({sizeBytes: vendorIso, bytesPerSecond, losses, ...deadline});
      expect(verdict).toMatchObject({is: 'hopeless', because: losses.known === 'session' ? 'session' : 'losses'});
    }
  });

  test.each(known)('the light ones are likely to be through: $known $seconds', (losses) => {
    for (const sizeBytes of [lightIso, bigLightIso]) {
      const {verdict} = forecast({sizeBytes, bytesPerSecond, losses, deadlineSeconds: 12 * hours});
      expect(verdict).toMatchObject({is: 'likely'});
      expect(verdict).toHaveProperty('chance', expect.closeTo(1, 1));
    }
  });

  test('half an hour of it carries 300 MB, and nine hours are too long for a deadline of six', () => {
    const {largest} = forecast({sizeBytes: vendorIso, bytesPerSecond, losses: {known: 'session', seconds: 1800}});
    expect(largest).toEqual({inSessionBytes: 300e6});
    for (const losses of [half, {known: 'nothing'}] as const)
      expect(forecast({sizeBytes: vendorIso, bytesPerSecond, losses, deadlineSeconds: 6 * hours})).toMatchObject({
        wholeSeconds: expect.closeTo(9 * hours),
        byDeadline: 0,
        verdict: {is: 'hopeless', because: 'deadline'},
      });
  });

  // Mean gap, P(one attempt), restart in years or hours, resume in hours, 200 MB with restart in minutes; a restart costs
  // five minutes and a reconnect one.
  test.each([
    [10, [4e-24, 1], [8e18 * years, 1], 9.95, 96],
    [30, [1.5e-8, 2], [4370 * years, 3], 9.32, 33],
    [60, [1.2e-4, 2], [1 * years, 1], 9.16, 26],
    [120, [0.011, 2], [185 * hours, 3], 9.08, 23],
  ] as const)(
    'a cut every %i minutes, as the table has it',
    (gap, [chance, digits], [restart, whole], resume, light) => {
      const losses = {known: 'mean', seconds: gap * minutes} as const;
      const big = forecast({sizeBytes: vendorIso, bytesPerSecond, losses});
      expect(figures(big.onePiece ?? NaN, digits)).toBe(chance);
      const unit = restart < years ? hours : years;
      expect(figures(secondsOf(big.restart) / unit, whole)).toBeCloseTo(restart / unit, 6);
      expect(secondsOf(big.resume) / hours).toBeCloseTo(resume, 1.7);
      const small = forecast({sizeBytes: bigLightIso, bytesPerSecond, losses});
      expect(Math.round(secondsOf(small.restart) / minutes)).toBe(light);
    },
  );

  test.each([
    [1, 9.3],
    [16, 9.75],
    [64, 10.3],
  ])('sessions of exactly half an hour, chunks of %i MiB: %d hours', (mebibytes, expected) => {
    const {resume} = forecast({
      sizeBytes: vendorIso,
      bytesPerSecond,
      losses: {known: 'session', seconds: 30 * minutes},
      chunkBytes: mebibytes * 2 ** 20,
    });
    expect(secondsOf(resume) / hours).toBeCloseTo(expected, 1);
  });

  test('a chunk that no session carries never comes', () => {
    const losses = {known: 'session', seconds: 30 * minutes} as const;
    const {resume, restart} = forecast({sizeBytes: vendorIso, bytesPerSecond, losses, chunkBytes: 300 * 2 ** 20});
    expect([resume, restart]).toEqual([{is: 'never'}, {is: 'never'}]);
  });
});

describe('what is not known is not guessed', () => {
  const big = {sizeBytes: vendorIso, bytesPerSecond, deadlineSeconds: 12 * hours};

  test('nothing known, or watched for no time: no numbers of losses at all', () => {
    for (const losses of [{known: 'nothing'}, {known: 'seen', losses: 0, seconds: 0}] as const) {
      const told = forecast({...big, losses});
      expect(told.verdict).toEqual({is: 'unknown', because: 'unwatched'});
      expect([told.restart, told.resume]).toEqual([{is: 'unknown'}, {is: 'unknown'}]);
      expect(Object.keys(told)).not.toContain('onePiece');
      expect(Object.keys(told)).not.toContain('byDeadline');
      expect(told.largest).toEqual({});
    }
  });

  test('no loss seen condemns nothing, and vouches only for what is short beside the time watched', () => {
    const losses = {known: 'seen', losses: 0, seconds: 10 * minutes} as const;
    expect(forecast({...big, losses}).verdict).toEqual({is: 'unknown', because: 'none seen'});
    expect(forecast({...big, losses, sizeBytes: lightIso}).verdict.is).toBe('likely');
    expect(forecast({...big, losses: {...losses, seconds: 100 * hours}}).verdict.is).toBe('likely');
  });

  test('losses seen for less time than a transfer takes set no bound to its mean time', () => {
    const losses = {known: 'seen', losses: 3, seconds: 90 * minutes} as const;
    const {restart, resume} = forecast({...big, losses});
    expect(restart).toEqual({is: 'unbounded'});
    expect(secondsOf(resume) / hours).toBeCloseTo(9.4, 1);
  });
});

describe('at the ends of what numbers hold', () => {
  test('a mean time beyond them is never', () => {
    const {restart, onePiece, resume, byDeadline} = forecast({
      sizeBytes: vendorIso,
      bytesPerSecond,
      losses: {known: 'mean', seconds: 30},
      deadlineSeconds: 1e6 * years,
    });
    expect(restart).toEqual({is: 'never'});
    expect([onePiece, byDeadline]).toEqual([0, 0]);
    expect(secondsOf(resume) / hours).toBeCloseTo(30, 0);
  });

  test('a path on which nothing moves', () => {
    for (const losses of [half, {known: 'nothing'}, {known: 'seen', losses: 0, seconds: 60}] as const)
      expect(forecast({sizeBytes: 1, bytesPerSecond: 0, losses})).toMatchObject({
        restart: {is: 'never'},
        resume: {is: 'never'},
        verdict: {is: 'hopeless', because: 'still'},
      });
  });

  test('nothing to send is through at once', () => {
    for (const losses of [half, {known: 'session', seconds: 1}, {known: 'seen', losses: 9, seconds: 1}] as const)
      expect(forecast({sizeBytes: 0, bytesPerSecond: 0, losses, deadlineSeconds: 0})).toMatchObject({
        onePiece: 1,
        byDeadline: 1,
        restart: {is: 'seconds', seconds: 0},
        resume: {is: 'seconds', seconds: 0},
        verdict: {is: 'likely', chance: 1},
      });
  });

  test('the size that a session carries to the byte fits it', () => {
    for (let rate = 1000; rate < 1e9; rate *= 1.37) {
      const losses = {known: 'session', seconds: 1800.1} as const;
      const sizeBytes = forecast({sizeBytes: 1, bytesPerSecond: rate, losses}).largest.inSessionBytes ?? NaN;
      expect(forecast({sizeBytes, bytesPerSecond: rate, losses}).onePiece).toBe(1);
      expect(forecast({sizeBytes: sizeBytes * 1.001, bytesPerSecond: rate, losses}).onePiece).toBe(0);
    }
  });

  test('what is no number is a bug of the caller', () => {
    const sound = {sizeBytes: 1, bytesPerSecond: 1, losses: half};
    for (const wrong of [
      {sizeBytes: -1},
      {sizeBytes: NaN},
      {bytesPerSecond: Infinity},
      {deadlineSeconds: NaN},
      {restartSeconds: -1},
      {reconnectSeconds: NaN},
      {chunkBytes: 0},
      {losses: {known: 'mean', seconds: 0}},
      {losses: {known: 'session', seconds: -1}},
      {losses: {known: 'seen', losses: 0.5, seconds: 1}},
      {losses: {known: 'seen', losses: 1, seconds: Infinity}},
    ] as const)
      expect(() => forecast({...sound, ...wrong}), JSON.stringify(wrong)).toThrow(RangeError);
  });
});

describe('the verdict', () => {
  test('is about the deadline where there is one, else about the next loss', () => {
    const crossing = {sizeBytes: bigLightIso, bytesPerSecond, losses: half};
    const once = forecast(crossing);
    expect(once.verdict).toEqual({is: 'doubtful', chance: once.onePiece});
    const by = forecast({...crossing, deadlineSeconds: 12 * hours});
    expect(by.verdict).toEqual({is: 'likely', chance: by.byDeadline});
    expect(forecast({...crossing, deadlineSeconds: 20 * minutes + 1}).verdict.is).toBe('doubtful');
  });

  test('turns at its thresholds', () => {
    expect(at(likelyFrom + 0.001)).toBe('likely');
    expect(at(likelyFrom - 0.001)).toBe('doubtful');
    expect(at(hopelessBelow + 0.001)).toBe('doubtful');
    expect(at(hopelessBelow - 0.001)).toBe('hopeless');
  });

  test('the largest image within the deadline takes, on average, exactly until then', () => {
    for (const losses of [half, {known: 'seen', losses: 4, seconds: 2 * hours}] as const) {
      const asked = {bytesPerSecond, losses, deadlineSeconds: 3 * hours};
      const {byDeadlineBytes = NaN} = forecast({sizeBytes: 1, ...asked}).largest;
      expect(secondsOf(forecast({sizeBytes: byDeadlineBytes, ...asked}).restart)).toBeCloseTo(3 * hours, 3);
    }
    const session = {bytesPerSecond, losses: {known: 'session', seconds: 1800}, sizeBytes: 1} as const;
    expect(forecast({...session, deadlineSeconds: 600}).largest.byDeadlineBytes).toBeCloseTo(600 * bytesPerSecond);
    expect(forecast({...session, deadlineSeconds: 6000}).largest.byDeadlineBytes).toBeCloseTo(1800 * bytesPerSecond);
  });

  test('says which costs it reckoned with', () => {
    expect(forecast({sizeBytes: 1, bytesPerSecond: 1, losses: half})).toMatchObject(usual);
    expect(forecast({sizeBytes: 1, bytesPerSecond: 1, losses: half, restartSeconds: 7})).toMatchObject({
      ...usual,
      restartSeconds: 7,
    });
  });
});
