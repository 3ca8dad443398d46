import type {Instant} from '../../brand.ts';

/** A stretch of time. */
export interface Stretch {
  readonly from: Instant;
  readonly to: Instant;
}

/** Moments to places from 0 to 1, in order. A long time in which nobody did anything is folded, and says so. */
export interface Scale {
  at(moment: Instant): number;
  /** Where time was folded: places, and how many seconds are in there. */
  readonly folds: readonly {readonly from: number; readonly to: number; readonly seconds: number}[];
  /** Moments worth a label, with their places; the first and the last are the ends. */
  readonly ticks: readonly {readonly at: number; readonly moment: Instant}[];
}

// An idle time above this share of all work is folded to the other share of it.
const longShare = 0.3;
const foldedShare = 0.12;

/** `apart`: how far two labels must stand from each other, as a share of the whole. */
export function scaleOf(whole: Stretch, busy: readonly Stretch[], apart: number): Scale {
  const [begin, end] = [Date.parse(whole.from), Math.max(Date.parse(whole.to), Date.parse(whole.from) + 1000)];
  const pieces = piecesOf(begin, end, busy);
  const worked = pieces.reduce((sum, {from, to, idle}) => sum + (idle ? 0 : to - from), 0) || end - begin;
  const drawn = pieces.map((piece) => {
    const length = piece.to - piece.from;
    const folded = piece.idle && length > worked * longShare;
    return {...piece, folded, length: folded ? worked * foldedShare : length};
  });
  const total = drawn.reduce((sum, {length}) => sum + length, 0);
  let place = 0;
  const placed = drawn.map((piece) => {
    const from = place;
    place += piece.length / total;
    return {...piece, begin: from, end: place};
  });

  const at = (ms: number): number => {
    const piece = placed.find(({to}) => ms <= to) ?? placed.at(-1);
    if (piece === undefined) return 0;
    const share = piece.to === piece.from ? 0 : (ms - piece.from) / (piece.to - piece.from);
    return Math.min(1, Math.max(0, piece.begin + share * (piece.end - piece.begin)));
  };
  const folds = placed
    .filter(({folded}) => folded)
    .map(({from, to, ...piece}) => ({from: piece.begin, to: piece.end, seconds: (to - from) / 1000}));
  const step = stepOf((worked / 1000) * 0.2);
  const between = placed
    .filter(({folded}) => !folded)
    .flatMap(({from, to}) => multiples(from, to, step * 1000).map((ms) => ({at: at(ms), moment: instantOf(ms)})));
  const ends = [
    {at: 0, moment: whole.from},
    {at: 1, moment: whole.to},
  ] as const;
  return {at: (moment) => at(Date.parse(moment)), folds, ticks: spaced(ends, between, apart)};
}

interface Piece {
  readonly from: number;
  readonly to: number;
  readonly idle: boolean;
}

/** The whole as pieces in which something was done, and pieces in which nothing was. */
function piecesOf(begin: number, end: number, busy: readonly Stretch[]): readonly Piece[] {
  const pieces: Piece[] = [];
  let reached = begin;
  const sorted = busy
    .map(({from, to}) => ({from: Math.max(begin, Date.parse(from)), to: Math.min(end, Date.parse(to))}))
    .toSorted((a, b) => a.from - b.from);
  for (const {from, to} of sorted) {
    if (to <= reached) continue;
    if (from > reached) pieces.push({from: reached, to: from, idle: true});
    pieces.push({from: Math.max(from, reached), to, idle: false});
    reached = to;
  }
  if (reached < end) pieces.push({from: reached, to: end, idle: true});
  return pieces;
}

const steps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400];

const stepOf = (seconds: number): number => steps.find((step) => step >= seconds) ?? 86_400;

function multiples(from: number, to: number, step: number): readonly number[] {
  const first = Math.ceil(from / step) * step;
  return Array.from({length: Math.max(0, Math.floor((to - first) / step) + 1)}, (_, index) => first + index * step);
}

/** Those that leave room for the ends and for each other. */
function spaced(
  [first, last]: readonly [Scale['ticks'][number], Scale['ticks'][number]],
  between: Scale['ticks'],
  apart: number,
): Scale['ticks'] {
  let before = 0;
  const kept = between.filter(({at}) => {
    const fits = at - before >= apart && 1 - at >= apart;
    if (fits) before = at;
    return fits;
  });
  return [first, ...kept, last];
}

const instantOf = (ms: number): Instant => new Date(ms).toISOString() as Instant;
