import type {LossModel, Parts} from './losses.ts';

/** A hard session limit: each session is ended after exactly `limit` seconds, and not before. */
export function session(limit: number): LossModel {
  const fits = (seconds: number): boolean => seconds <= limit * (1 + rounding);
  return {
    onePiece: (seconds) => (fits(seconds) ? 1 : 0),
    byDeadline: (seconds, deadline) => (fits(seconds) && seconds <= deadline ? 1 : 0),
    expected: (parts, cost) => bySessions(parts, limit, cost),
    longest: (deadline) => Math.min(limit, deadline),
  };
}

// A size that fills a session to the byte must not miss it by the last digit of a division.
const rounding = 1e-12;

/** As many full parts in each session as fit; what a session carried of one more is lost. */
function bySessions({full, fullSeconds, lastSeconds}: Parts, limit: number, cost: number): number {
  const most = limit * (1 + rounding);
  if (lastSeconds > most) return Infinity;
  if (full === 0) return lastSeconds;
  const each = Math.floor(most / fullSeconds);
  if (each === 0) return Infinity;
  const before = Math.ceil(full / each) - 1;
  const used = (full - before * each) * fullSeconds;
  const sessions = before * (limit + cost);
  return used + lastSeconds <= most ? sessions + used + lastSeconds : sessions + limit + cost + lastSeconds;
}
