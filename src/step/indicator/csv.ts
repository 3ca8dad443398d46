import {gathered, indicatorOf, type Indicators} from './indicator.ts';

/**
 * A list as people and tools export it (RFC 4180): `type,value` a row, a heading or none, more columns as they like;
 * lines that begin with `#` are for people.
 */
export function readCsv(text: string): Indicators {
  const rows = rowsOf(text).filter(
    (row) => row.some((cell) => cell.trim() !== '') && !row[0]?.trimStart().startsWith('#'),
  );
  const [head = []] = rows;
  const names = head.map((cell) => cell.trim().toLowerCase());
  const [type, value] = [
    names.findIndex((name) => name === 'type' || name === 'indicator_type'),
    names.findIndex((name) => name === 'value' || name === 'indicator'),
  ];
  const hasHead = type >= 0 && value >= 0;
  return gathered(
    (hasHead ? rows.slice(1) : rows).map((row) => {
      const [kind = '', word] = hasHead ? [row[type], row[value]] : row;
      return word === undefined
        ? {text: row.join(','), because: 'a row is a type and a value'}
        : indicatorOf(kind, word);
    }),
  );
}

function rowsOf(text: string): readonly (readonly string[])[] {
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = '';
  let quoted = false;
  const endRow = (): void => {
    rows.push([...row, cell]);
    row = [];
    cell = '';
  };
  const plain = text.replaceAll('\r\n', '\n');
  for (let at = 0; at < plain.length; at++) {
    const sign = plain.charAt(at);
    if (quoted) {
      if (sign !== '"') cell += sign;
      else if (plain[at + 1] === '"') cell += plain[++at] ?? '';
      else quoted = false;
    } else if (sign === '"' && cell === '') quoted = true;
    else if (sign === ',') {
      row.push(cell);
      cell = '';
    } else if (sign === '\n') endRow();
    else cell += sign;
  }
  if (cell !== '' || row.length > 0) endRow();
  return rows;
}
