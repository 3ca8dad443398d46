import {createHash, randomInt} from 'node:crypto';

/** Numbers that follow from a seed: the same seed, the same numbers. */
export interface Chance {
  /** From 0, below 1. */
  next(): number;
  /** From `low` up to `high`. */
  between(low: number, high: number): number;
}

/** A source of its own for each `name`: what one fault draws does not shift what another does. */
export function chance(seed: number, name = ''): Chance {
  const digest = createHash('sha256').update(`${seed} ${name}`).digest();
  let state = digest.readUInt32LE(0);
  // Mulberry32: 32 bits of state, enough for faults.
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return {next, between: (low, high) => low + next() * (high - low)};
}

/** A seed nobody chose; it is noted with what came of it. */
export const anySeed = (): number => randomInt(2 ** 31);
