import * as fc from 'fast-check';
import {expect, test} from 'vitest';
import {span} from '../../../src/device/iso-server/range.ts';

test.each([
  ['bytes=0-0', {is: 'part', first: 0, last: 0}],
  ['bytes=0-99', {is: 'part', first: 0, last: 99}],
  ['bytes=0-100000', {is: 'part', first: 0, last: 99}],
  ['bytes=50-', {is: 'part', first: 50, last: 99}],
  ['bytes=99-', {is: 'part', first: 99, last: 99}],
  ['bytes=-1', {is: 'part', first: 99, last: 99}],
  ['bytes=-1000', {is: 'part', first: 0, last: 99}],
  ['BYTES= 3-4 ', {is: 'part', first: 3, last: 4}],
  ['bytes=100-', {is: 'unsatisfiable'}],
  ['bytes=100-200', {is: 'unsatisfiable'}],
  ['bytes=-0', {is: 'unsatisfiable'}],
  ['bytes=5-4', {is: 'whole'}],
  ['bytes=-', {is: 'whole'}],
  ['bytes=0-1,3-4', {is: 'whole'}],
  ['bytes=0x10-', {is: 'whole'}],
  ['bytes=1e3-', {is: 'whole'}],
  ['lines=0-1', {is: 'whole'}],
  ['', {is: 'whole'}],
  [undefined, {is: 'whole'}],
])('of 100 bytes %j asks for %j', (header, expected) => {
  expect(span(header, 100)).toEqual(expected);
});

test('any text gives a span that lies within the file', () => {
  const number = fc.oneof(fc.nat(300).map(String), fc.constant(''), fc.stringMatching(/^\d{1,20}$/));
  const header = fc.oneof(
    fc.string(),
    fc
      .tuple(fc.constantFrom('bytes=', 'bytes= ', 'bytes'), number, fc.constantFrom('-', '--', ','), number)
      .map((p) => p.join('')),
  );
  fc.assert(
    fc.property(header, fc.nat(300), (text, size) => {
      const got = span(text, size);
      if (got.is !== 'part') return;
      expect(got.first).toBeGreaterThanOrEqual(0);
      expect(got.first).toBeLessThanOrEqual(got.last);
      expect(got.last).toBeLessThan(size);
    }),
    {numRuns: 2_000},
  );
});
