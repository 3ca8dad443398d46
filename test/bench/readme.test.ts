import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import {readmeTable} from './readme.ts';
import type {Results} from './result.ts';

const text = (path: string): string => readFileSync(join(import.meta.dirname, path), 'utf8');

test('README’s figures are those of the last bench', () => {
  expect(text('../../README.md')).toContain(readmeTable(JSON.parse(text('result/bench.json')) as Results));
});
