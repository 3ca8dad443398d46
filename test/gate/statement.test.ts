import * as fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {approvalFile, maxApprovalBytes, parseApprovalFile, textOf} from '../../src/gate/statement.ts';
import {approval, signature} from './sample.ts';

const file = approvalFile(approval(), signature);

test('an approval file reads back, and its first line is the very text that was signed', () => {
  expect(parseApprovalFile(file)).toEqual({approval: approval(), signature});
  expect(file.slice(0, file.indexOf('\n') + 1)).toBe(textOf(approval()));
});

describe('what is no approval file', () => {
  const line = textOf(approval());
  const value = JSON.parse(line) as Record<string, unknown>;
  test.each([
    ['nothing', ''],
    ['an approval without its signature', line],
    ['another order of its members', written({why: value['why'], ...value})],
    ['white space in it', `${line.replace(',', ', ')}${signature}`],
    ['a member too many', file.replace('{', '{"a":1,')],
    ['a member twice', file.replace('"by":', '"by":"x","by":')],
    ['an escape where none is needed', file.replace('"why":"s', '"why":"\\u0073')],
    ['a line before it', `\n${file}`],
    ['a line behind it', `${file}\n`],
    ['two signatures', file + signature],
    ['carriage returns', file.replaceAll('\n', '\r\n')],
    ['a request in place of an approval', file.replace('rebuild-approval', 'rebuild-request')],
    ['a serial number that is a path', file.replace('S3Z8NB0K412345', '/dev/sda')],
    ['a terminal’s escape for a host', file.replace('"host":"marruuk"', '"host":"\\u001b[2Jm"')],
    ['a reason of a novel’s length', approvalFile(approval({why: 'x'.repeat(1001)}), signature)],
    ['a megabyte', approvalFile(approval({why: 'x'.repeat(1_000_000)}), signature)],
  ])('%s', (_, text) => {
    expect(parseApprovalFile(text)).toBeUndefined();
  });

  test('any text, cut or changed anywhere: it is that approval or none', () => {
    expect(Buffer.byteLength(file)).toBeLessThan(maxApprovalBytes);
    fc.assert(
      fc.property(fc.nat(file.length), fc.string({unit: 'binary', maxLength: 4}), fc.nat(3), (at, put, gone) => {
        const changed = file.slice(0, at) + put + file.slice(at + gone);
        const parsed = parseApprovalFile(changed);
        if (parsed) expect(approvalFile(parsed.approval, parsed.signature)).toBe(changed);
      }),
      {numRuns: 5000},
    );
  });
});

const written = (changed: object): string => `${JSON.stringify(changed)}\n${signature}`;
