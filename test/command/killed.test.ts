import {beforeAll, describe, expect, test} from 'vitest';
import {anySeed, chance} from '../../src/lab/fault/chance.ts';
import {calm, survivesAll, type Calm} from '../simulator/kill-points.ts';
import type {Point} from '../simulator/point.ts';
import {lasting} from '../simulator/slow-machine.ts';

// The real command with its real journal, killed by SIGKILL on a simulated machine that counts what it is given.

let undisturbed: Calm;
beforeAll(async () => {
  undisturbed = await calm();
});

describe('killed and resumed, it comes to the same end', {timeout: 600_000}, () => {
  test('before and after every commit of its journal and every effect on the machine', async () => {
    const {points} = undisturbed;
    expect(points.length).toBeGreaterThan(110);
    await survivesAll(undisturbed, points);
    process.stdout.write(`killed at ${points.length} points\n`);
  });

  const seed = Number(process.env['REBUILD_SEED'] ?? anySeed());
  test(`every hundred milliseconds inside the effects that last, from where seed ${seed} says`, async () => {
    const draw = chance(seed, 'times');
    // Half of a start, all of an erase and of an install: the host's two starts, the disk, and what comes over the line.
    const long = {boot: lasting.start, wipe: lasting.wipe, install: lasting.chunk * 5, network: lasting.start};
    const points = Object.entries(long).flatMap(([step, ms]): readonly Point[] => {
      const first = draw.between(0, everyMs);
      return Array.from({length: Math.floor(ms / everyMs)}, (_, place) => ({
        is: 'time',
        step,
        afterMs: Math.round(first + place * everyMs),
      }));
    });
    const rebuilds = await survivesAll(undisturbed, points, true);
    const amid = rebuilds.flatMap(({sittings}) => sittings.flatMap((sitting) => sitting.amid));
    process.stdout.write(`seed ${seed}: killed at ${points.length} times, amid ${amid.toSorted().join(' ')}\n`);
    // A busy machine gets to an effect later than the clock does; most are met all the same, and each kind is.
    expect(amid.length).toBeGreaterThan(points.length / 2);
    for (const effect of ['start', 'wipe', 'chunk'])
      expect(
        amid.some((one) => one.startsWith(effect)),
        effect,
      ).toBe(true);
  });
});

const everyMs = 100;
