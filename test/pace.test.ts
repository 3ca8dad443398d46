import {expect, test} from 'vitest';
import type {Instant} from '../src/brand.ts';
import type {Clock} from '../src/clock.ts';
import {follow, until} from '../src/pace.ts';

/** A clock on which sleeping is what makes time pass. */
function jumping(): Clock & {readonly slept: number[]} {
  let ms = 0;
  const slept: number[] = [];
  return {
    slept,
    now: () => new Date(ms).toISOString() as Instant,
    ticks: () => ms,
    sleep: (for_) => {
      slept.push(for_);
      ms += for_;
      return Promise.resolve();
    },
  };
}

const never = new AbortController().signal;

test('a wait reads at once and ends with the first value', async () => {
  const clock = jumping();
  expect(await until(() => Promise.resolve('there'), {everyMs: 10, deadlineMs: 100, clock, signal: never})).toEqual({
    end: 'met',
    value: 'there',
  });
  expect(clock.slept).toEqual([]);
});

test('a wait reads a last time at its deadline, whatever the pace', async () => {
  const clock = jumping();
  let reads = 0;
  const waited = await until(() => Promise.resolve((reads++, undefined)), {
    everyMs: 40,
    deadlineMs: 100,
    clock,
    signal: never,
  });
  expect(waited).toEqual({end: 'deadline'});
  expect(clock.slept).toEqual([40, 40, 20]);
  expect(reads).toBe(4);
});

test('a value that is false or zero is a value', async () => {
  const pace = {everyMs: 1, deadlineMs: 0, clock: jumping(), signal: never};
  expect(await until(() => Promise.resolve(false), pace)).toEqual({end: 'met', value: false});
  expect(await until(() => Promise.resolve(0), pace)).toEqual({end: 'met', value: 0});
});

test('an abort ends a wait whose reading hangs', async () => {
  const abort = new AbortController();
  const waiting = until(() => new Promise<undefined>(() => {}), {
    everyMs: 1,
    deadlineMs: Infinity,
    clock: jumping(),
    signal: abort.signal,
  });
  abort.abort();
  expect(await waiting).toEqual({end: 'aborted'});
});

test('an abort before the first reading ends it too, and a late rejection is dropped', async () => {
  const pace = {everyMs: 1, deadlineMs: 1, clock: jumping(), signal: AbortSignal.abort()};
  expect(await until(() => Promise.reject(new Error('late')), pace)).toEqual({end: 'aborted'});
});

test('a thrown error is a bug and passes through', async () => {
  const pace = {everyMs: 1, deadlineMs: 1, clock: jumping(), signal: never};
  await expect(until(() => Promise.reject(new Error('bug')), pace)).rejects.toThrow('bug');
});

test('following goes on far beyond the stall limit while something moves', async () => {
  const clock = jumping();
  let at = 0;
  const followed = await follow(() => Promise.resolve(++at === 50 ? {done: at} : {progress: at}), {
    everyMs: 10,
    stallMs: 15,
    clock,
    signal: never,
  });
  expect(followed).toEqual({end: 'met', value: 50});
  expect(clock.ticks()).toBe(490);
});

test('following ends once nothing has moved, and says where it stood', async () => {
  const clock = jumping();
  const steps = [1, 2, 2, 2, 2, 2, 2];
  const followed = await follow(() => Promise.resolve({progress: steps.shift() ?? 2}), {
    everyMs: 10,
    stallMs: 25,
    clock,
    signal: never,
  });
  expect(followed).toEqual({end: 'stalled', progress: 2});
  expect(clock.ticks()).toBe(35);
});

test('a counter that starts again has moved', async () => {
  const steps = [5, 5, 0, 0, 'done'] as const;
  let index = 0;
  const followed = await follow(
    () => {
      const step = steps[index++] ?? 0;
      return Promise.resolve(step === 'done' ? {done: true} : {progress: step});
    },
    {everyMs: 10, stallMs: 20, clock: jumping(), signal: never},
  );
  expect(followed).toEqual({end: 'met', value: true});
});

test('a deadline ends even what moves', async () => {
  let at = 0;
  const pace = {everyMs: 10, stallMs: 15, deadlineMs: 45, clock: jumping(), signal: never};
  expect(await follow(() => Promise.resolve({progress: at++}), pace)).toEqual({end: 'deadline'});
});
