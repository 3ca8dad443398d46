import {sha256, type Sha256} from '../../brand.ts';
import type {Range} from '../../evidence/frame.ts';

/** Where a frame lies in the file that keeps it, and what it holds. */
export interface Place {
  readonly at: number;
  readonly bytes: number;
  /** Digest of what was read, before it was packed. */
  readonly raw: Sha256;
  /** Ranges of what was read that could not be read. */
  readonly unread: readonly Range[];
}

/** A line of the table: offset, length and digest with tabs between; then, where some were unread, `OFFSET+LENGTH,…`. */
export const rowOf = ({at, bytes, raw, unread}: Place): string =>
  `${[at, bytes, raw, ...(unread.length > 0 ? [unread.map((range) => range.join('+')).join(',')] : [])].join('\t')}\n`;

const row = /^(\d{1,15})\t(\d{1,9})\t([0-9a-f]{64})(?:\t(\d{1,16}\+\d{1,9}(?:,\d{1,16}\+\d{1,9})*))?$/;

/** The frame of a line, without its end; undefined where it is none that we have written. */
export function placeOf(line: string): Place | undefined {
  const [, at, bytes, digest = '', unread] = row.exec(line) ?? [];
  const raw = sha256(digest);
  return raw && {at: Number(at), bytes: Number(bytes), raw, unread: unread?.split(',').map(rangeOf) ?? []};
}

function rangeOf(text: string): Range {
  const [offset, length] = text.split('+').map(Number);
  return [offset ?? 0, length ?? 0];
}
