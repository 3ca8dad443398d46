import * as fc from 'fast-check';
import {expect, test} from 'vitest';
import {coverage} from '../../../src/device/iso-server/coverage.ts';

test('bytes read twice are covered once, and touching reads join', () => {
  const covered = coverage();
  covered.add(0, 10);
  covered.add(5, 15);
  covered.add(20, 30);
  expect(covered.bytes).toBe(25);
  covered.add(15, 20);
  expect(covered.bytes).toBe(30);
  covered.add(3, 3);
  expect(covered.bytes).toBe(30);
});

test('coverage is what a set of bytes would say', () => {
  const read = fc.tuple(fc.nat(200), fc.nat(60));
  fc.assert(
    fc.property(fc.array(read, {maxLength: 60}), (all) => {
      const covered = coverage();
      const bytes = new Set<number>();
      for (const [from, length] of all) {
        covered.add(from, from + length);
        for (let at = from; at < from + length; at++) bytes.add(at);
      }
      expect(covered.bytes).toBe(bytes.size);
    }),
  );
});

test('a reader that scatters its reads makes the figure too small, never too large', () => {
  const covered = coverage();
  for (let at = 0; at < 11_000; at++) covered.add(at * 2, at * 2 + 1);
  expect(covered.bytes).toBe(10_000);
  covered.add(0, 22_000);
  expect(covered.bytes).toBe(22_000);
});
