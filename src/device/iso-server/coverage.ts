/** Which bytes have been read at least once. */
export interface Coverage {
  /** `from` included, `to` not. */
  add(from: number, to: number): void;
  readonly bytes: number;
}

// A reader that asks for every other byte shall not fill our memory. What does not fit is not counted: the figure may
// say too little, never too much.
const mostIntervals = 10_000;

export function coverage(): Coverage {
  /** Disjoint, not touching, in order. */
  let intervals: readonly (readonly [from: number, to: number])[] = [];
  let bytes = 0;
  return {
    add(from, to) {
      if (to <= from) return;
      const before = intervals.filter(([, end]) => end < from);
      const after = intervals.filter(([start]) => start > to);
      const touched = intervals.slice(before.length, intervals.length - after.length);
      const whole = [Math.min(from, touched[0]?.[0] ?? from), Math.max(to, touched.at(-1)?.[1] ?? to)] as const;
      if (before.length + 1 + after.length > mostIntervals) return;
      intervals = [...before, whole, ...after];
      bytes += whole[1] - whole[0] - touched.reduce((sum, [start, end]) => sum + end - start, 0);
    },
    get bytes() {
      return bytes;
    },
  };
}
