/** Finds many byte strings at once, one step for each byte (Aho and Corasick, CACM 18(6), 1975). */
export interface Automaton {
  /** The state after `byte`; 0 is the first one. */
  next(state: number, byte: number): number;
  /** Length of the longest beginning of a pattern that ends here: bytes before it are in no match to come. */
  depth(state: number): number;
  /** Indices of the patterns that end here. */
  found(state: number): readonly number[];
}

export function automatonOf(patterns: readonly Uint8Array[]): Automaton {
  const edges = new Map<number, number>();
  const depths = [0];
  const fails = [0];
  const ends: number[][] = [[]];
  const bytes: number[] = [0];
  const parents: number[] = [0];
  for (const [index, pattern] of patterns.entries()) {
    let state = 0;
    for (const byte of pattern) {
      let child = edges.get(state * 256 + byte);
      if (child === undefined) {
        child = depths.length;
        edges.set(state * 256 + byte, child);
        depths.push((depths[state] ?? 0) + 1);
        fails.push(0);
        ends.push([]);
        bytes.push(byte);
        parents.push(state);
      }
      state = child;
    }
    if (state !== 0) ends[state]?.push(index);
  }

  const next = (state: number, byte: number): number => {
    let at = state;
    for (;;) {
      const child = edges.get(at * 256 + byte);
      if (child !== undefined) return child;
      if (at === 0) return 0;
      at = fails[at] ?? 0;
    }
  };
  // Shallow states first: a state falls back to one that is shallower than itself.
  const byDepth = depths.map((_, state) => state).sort((a, b) => (depths[a] ?? 0) - (depths[b] ?? 0));
  for (const state of byDepth) {
    const parent = parents[state] ?? 0;
    if (parent === 0) continue;
    const fail = next(fails[parent] ?? 0, bytes[state] ?? 0);
    fails[state] = fail;
    ends[state]?.push(...(ends[fail] ?? []));
  }
  return {next, depth: (state) => depths[state] ?? 0, found: (state) => ends[state] ?? []};
}
