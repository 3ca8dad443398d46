import {expect, test} from 'vitest';
import {bytesPerSecond} from '../../src/runbook/rate.ts';

test.each([
  ['170kB/s', 170_000],
  ['1.3 MB/s', 1_300_000],
  ['10Mbit/s', 1_250_000],
  ['1Gbit/s', 125_000_000],
  ['512KiB/s', 524_288],
  ['9600 B/s', 9600],
])('%s', (text, rate) => {
  expect(bytesPerSecond(text)).toBe(rate);
});

test.each(['170kB', '170 kb/s', '0kB/s', '-1kB/s', '1e3 B/s', 'fast', '10Mbps', ''])('%j is no rate', (text) => {
  expect(bytesPerSecond(text)).toBeUndefined();
});
