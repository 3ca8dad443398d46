/** Mean length of an attempt of `seconds` that is lost on the way: the exponential law, cut off there. */
export function failedAttempt(mean: number, seconds: number): number {
  const x = seconds / mean;
  // M - T/(e^x - 1) takes two nearly equal numbers from each other where x is small.
  return x < 1e-3 ? (seconds / 2) * (1 - x / 6) : mean - seconds / Math.expm1(x);
}

const perAttempt = 64;
// After so many attempts what is left undone falls by the same factor in each further one.
const attempts = 6;

/**
 * P(the attempt that gets through begins within `slack` seconds). Each takes T = `seconds` and is lost at a rate of
 * 1/M, M = `mean`; the next begins R = `cost` after the loss: G(s) = p + H(s - R), where H(s) is the integral over x
 * from 0 to T of e^(-x/M)/M G(s - x). H'(s) = (G(s) - p G(s - T) - H(s))/M is stepped along; beyond six attempts G
 * nears 1 exponentially.
 */
export function doneBy(mean: number, seconds: number, slack: number, cost: number): number {
  const step = seconds / perAttempt;
  // Exact for a G that does not change within a step, so that the kernel keeps its mass of 1 - p to the last digit.
  const weight = -Math.expm1(-step / mean);
  const p = Math.exp(-seconds / mean);
  const lag = Math.floor(cost / step);
  const part = cost / step - lag;
  const horizon = attempts * (seconds + cost);
  const steps = Math.ceil(Math.min(slack, horizon) / step) + 1;
  const done = new Float64Array(steps + 1);
  const integral = new Float64Array(steps + 1);
  const before = (index: number): number => (index < 0 ? 0 : (integral[index] ?? 0));
  done[0] = p;
  // The share of the newest, still unknown integral in the newest G: none where a loss costs a step or more.
  const own = lag === 0 ? 1 - part : 0;
  for (let i = 0; i < steps; i++) {
    const gone = i < perAttempt ? 0 : ((done[i - perAttempt] ?? 0) + (done[i + 1 - perAttempt] ?? 0)) / 2;
    const known = p + (lag === 0 ? 0 : (1 - part) * before(i + 1 - lag)) + part * before(i - lag);
    const sum = before(i) * (1 - weight) + weight * (((done[i] ?? 0) + known) / 2 - p * gone);
    const next = sum / (1 - (weight / 2) * own);
    integral[i + 1] = next;
    done[i + 1] = Math.min(1, known + own * next);
  }
  const at = (when: number): number => {
    const index = Math.min(Math.floor(when / step), steps - 1);
    const [low, high] = [done[index] ?? 0, done[index + 1] ?? 0];
    return low + (high - low) * (when / step - index);
  };
  if (slack <= horizon) return at(slack);
  // Over whole attempts of the mean length: a high cost makes stairs of it.
  const cycle = failedAttempt(mean, seconds) + cost;
  const span = cycle * Math.max(1, Math.floor(horizon / 2 / cycle));
  const [early, late] = [at(horizon - span), at(horizon)];
  if (late > 1 - 1e-9) return 1;
  const fall = (Math.log1p(-late) - Math.log1p(-early)) / span;
  return -Math.expm1(Math.log1p(-late) + fall * (slack - horizon));
}
