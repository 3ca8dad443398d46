import {beforeEach, expect, test} from 'vitest';
import {parseLab} from '../../src/command/lab/request.ts';
import type {Acts} from '../../src/lab/fault/act.ts';
import {faultNames, type LabFault, type TimedFault} from '../../src/lab/fault/lab-fault.ts';
import type {Strike} from '../../src/lab/fault/strike-log.ts';
import {strikes, type Strikes} from '../../src/lab/fault/strike.ts';
import {fault} from '../../src/fault.ts';
import {failed, ok} from '../../src/result.ts';
import {ManualClock} from '../view/manual-clock.ts';

let clock: ManualClock;
let begun: number;
let happened: string[];
let noted: Strike[];
let moments: Map<string, () => void>;
let faults: Strikes;

const tell = (what: string): void => void happened.push(`${Math.round(clock.ticks() - begun) / 1000} ${what}`);

/** Acts that only tell when; `eject` leaves nothing behind, `clock-jump` is refused. */
const acts = Object.fromEntries(
  faultNames
    .filter((name) => name !== 'mend')
    .map((name) => [
      name,
      async (_: LabFault, draws: {between(low: number, high: number): number}) => {
        if (name === 'clock-jump') return failed(fault('lab.failed', 'no clock here'));
        tell(name === 'loss' ? `${name} ${draws.between(0, 1000).toFixed(0)}` : name);
        return ok(name === 'eject' ? undefined : () => tell(`${name} mended`));
      },
    ]),
) as unknown as Acts<TimedFault['fault']>;

beforeEach(() => {
  clock = new ManualClock();
  begun = clock.ticks();
  happened = [];
  noted = [];
  moments = new Map();
  faults = strikes({
    acts,
    clock,
    note: (strike) => noted.push(strike),
    moment: (when, signal) =>
      when.at === 'now'
        ? Promise.resolve(true)
        : new Promise((resolve) => {
            moments.set(when.at, () => resolve(true));
            signal.addEventListener('abort', () => resolve(false));
          }),
  });
});

function typed(words: string): LabFault {
  const read = parseLab(['fault', ...words.split(' ')]);
  if (!read.ok || read.value.verb !== 'fault') throw new Error(words);
  return read.value.fault;
}
const strike = (words: string) => faults.strike(typed(words));
const settled = () => new Promise(setImmediate);

test('a fault for now has struck once its order is answered, and lasts until mend', async () => {
  expect(await strike('stall')).toMatchObject({ok: true});
  expect(happened).toEqual(['0 stall']);
  await clock.pass(3600);
  expect(faults.waiting()).toEqual([]);
  await strike('mend');
  expect(happened).toEqual(['0 stall', '3600 stall mended']);
  await strike('mend');
  expect(happened).toHaveLength(2);
});

test('one with an end ends by itself, and is not mended twice', async () => {
  await strike('drop 10s');
  await clock.pass(60);
  await strike('mend');
  expect(happened).toEqual(['0 drop', '10 drop mended']);
  expect(noted.map(({came}) => came)).toEqual(['struck', 'mended']);
});

test('what this lab cannot do is refused, and noted', async () => {
  expect(await strike('clock-jump 1h')).toMatchObject({ok: false, fault: {says: 'no clock here'}});
  expect(noted).toMatchObject([{came: 'refused', says: 'no clock here'}]);
});

test('a time counts from the order, or from the moment before it', async () => {
  await strike('eject --at-time 30s');
  await strike('power-loss --at-stage ready --at-time 2s');
  expect(faults.waiting()).toHaveLength(2);
  await clock.pass(100);
  expect(happened).toEqual(['30 eject']);
  moments.get('stage')?.();
  await settled();
  await clock.pass(100);
  expect(happened).toEqual(['30 eject', '102 power-loss']);
  expect(faults.waiting()).toEqual([]);
});

test('mend takes back what waits', async () => {
  await strike('eject --at-time 30s');
  await strike('cut --at-stage ready');
  await strike('stall --every 10s');
  await strike('mend');
  moments.get('stage')?.();
  await clock.pass(100);
  expect(happened).toEqual([]);
  expect(faults.waiting()).toEqual([]);
});

test('mend may keep what waits, and take back what lasts alone', async () => {
  await strike('drop');
  await strike('eject --at-time 30s');
  await strike('cut --at-stage ready');
  await strike('mend --waiting kept');
  moments.get('stage')?.();
  await settled();
  await clock.pass(100);
  expect(happened).toEqual(['0 drop', '0 drop mended', '0 cut', '30 eject']);
});

test('every strikes again and again, the first time after one interval', async () => {
  await strike('eject --every 10s');
  await clock.pass(35);
  expect(happened).toEqual(['10 eject', '20 eject', '30 eject']);
  expect(faults.waiting()).toHaveLength(1);
  await strike('mend');
  await clock.pass(35);
  expect(happened).toHaveLength(3);
});

test('with a moment of its own, every begins there', async () => {
  await strike('reset --at-stage ready --every 10s');
  await clock.pass(50);
  moments.get('stage')?.();
  await settled();
  await clock.pass(15);
  expect(happened).toEqual(['50 reset', '60 reset']);
  await strike('mend');
});

const script = (seed: number) => ({
  seed,
  faults: ['eject --every 5s..60s', 'loss 10 --every 10s..20s', 'reset --every 5s..60s'].map(typed),
});

async function story(seed: number): Promise<readonly string[]> {
  happened = [];
  begun = clock.ticks();
  await faults.script(script(seed));
  await clock.pass(300);
  const told = happened.filter((what) => !what.includes('mended'));
  await strike('mend');
  return told;
}

test('the same seed strikes at the same moments and draws the same, another does not', async () => {
  const first = await story(7);
  expect(first.length).toBeGreaterThan(20);
  expect(await story(7)).toEqual(first);
  expect(await story(8)).not.toEqual(first);
  // Faults of one script draw apart from each other.
  const times = (name: string) => first.filter((what) => what.includes(name)).map((what) => what.split(' ')[0]);
  expect(times('eject')).not.toEqual(times('reset'));
});

test('a seed that nobody gave is noted, and brings the same again', async () => {
  await strike('eject --every 5s..60s');
  await clock.pass(300);
  await strike('mend');
  const [first] = noted;
  const times = happened.map((what) => Number(what.split(' ')[0]));
  happened = [];
  begun = clock.ticks();
  await strike(`eject --every 5s..60s --seed ${first?.seed}`);
  await clock.pass(300);
  expect(happened.map((what) => Number(what.split(' ')[0]))).toEqual(times);
});
