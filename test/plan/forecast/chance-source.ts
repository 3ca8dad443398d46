/** Numbers from 0 (never itself) to 1, the same for a seed in every run: mulberry32. */
export function drawing(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (((mixed ^ (mixed >>> 14)) >>> 0) + 0.5) / 4_294_967_296;
  };
}

export const exponential = (draw: () => number, mean: number): number => -mean * Math.log(draw());

/** Spread evenly over the orders of magnitude between two values. */
export const spread = (draw: () => number, from: number, to: number): number => from * (to / from) ** draw();
