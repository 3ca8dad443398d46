import {expect, test} from 'vitest';
import {seen} from '../../../src/plan/forecast/seen.ts';
import {drawing, exponential, spread} from './chance-source.ts';

/** Predictions and what came of them, in bins a tenth wide. */
class Bins {
  readonly #said = new Float64Array(10);
  readonly #happened = new Float64Array(10);
  readonly #count = new Float64Array(10);

  note(said: number, happened: boolean): void {
    const bin = Math.min(9, Math.floor(said * 10));
    this.#said[bin] = (this.#said[bin] ?? 0) + said;
    this.#happened[bin] = (this.#happened[bin] ?? 0) + (happened ? 1 : 0);
    this.#count[bin] = (this.#count[bin] ?? 0) + 1;
  }

  /** Of those with enough in them to say something. */
  rows(): readonly {said: number; happened: number; count: number}[] {
    return [...this.#count.keys()]
      .map((bin) => ({
        said: (this.#said[bin] ?? 0) / (this.#count[bin] ?? 1),
        happened: (this.#happened[bin] ?? 0) / (this.#count[bin] ?? 1),
        count: this.#count[bin] ?? 0,
      }))
      .filter(({count}) => count >= 1000);
  }
}

const minutes = 60;

/** How many losses come in `seconds`. */
function count(draw: () => number, mean: number, seconds: number): number {
  let losses = 0;
  for (let at = exponential(draw, mean); at < seconds; at += exponential(draw, mean)) losses++;
  return losses;
}

test('what is said of the next loss comes true as often as it says, over links of every kind', () => {
  const bins = new Bins();
  const draw = drawing(4);
  for (let link = 0; link < 200_000; link++) {
    const mean = spread(draw, 3 * minutes, 1500 * minutes);
    const watched = spread(draw, 10 * minutes, 300 * minutes);
    const transfer = spread(draw, 2 * minutes, 600 * minutes);
    const said = seen(count(draw, mean, watched), watched).onePiece(transfer);
    bins.note(said, exponential(draw, mean) > transfer);
  }
  const rows = bins.rows();
  expect(rows.length).toBe(10);
  expect(rows.reduce((sum, {count}) => sum + count, 0)).toBeGreaterThan(190_000);
  for (const {said, happened} of rows) expect(Math.abs(said - happened), `said ${said}`).toBeLessThan(0.1);
});

test('and so is what is said of being done by a deadline with restarts', () => {
  const bins = new Bins();
  const draw = drawing(5);
  const watched = 120 * minutes;
  const cost = 5 * minutes;
  for (const transfer of [5, 20, 60, 180].map((time) => time * minutes))
    for (const deadline of [1.2, 3, 10].map((times) => times * transfer)) {
      // What is said depends on the losses seen alone, and these are few numbers.
      const told = new Map<number, number>();
      for (let link = 0; link < 10_000; link++) {
        const mean = spread(draw, 3 * minutes, 1500 * minutes);
        const losses = count(draw, mean, watched);
        const said = told.get(losses) ?? seen(losses, watched).byDeadline(transfer, deadline, cost);
        told.set(losses, said);
        let begun = 0;
        let through = false;
        while (!through && begun + transfer <= deadline) {
          const loss = exponential(draw, mean);
          through = loss > transfer;
          begun += loss + cost;
        }
        bins.note(said, through);
      }
    }
  const rows = bins.rows();
  expect(rows.length).toBeGreaterThanOrEqual(8);
  expect(rows.reduce((sum, {count}) => sum + count, 0)).toBeGreaterThan(100_000);
  for (const {said, happened} of rows) expect(Math.abs(said - happened), `said ${said}`).toBeLessThan(0.1);
});
