import type {Diagnostic} from '../runbook/diagnostic.ts';
import {width} from '../view/escape.ts';

// `1234 | `: wide enough for any runbook, so that excerpts of one file stand under each other.
const gutter = 4;
const margin = gutter + 3;

/**
 * A diagnostic as text, without a line end: `file:line:column: says`, the line before, the line, a caret line with the
 * hint, and the lines that mend it. Only the first line may be wider than `columns`: it is one line so that it can be searched for.
 */
export function renderDiagnostic(diagnostic: Diagnostic, columns = 80): string {
  const {file, line, column, endColumn, says, hint, add = [], explain, excerpt} = diagnostic;
  const room = columns - margin;
  const source = excerpt.find((entry) => entry.line === line)?.text ?? '';
  const cut = window(source, column - 1, endColumn - 1, room);
  const rows = excerpt.map((entry) => `${String(entry.line).padStart(gutter)} | ${cut.of(entry.text)}`.trimEnd());
  const carets = ' '.repeat(cut.indent) + '^'.repeat(cut.carets);
  const more = explain === undefined ? '' : `rebuild explain ${printable(explain)}`;
  return [
    `${printable(file)}:${line}:${column}: ${printable(says)}`,
    ...rows,
    ...caretRows(carets, printable(hint ?? ''), more, room).map((row) => `${' '.repeat(gutter)} | ${row}`.trimEnd()),
    ...add.map((row) => `${'+'.padStart(gutter)} | ${clip(printable(row), room)}`),
  ].join('\n');
}

/** Carets, hint and pointer on one row where they fit, else on several. */
function caretRows(carets: string, hint: string, more: string, room: number): readonly string[] {
  const first = hint && carets.length + 1 + width(hint) <= room ? `${carets} ${hint}` : carets;
  const rows = first === carets && hint ? [carets, clip(hint, room)] : [first];
  if (!more) return rows;
  const last = rows.at(-1) ?? '';
  if (width(last) + 2 + more.length <= room) return [...rows.slice(0, -1), last + more.padStart(room - width(last))];
  return [...rows, clip(more, room).padStart(room)];
}

/** The part of a long line that has the caret in it, the same columns for each line shown. */
function window(source: string, start: number, end: number, room: number) {
  const columns = (from: number, to: number): number => width(printable(source.slice(from, to)));
  const fits = columns(0, end) < room;
  const from = fits ? 0 : Math.max(0, start - Math.floor(room / 3));
  const of = (text: string): string =>
    clip(printable(from > 0 && text !== '' ? `…${text.slice(from + 1)}` : text), room);
  const indent = Math.min(columns(from, start), room - 1);
  const carets = Math.max(1, Math.min(columns(start, end), room - indent));
  return {of, indent, carets};
}

function clip(text: string, room: number): string {
  if (width(text) <= room) return text;
  let shown = '';
  let used = 0;
  for (const letter of text) {
    used += width(letter);
    if (used > room - 1) break;
    shown += letter;
  }
  return `${shown}…`;
}

// As view/escape.ts has it, and what has no width: but here each stands for exactly one column.
const unprintable = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]|(?! )\p{Zs}/gu;

// The third and more of stacked marks, which would grow over the lines above.
const heaped = /(?<=\p{M}\p{M})\p{M}+/gu;

/** Text of a file made safe for a terminal, one column for each unprintable character, so that carets still fit. */
export const printable = (text: string): string =>
  text.replaceAll(heaped, '').replaceAll(unprintable, (letter) => {
    if (letter === '\t' || /\p{Zs}/u.test(letter)) return ' ';
    const code = letter.charCodeAt(0);
    return code < 0x20 ? String.fromCharCode(0x2400 + code) : '\ufffd';
  });
