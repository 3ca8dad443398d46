import type {Automaton} from './automaton.ts';

/** A byte string to hide, and what must stand beside it; undefined is the text's beginning or end. */
export interface Pattern {
  readonly bytes: Uint8Array;
  /** A pattern without conditions is hidden wherever it stands. */
  readonly beside?: {before(byte: number | undefined): boolean; after(byte: number | undefined): boolean};
}

export interface Scan {
  /** What of the text so far can no longer become part of a secret. */
  push(chunk: Uint8Array): Uint8Array;
  /** The rest. */
  end(): Uint8Array;
}

/** Bytes looked at before what is settled is given out: bounds the list of open spans. */
const stride = 4096;

interface Span {
  from: number;
  to: number;
}

/** Replaces every stretch of bytes that is covered by matches, wherever the chunks are cut, by one `mark`. */
export function scan(automaton: Automaton, patterns: readonly Pattern[], mark: Uint8Array): Scan {
  // Offsets count from the stream's beginning; `held` begins at `start`.
  let held: number[] = [];
  let start = 0;
  let before: number | undefined;
  let state = 0;
  let spans: Span[] = [];
  /** Matches that hang on the byte behind them. */
  let hanging: {readonly span: Span; readonly pattern: Pattern}[] = [];

  const byteAt = (offset: number): number | undefined => (offset < start ? before : held[offset - start]);

  const cover = (span: Span): void => {
    let {from, to} = span;
    const apart: Span[] = [];
    for (const other of spans) {
      if (other.to <= from || other.from >= to) apart.push(other);
      else [from, to] = [Math.min(from, other.from), Math.max(to, other.to)];
    }
    spans = [...apart, {from, to}].sort((a, b) => a.from - b.from);
  };

  const settle = (after: number | undefined): void => {
    for (const {span, pattern} of hanging) if (pattern.beside?.after(after)) cover(span);
    hanging = [];
  };

  /** Gives out everything before `bound`, but no stretch that a match to come could still lengthen. */
  const release = (bound: number, out: number[]): void => {
    let safe = bound;
    for (const {span} of hanging) safe = Math.min(safe, span.from);
    for (const {from, to} of spans) if (from < safe && to > safe) safe = from;
    let at = start;
    for (const {from, to} of spans) {
      if (to > safe) break;
      for (; at < from; at += 1) out.push(held[at - start] ?? 0);
      for (const byte of mark) out.push(byte);
      at = to;
    }
    for (; at < safe; at += 1) out.push(held[at - start] ?? 0);
    if (safe > start) {
      before = byteAt(safe - 1);
      spans = spans.filter(({to}) => to > safe);
      held = held.slice(safe - start);
      start = safe;
    }
  };

  const step = (byte: number): void => {
    settle(byte);
    held.push(byte);
    state = automaton.next(state, byte);
    const to = start + held.length;
    for (const index of automaton.found(state)) {
      const pattern = patterns[index];
      if (pattern === undefined) continue;
      const span = {from: to - pattern.bytes.length, to};
      if (pattern.beside === undefined) cover(span);
      else if (pattern.beside.before(span.from === 0 ? undefined : byteAt(span.from - 1)))
        hanging.push({span, pattern});
    }
  };

  return {
    push: (chunk) => {
      const out: number[] = [];
      for (let at = 0; at < chunk.length; at += stride) {
        for (const byte of chunk.subarray(at, at + stride)) step(byte);
        release(start + held.length - automaton.depth(state), out);
      }
      return Uint8Array.from(out);
    },
    end: () => {
      const out: number[] = [];
      settle(undefined);
      release(start + held.length, out);
      return Uint8Array.from(out);
    },
  };
}
