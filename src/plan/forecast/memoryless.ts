import {sumOver, type LossModel} from './losses.ts';
import {doneBy, failedAttempt} from './renewal.ts';

/** Losses without memory, `mean` seconds apart: an exponential law, the next one is as likely at any moment. */
export function memoryless(mean: number): LossModel {
  return {
    onePiece: (seconds) => Math.exp(-seconds / mean),
    byDeadline: (seconds, deadline, cost) => byDeadline(mean, seconds, deadline, cost),
    // The failures before a success are geometric: T + (1/p - 1)(mean length of a failed attempt + R).
    expected: (parts, cost) => sumOver(parts, (seconds) => (mean + cost) * Math.expm1(seconds / mean)),
    longest: (deadline, cost) => mean * Math.log1p(deadline / (mean + cost)),
  };
}

// Above this T/M one attempt in 3,000 gets through, and how the failures are spread over time no longer matters.
const rare = 8;
// What a loss costs, where it is so much longer than the transfer, makes all failed attempts equally long.
const longCost = 16;

function byDeadline(mean: number, seconds: number, deadline: number, cost: number): number {
  if (seconds > deadline) return 0;
  if (seconds === 0) return 1;
  const slack = deadline - seconds;
  if (seconds / mean <= rare && cost <= longCost * seconds) return doneBy(mean, seconds, slack, cost);
  const failures = slack / (failedAttempt(mean, seconds) + cost);
  const attempts = 1 + (cost > longCost * seconds ? Math.floor(failures) : failures);
  return -Math.expm1(attempts * Math.log1p(-Math.exp(-seconds / mean)));
}
