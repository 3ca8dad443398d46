import {pad, padLeft, width} from './escape.ts';

export interface Column {
  readonly head: string;
  readonly align?: 'left' | 'right';
}

/** Rows under their heads, two spaces between columns. Cells are safe text already; no trailing spaces. */
export function table(columns: readonly Column[], rows: readonly (readonly string[])[]): readonly string[] {
  const all = [columns.map(({head}) => head), ...rows];
  const widths = columns.map((_, index) => Math.max(...all.map((row) => width(row[index] ?? ''))));
  return all.map((row) =>
    columns
      .map(({align}, index) => (align === 'right' ? padLeft : pad)(row[index] ?? '', widths[index] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
