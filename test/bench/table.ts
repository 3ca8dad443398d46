import type {Row} from './result.ts';

/** Rows as text, a line each: name, median and its spread, the target and whether it is met. */
export function tableText(section: string, rows: readonly Row[]): string {
  const cells = rows.map((row) => [row.name, shown(row), wanted(row)] as const);
  const width = (column: 0 | 1): number => Math.max(...cells.map((cell) => cell[column].length));
  const lines = cells.map(([name, value, target]) =>
    `  ${name.padEnd(width(0))}  ${value.padEnd(width(1))}  ${target}`.trimEnd(),
  );
  return `${section}\n${lines.join('\n')}\n`;
}

function shown({values, median, unit, atLeast, notMeasured}: Row): string {
  if (notMeasured !== undefined) return `not measured: ${notMeasured}`;
  if (median === null) return '-';
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const spread = values.length > 1 ? ` (${figure(low, unit)} to ${figure(high, unit)}, ${values.length} rounds)` : '';
  return `${atLeast ? '> ' : ''}${figure(median, unit)}${spread}`;
}

export function figure(value: number, unit: Row['unit']): string {
  switch (unit) {
    case 'ratio':
      return value.toFixed(2);
    case 'seconds':
      return `${value.toFixed(1)} s`;
    case 'bytes':
      return Math.abs(value) >= 1e6 ? `${(value / 1e6).toFixed(1)} MB` : `${(value / 1e3).toFixed(0)} kB`;
    case 'share':
      return `${(value * 100).toFixed(2)} %`;
    case 'count':
      return String(Number(value.toFixed(1)));
    default:
      return unit satisfies never;
  }
}

function wanted({target, met, unit}: Row): string {
  if (!target) return '';
  const word = 'atMost' in target ? `at most ${figure(target.atMost, unit)}` : `below ${figure(target.below, unit)}`;
  return `${word}: ${met === null ? 'not measured' : met ? 'met' : 'MISSED'}`;
}
