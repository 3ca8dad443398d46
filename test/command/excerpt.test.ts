import {expect, test} from 'vitest';
import {renderDiagnostic} from '../../src/command/excerpt.ts';
import {changed, mistakes} from '../runbook/example.ts';
import {width} from '../../src/view/escape.ts';

const render = (text: string): string =>
  mistakes(text)
    .map((found) => renderDiagnostic(found))
    .join('\n');

test('the line before, the line, a caret, the hint and where to read more', () => {
  expect(render(changed('disks: [system]', 'disks: [system]\n    pases: 2'))).toBe(
    [
      'vega.yaml:30:5: unknown key "pases" in disk.erase',
      '  29 |     disks: [system]',
      '  30 |     pases: 2',
      '     |     ^^^^^ did you mean "passes"?               rebuild explain disk.erase',
    ].join('\n'),
  );
});

test('the first line of a file has none before it', () => {
  expect(render(changed('version: 1', 'version: 3'))).toBe(
    ['vega.yaml:1:10: version: must be 1', '   1 | version: 3', '     |          ^'].join('\n'),
  );
});

test('a long line is cut around the caret to 80 columns', () => {
  const names = Array.from({length: 40}, (_, at) => `"disk-number-${at}"`).join(', ');
  const rows = render(changed('disks: [system]', `disks: [${names}, sytem]`)).split('\n');
  const at = rows.findIndex((row) => row.includes('there is no disk "sytem"'));
  const [, before, line, carets] = rows.slice(at);
  expect(before).toMatch(/^ {2}28 \| …/);
  expect(line).toMatch(/^ {2}29 \| ….*sytem\]$/);
  expect(carets?.indexOf('^^^^^')).toBe(line?.indexOf('sytem'));
  for (const row of rows) if (/^ *\d* \|/.test(row)) expect(width(row)).toBeLessThanOrEqual(80);
});

test('source text cannot act on the terminal, and the caret still fits', () => {
  const escape = '\u001b';
  const found = {
    file: `a${escape}[31m.yaml`,
    line: 2,
    column: 6,
    endColumn: 9,
    says: `odd "${escape}]0;title\u0007"`,
    excerpt: [
      {line: 1, text: `${escape}[2J\u202egone`},
      {line: 2, text: `ab\t${escape}🙂bad`},
    ],
  };
  const text = renderDiagnostic({...found, column: 7, endColumn: 10});
  // oxlint-disable-next-line no-control-regex
  expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/);
  const [, , line = '', carets = ''] = text.split('\n');
  expect(carets.indexOf('^')).toBe(width(line.slice(0, line.indexOf('bad'))));
});

test('a line of wide letters keeps the caret under its word', () => {
  const [, , line = '', carets = ''] = render(changed('disks: [system]', 'disks: ["世界", raid]')).split('\n').slice(4);
  expect(width(carets.slice(0, carets.indexOf('^')))).toBe(width(line.slice(0, line.indexOf('raid'))));
});
