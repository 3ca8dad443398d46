import {readFileSync} from 'node:fs';
import {expect, test} from 'vitest';
import {largestPiece, pullStreams} from './agent-figures.ts';

const program = (name: string): string =>
  readFileSync(new URL(`../src/image/light/system/${name}`, import.meta.url), 'utf8');

test('the figures are those of the light system’s programs', () => {
  const [, over, under] = /^ {2}largest = (\d+) \* MiB \/ (\d+)$/m.exec(program('schedule.awk')) ?? [];
  const [, halved] = /^ {2}halved = (\d+) \* MiB$/m.exec(program('schedule.awk')) ?? [];
  expect(Math.max(Number(over) / Number(under), Number(halved) / 2) * 1_048_576).toBe(largestPiece);
  expect(Number(/^streams=(\d+)$/m.exec(program('target-worker'))?.[1])).toBe(pullStreams);
});
