import {distance} from 'fastest-levenshtein';

// A longer name than any key is not a slip of the keyboard, and the cost grows with the square of the length.
const longest = 64;

/** The candidate that was probably meant: one or two slips away, never more than a third of the word. */
export function suggest(typed: string, candidates: Iterable<string>): string | undefined {
  if (typed.length > longest) return undefined;
  const word = typed.toLowerCase();
  let best: {readonly name: string; readonly off: number} | undefined;
  for (const name of candidates) {
    const off = slips(word, name.toLowerCase());
    const allowed = Math.max(1, Math.floor(Math.max(word.length, name.length) / 3));
    if (off <= Math.min(allowed, 3) && off < (best?.off ?? Infinity)) best = {name, off};
  }
  return best?.name;
}

export const didYouMean = (typed: string, candidates: Iterable<string>): string | undefined => {
  const name = suggest(typed, candidates);
  return name === undefined ? undefined : `did you mean "${name}"?`;
};

/** Two neighbouring letters in the wrong order are one slip; Levenshtein's distance counts them as two. */
function slips(a: string, b: string): number {
  if (a.length === b.length) {
    const first = a.split('').findIndex((letter, at) => letter !== b[at]);
    const swapped = first === -1 ? a : a.slice(0, first) + (a[first + 1] ?? '') + a[first] + a.slice(first + 2);
    if (swapped === b) return first === -1 ? 0 : 1;
  }
  return distance(a, b);
}
