import {execFileSync} from 'node:child_process';
import {array, assert, constantFrom, oneof, property, string} from 'fast-check';
import {expect, test} from 'vitest';
import {quote} from '../../../src/device/ssh/quote.ts';

// `printf` ends each argument with NUL, the one byte an argument cannot hold.
const throughShell = (argv: readonly string[]): string[] =>
  execFileSync('/bin/sh', ['-c', `printf '%s\\0' ${quote(argv)}`], {encoding: 'utf8'})
    .split('\0')
    .slice(0, -1);

test('every argv comes out of a real shell as it went in', () => {
  const argument = oneof(
    string({unit: 'binary', maxLength: 40}),
    string({
      unit: constantFrom("'", '"', '\\', '$', '`', '!', '\n', ' ', '*', '~', '#', '-', ';', '&', '\t', 'a'),
    }),
  ).filter((text) => !text.includes('\0') && text.isWellFormed());
  assert(
    property(array(argument, {minLength: 1, maxLength: 6}), (argv) => {
      expect(throughShell(argv)).toEqual(argv);
    }),
    {numRuns: 200},
  );
});

test('NUL is refused', () => {
  expect(() => quote(['a\0b'])).toThrow(TypeError);
});
