import * as fc from 'fast-check';
import {execFileSync} from 'node:child_process';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import {play, type Source} from './schedule-world.ts';

// The schedule is a program of its own that sees no clock, so whole transfers are played against it in no time.

const MiB = 1_048_576;
const good: Source = {rate: 1_000_000, wrong: false, cuts: 0, deaths: 0, refuses: 0, hangs: 0};
const total = (chunks: readonly number[]): number => chunks.reduce((sum, size) => sum + size, 0);

/** A repeatable source of chance (mulberry32). */
const chanceFrom = (seed: number): (() => number) => {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
};

const sizes = fc.array(fc.integer({min: 1, max: 3 * MiB}), {minLength: 1, maxLength: 7});
const flaw = fc.double({min: 0, max: 0.3, noNaN: true});
const source = fc.record({
  rate: fc.integer({min: 20_000, max: 5_000_000}),
  wrong: fc.constant(false),
  cuts: flaw,
  deaths: fc.double({min: 0, max: 0.1, noNaN: true}),
  refuses: flaw,
  hangs: fc.double({min: 0, max: 0.1, noNaN: true}),
});

test('whatever breaks, every chunk arrives, no byte of a piece is asked for twice, and RAM is bounded', async () => {
  await fc.assert(
    fc.asyncProperty(
      sizes,
      fc.array(source, {minLength: 1, maxLength: 3}),
      fc.integer(),
      async (chunks, sources, seed) => {
        const {acked, log, arrived, mostHeld, broken} = await play({
          chunks,
          sources,
          streams: 8,
          chance: chanceFrom(seed),
        });
        expect(broken).toEqual([]);
        expect(acked.size).toBe(chunks.length);
        expect(arrived).toBe(total(chunks));
        expect(log.at(-1)).toBe(`done ${total(chunks)}`);
        expect(mostHeld).toBeLessThanOrEqual(32 * MiB);
      },
    ),
    {numRuns: 25},
  );
});

test('a source that lies is named, and what it spoilt comes from another', async () => {
  await fc.assert(
    fc.asyncProperty(sizes, source, fc.integer(), async (chunks, honest, seed) => {
      const liar = {...good, wrong: true};
      const sources = [liar, {...honest, hangs: 0}];
      const {acked, log, broken} = await play({chunks, sources, streams: 8, chance: chanceFrom(seed)});
      expect(broken).toEqual([]);
      expect(acked.size).toBe(chunks.length);
      expect(log.filter((line) => line.startsWith('source 1 wrong'))).toEqual([]);
    }),
    {numRuns: 15},
  );
});

test('an image larger than what RAM may hold goes through it', async () => {
  const chunks = Array.from({length: 40}, () => 3 * MiB);
  const sources = [good, {...good, rate: 300_000}];
  const {mostHeld, arrived, broken, seconds} = await play({chunks, sources, streams: 8, chance: chanceFrom(1)});
  expect(broken).toEqual([]);
  expect(arrived).toBe(total(chunks));
  expect(mostHeld).toBeLessThanOrEqual(32 * MiB);
  // Both are used, and the slow one does not hold the end up: eight streams of the good one alone take longer than this.
  expect(seconds).toBeLessThan(total(chunks) / (4 * good.rate) + 3);
});

test('a stream that moves slowly is not given up, one that does not move is', async () => {
  const crawling = await play({chunks: [MiB], sources: [{...good, rate: 3000}], streams: 1, chance: chanceFrom(2)});
  expect(crawling.broken).toEqual([]);
  expect(crawling.acked.size).toBe(1);
  const stuck = {...good, hangs: 0.5};
  const {acked, broken} = await play({chunks: [MiB, MiB], sources: [stuck], streams: 2, chance: chanceFrom(3)});
  expect(broken).toEqual([]);
  expect(acked.size).toBe(2);
});

/** What the schedule says to these lines. */
const said = (...lines: readonly string[]): readonly string[] =>
  execFileSync('busybox', ['awk', '-f', join(import.meta.dirname, '../../src/image/light/system/schedule.awk')], {
    input: `${lines.join('\n')}\n`,
    encoding: 'utf8',
  })
    .trim()
    .split('\n');
const [raw, packed] = ['a'.repeat(64), 'b'.repeat(64)];
const oneChunk = ['source 1', 'source 2', `chunk 5 0 8388608 1000000 ${packed} ${raw} 0`];

test('what an earlier writer left behind a gap is emptied, so that it is not taken for what comes', () => {
  const parts = [
    'part 5 0 0 65536',
    'part 5 131072 0 300000',
    'part 5 65536 1 300000',
    'part 7 0 0 9',
    'part 5 65536 0 0',
  ];
  expect(said(...oneChunk, ...parts)).toEqual(['empty 5.131072.0', 'empty 5.65536.1', 'empty 7.0.0']);
});

test('a stream whose process is gone knows what was meant for that, and no source is named for what it did not bring', () => {
  const lines = said(
    'source 1',
    'source 2',
    `chunk 5 0 8388608 60000 ${packed} ${raw} 0`,
    'free 0 w1',
    'join 0 s1',
    'ask 0 s1 1 wait',
    'got 1 s1 5.0.0 1 30000',
    'fail 1 s1 1 no-answer',
    'fail 1 s1 1 no-answer',
    'ask 1 s1 2 wait',
    'fail 1.9 s1 2 no-answer',
    'fail 1.9 s1 2 no-answer',
    'gone 2 s1',
    'size 2 5.0.0 30000',
    'join 2 s1',
    'ask 2 s1 1 wait',
    'got 3 s1 5.0.0 1 30000',
    'wrote 3 w1 5 packed',
  );
  expect(lines).toEqual([
    's1 get 5.0.0 1 0 60000 0',
    's1 get 5.0.0 2 0 60000 30000',
    'probe 5.0.0',
    's1 gone',
    's1 get 5.0.0 1 0 60000 30000',
    `w1 write 5 0 8388608 60000 ${packed} ${raw} 5.0.0`,
    'clear 5 0',
    'log source 1 wrong 5',
  ]);
});
