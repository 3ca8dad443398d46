import type {Tone, Paint} from './paint.ts';
import {cut, escape, escapeTo, pad, padLeft, wrap} from './escape.ts';

/** No screen is wider than this, so that a photo of one, or a ticket, still has whole lines. */
export const screenColumns = 80;

/** One step on a screen: ` ok    2 mount      digest read back: 4be1..c90d            38s  09:17:09Z`. */
export interface Row {
  readonly mark: Mark;
  readonly number: number;
  readonly name: string;
  readonly says: string;
  readonly took?: string;
  readonly when?: string;
}

export type Mark = 'ok' | '>>' | 'FAIL' | 'keep' | 'redo' | 'next' | 'then' | 'past' | '???' | '??' | '!!' | '..' | '';

const tones: Readonly<Partial<Record<Mark, Tone>>> = {
  ok: 'good',
  keep: 'good',
  FAIL: 'bad',
  '???': 'bad',
  '!!': 'care',
  '??': 'care',
  '>>': 'strong',
  redo: 'care',
  next: 'strong',
};

// `~12min left` is the longest that stands there.
const whenColumns = 11;
const tookColumns = 7;

/** Where the text of a row begins. */
export const indentOf = (nameColumns: number): number => 10 + nameColumns;

/** Names take ten columns, or as many as the longest needs, up to sixteen. */
export const nameColumnsOf = (names: readonly string[]): number =>
  Math.min(16, Math.max(10, ...names.map((name) => name.length)));

/**
 * The row as lines. Text that does not fit goes on below, under its own beginning; with `once` it is cut instead,
 * because a block that is redrawn must keep its height.
 */
export function rowLines(
  row: Row,
  paint: Paint,
  {columns = screenColumns, nameColumns, once = false}: {columns?: number; nameColumns: number; once?: boolean},
): readonly string[] {
  const tail = row.took === undefined && row.when === undefined ? 0 : tookColumns + 1 + whenColumns;
  const indent = indentOf(nameColumns);
  const room = Math.max(8, Math.min(columns, screenColumns) - 1 - indent - tail);
  const [first = '', ...rest] = once ? [escapeTo(room, row.says)] : wrap(escape(row.says), room);
  const mark = pad(row.mark, 4);
  const tone = tones[row.mark];
  const head = ` ${tone ? paint(tone, mark) : mark} ${String(row.number).padStart(2)} ${pad(cut(row.name, nameColumns), nameColumns)} `;
  const end = tail === 0 ? '' : `${padLeft(row.took ?? '', tookColumns)} ${padLeft(row.when ?? '', whenColumns)}`;
  return [
    (head + (tail === 0 ? first : pad(first, room)) + paintTail(end, paint)).trimEnd(),
    ...rest.map((line) => ' '.repeat(indent) + line),
  ];
}

const paintTail = (tail: string, paint: Paint): string => (tail === '' ? '' : paint('faint', tail));
