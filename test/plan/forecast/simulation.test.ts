import {describe, expect, test} from 'vitest';
import {inChunks, whole, type Parts} from '../../../src/plan/forecast/losses.ts';
import {memoryless} from '../../../src/plan/forecast/memoryless.ts';
import {seen} from '../../../src/plan/forecast/seen.ts';
import {session} from '../../../src/plan/forecast/session.ts';
import {drawing, exponential} from './chance-source.ts';

// Times in units of one transfer.
const transfer = 1;

/** When all parts are through, over a path whose next loss is `nextLoss()` after each beginning. Gives up at `limit`. */
function simulate(
  {full, fullSeconds, lastSeconds}: Parts,
  cost: number,
  nextLoss: () => number,
  limit = Infinity,
): number {
  let now = 0;
  let until = nextLoss();
  for (let part = 0; part <= full;) {
    const seconds = part < full ? fullSeconds : lastSeconds;
    // Sums of many parts miss a session's end by their rounding.
    if (seconds <= until + 1e-9) {
      now += seconds;
      until -= seconds;
      part++;
    } else {
      now += until + cost;
      until = nextLoss();
    }
    if (now > limit) return Infinity;
  }
  return now;
}

describe('the closed forms agree with a simulation', () => {
  test.each([0.1, 0.7, 1.5, 3])('mean times, %d losses per transfer', (losses) => {
    const mean = transfer / losses;
    const model = memoryless(mean);
    for (const cost of [0, 0.3])
      for (const parts of [whole(transfer), inChunks(transfer, 0.3), inChunks(transfer, 0.02)]) {
        const draw = drawing(1);
        let [sum, squares] = [0, 0];
        const runs = 20_000;
        for (let i = 0; i < runs; i++) {
          const took = simulate(parts, cost, () => exponential(draw, mean));
          sum += took;
          squares += took * took;
        }
        const deviation = Math.sqrt((squares / runs - (sum / runs) ** 2) / runs);
        expect(Math.abs(model.expected(parts, cost) - sum / runs)).toBeLessThan(4 * deviation + 1e-9);
      }
  });

  const slacks = [0, 0.2, 0.5, 0.9, 1.5, 4, 8, 20, 60];
  // Beyond eight losses per transfer, and for a loss that costs more than sixteen transfers, other forms are used.
  test.each([0.1, 0.6, 1, 2, 4, 7.9, 8.1, 10])('done by a deadline, %d losses per transfer', (losses) => {
    const model = memoryless(transfer / losses);
    for (const cost of [0, 0.01, 0.1, 0.5, 2, 15, 20]) {
      const draw = drawing(2);
      const runs = 5000;
      const ends = Array.from({length: runs}, () =>
        simulate(whole(transfer), cost, () => exponential(draw, transfer / losses), transfer + 60),
      );
      for (const slack of slacks) {
        const happened = ends.filter((end) => end <= transfer + slack + 1e-9).length / runs;
        const said = model.byDeadline(transfer, transfer + slack, cost);
        // Four standard deviations of the simulation, and what the forms leave out.
        const room = 4 * Math.sqrt((said * (1 - said) + 1e-4) / runs) + 0.006;
        expect(Math.abs(said - happened), `slack ${slack}, a loss costs ${cost}`).toBeLessThan(room);
      }
    }
  });

  test('the largest image within a deadline takes that long on average', () => {
    const model = memoryless(0.8);
    const seconds = model.longest(5, 0.2);
    const draw = drawing(3);
    const runs = 40_000;
    let sum = 0;
    for (let i = 0; i < runs; i++) sum += simulate(whole(seconds), 0.2, () => exponential(draw, 0.8));
    expect(sum / runs).toBeCloseTo(5, 0.7);
  });

  test('sessions of a fixed length', () => {
    for (const limit of [0.05, 0.3, 0.47, 1, 2])
      for (const chunk of [0.01, 0.04, 0.3, 0.4])
        for (const cost of [0, 0.1]) {
          const parts = inChunks(transfer, chunk);
          const expected = session(limit).expected(parts, cost);
          if (chunk > limit) expect(expected).toBe(Infinity);
          else
            expect(expected).toBeCloseTo(
              simulate(parts, cost, () => limit),
              9,
            );
        }
  });
});

test.each([0, 1, 7, 60, 500])(
  'what %i losses seen leave open is integrated: with room for one attempt, the closed form',
  (losses) => {
    const model = seen(losses, 10);
    for (const seconds of [0.001, 0.1, 1, 10, 300])
      expect(model.byDeadline(seconds, seconds, 1)).toBeCloseTo(model.onePiece(seconds), 5);
  },
);
