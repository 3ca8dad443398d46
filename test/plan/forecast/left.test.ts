import {describe, expect, test} from 'vitest';
import {forecastLeft, type Left, type UnderWay} from '../../../src/plan/forecast/left.ts';
import {forecast, usual} from '../../../src/plan/forecast/forecast.ts';
import type {Losses} from '../../../src/plan/forecast/losses.ts';
import {drawing, exponential} from './chance-source.ts';

const bytesPerSecond = 170_000;
const half: Losses = {known: 'mean', seconds: 1800};
const light: UnderWay = {sizeBytes: 25.8e6, leftBytes: 25.8e6, bytesPerSecond, losses: half, mountedSeconds: 0};

function known(given: UnderWay): Left {
  const left = forecastLeft(given);
  if (!left) throw new Error('nothing is known of it');
  return left;
}

const secondsOf = ({expected}: Left): number => {
  if (expected.is !== 'seconds') throw new Error(`no number but ${expected.is}`);
  return expected.seconds;
};

test('before the first byte it is what the plan says', () => {
  for (const losses of [half, {known: 'seen', losses: 2, seconds: 4000}] as const) {
    const planned = forecast({sizeBytes: light.sizeBytes, bytesPerSecond, losses});
    const left = known({...light, losses});
    expect(left.chance).toBeCloseTo(planned.onePiece ?? Number.NaN, 9);
    expect(planned.restart).toEqual({is: 'seconds', seconds: expect.closeTo(secondsOf(left), 6) as number});
  }
});

test('the chance grows while it is read, the time falls, and with the last byte it is through', () => {
  const all = [25e6, 10e6, 1e6, 0].map((leftBytes) => known({...light, leftBytes}));
  const chances = all.map(({chance}) => chance);
  expect(chances[0]).toBeCloseTo(Math.exp(-25e6 / bytesPerSecond / 1800), 9);
  expect(chances).toEqual(chances.toSorted((a, b) => a - b));
  expect(all.at(-1)).toEqual({chance: 1, expected: {is: 'seconds', seconds: 0}});
  const times = all.map(secondsOf);
  expect(times).toEqual(times.toSorted((a, b) => b - a));
});

test('nothing is said from nothing', () => {
  expect(forecastLeft({...light, bytesPerSecond: 0})).toBeUndefined();
  expect(forecastLeft({...light, bytesPerSecond: Number.NaN})).toBeUndefined();
  expect(forecastLeft({...light, losses: {known: 'nothing'}})).toBeUndefined();
});

test('a mount that has held counts with what was seen before', () => {
  const seen: UnderWay = {...light, losses: {known: 'seen', losses: 2, seconds: 1000}};
  const fresh = known(seen).chance;
  expect(known({...seen, mountedSeconds: 4000}).chance).toBeGreaterThan(fresh);
  expect(known({...seen, mountedSeconds: 4000})).toEqual(
    known({...seen, losses: {known: 'seen', losses: 2, seconds: 5000}}),
  );
});

describe('a session of half an hour', () => {
  const session: UnderWay = {...light, losses: {known: 'session', seconds: 1800}, sizeBytes: 200e6, leftBytes: 50e6};

  test('that has gone on for long ends before the medium is through, and is begun anew', () => {
    expect(known({...session, mountedSeconds: 900})).toMatchObject({chance: 1});
    const late = known({...session, mountedSeconds: 1700});
    expect(late.chance).toBe(0);
    expect(secondsOf(late)).toBeCloseTo(100 + usual.restartSeconds + 200e6 / bytesPerSecond, 6);
  });

  test('carries no more than it can, whenever it is begun', () => {
    const {chance, expected} = known({...session, sizeBytes: 5.4e9, leftBytes: 5.4e9});
    expect({chance, expected}).toEqual({chance: 0, expected: {is: 'never'}});
  });
});

test('the big one: no chance, and thousands of years', () => {
  const {chance, expected} = known({...light, sizeBytes: 5.4e9, leftBytes: 5.3e9});
  expect(chance).toBeLessThan(1e-6);
  expect(expected.is === 'seconds' && expected.seconds / (365.25 * 86_400)).toBeGreaterThan(1000);
});

test.each([0.2, 1, 2.5])('agrees with a simulation: %d losses in the mean while it is read', (rate) => {
  const [size, leftSize] = [1000, 400];
  const mean = size / rate;
  const draw = drawing(9);
  const runs = 20_000;
  let [sum, squares, first] = [0, 0, 0];
  for (let i = 0; i < runs; i++) {
    let [now, need] = [0, leftSize];
    for (let next = exponential(draw, mean); next < need; next = exponential(draw, mean)) {
      now += next + usual.restartSeconds;
      need = size;
    }
    if (need === leftSize) first++;
    sum += now + need;
    squares += (now + need) ** 2;
  }
  const given: UnderWay = {
    sizeBytes: size,
    leftBytes: leftSize,
    bytesPerSecond: 1,
    losses: {known: 'mean', seconds: mean},
    mountedSeconds: 600,
  };
  const {chance} = known(given);
  expect(Math.abs(chance - first / runs)).toBeLessThan(4 * Math.sqrt((chance * (1 - chance)) / runs));
  const deviation = Math.sqrt((squares / runs - (sum / runs) ** 2) / runs);
  expect(Math.abs(secondsOf(known(given)) - sum / runs)).toBeLessThan(4 * deviation);
});
