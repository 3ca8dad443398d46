import {sumOver, type LossModel} from './losses.ts';
import {memoryless} from './memoryless.ts';

/**
 * Losses without memory whose rate is known only from `losses` seen in `seconds`: what that leaves open is a Gamma law
 * of shape losses + 1/2 (Jeffreys' prior) over the rate, and every number is the mean over it.
 */
export function seen(losses: number, seconds: number): LossModel {
  const shape = losses + 0.5;
  /** Mean over the rates of (M + R)(e^(T/M) - 1); the rates' law has no such mean for longer than was watched. */
  const mean = (transfer: number, cost: number): number => {
    if (transfer >= seconds) return Infinity;
    const log = Math.log1p(-transfer / seconds);
    const work = (seconds / (shape - 1)) * Math.expm1((1 - shape) * log);
    return work + cost * Math.expm1(-shape * log);
  };
  return {
    onePiece: (transfer) => Math.exp(-shape * Math.log1p(transfer / seconds)),
    byDeadline: (transfer, deadline, cost) =>
      transfer > deadline
        ? 0
        : averaged(shape, (rate) => memoryless(seconds / rate).byDeadline(transfer, deadline, cost)),
    expected: (parts, cost) => sumOver(parts, (transfer) => mean(transfer, cost)),
    longest: (deadline, cost) =>
      lastWithin(Math.min(deadline, seconds), (transfer) => mean(transfer, cost) <= deadline),
  };
}

const points = 160;

/** Mean of `f` over the Gamma law of `shape` and scale 1, by the trapezoid rule in the logarithm, where the law is smooth. */
function averaged(shape: number, f: (rate: number) => number): number {
  // Outside of this range lies less than a part in ten million of the law, for shapes from 1/2 to many thousands.
  const from = Math.log(shape) - 18 / shape - 8 / Math.sqrt(shape);
  const to = Math.log(shape + 8 * Math.sqrt(shape) + 20);
  let [weights, sum] = [0, 0];
  for (let i = 0; i <= points; i++) {
    const log = from + ((to - from) * i) / points;
    const rate = Math.exp(log);
    const weight = Math.exp(shape * (log - Math.log(shape)) - rate + shape);
    weights += weight;
    sum += weight * f(rate);
  }
  return sum / weights;
}

/** The largest value up to `most` for which `holds`; it holds at 0 and ends to hold once. */
function lastWithin(most: number, holds: (value: number) => boolean): number {
  let [low, high] = [0, most];
  for (let halving = 0; halving < 60; halving++) {
    const middle = (low + high) / 2;
    if (holds(middle)) low = middle;
    else high = middle;
  }
  return low;
}
