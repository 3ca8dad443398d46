import {mkdtemp, mkdir, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {expect, onTestFinished, test} from 'vitest';
import type {Sha256} from '../../src/brand.ts';
import {downloaded} from '../../src/image/debian/downloads.ts';
import {bytesRead} from '../../src/image/light/foundation.ts';
import {stageOf} from '../../src/image/os/tree.ts';

test('what apt has on its way counts, and no more than the package holds', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'rebuild-debs-'));
  onTestFinished(() => rm(dir, {recursive: true}));
  await mkdir(join(dir, 'partial'));
  const deb = (name: string, bytes: number) => ({
    name,
    version: '1',
    architecture: 'all',
    file: join(dir, `${name}_1_all.deb`),
    bytes,
    sha256: '' as Sha256,
  });
  await writeFile(join(dir, 'there_1_all.deb'), 'x'.repeat(30));
  await writeFile(join(dir, 'partial', 'half_1_all.deb'), 'x'.repeat(20));
  await writeFile(join(dir, 'partial', 'wrong_1_all.deb'), 'x'.repeat(99));
  const debs = [deb('there', 30), deb('half', 50), deb('wrong', 10), deb('missing', 10)];
  expect(await downloaded(debs, dir)).toEqual({says: 'fetching packages', done: 60, of: 100, unit: 'bytes'});
});

const line = (read: string) => `\r   \rRead: ${read} /   300 MiB ==> 31%`;

test('zstd’s own count, not its ratio', () => {
  expect(bytesRead(line('    0   B '))).toBe(0);
  expect(bytesRead(line(' 12.5 MiB') + line('  100 MiB'))).toBe(100 * 2 ** 20);
  expect(bytesRead('zstd: error 70')).toBeUndefined();
});

test('mmdebstrap’s own words', () => {
  const text = 'I: automatically chosen format: tar\nI: running apt-get update...\nI: extracting archives...\nW: slow';
  expect(stageOf(text)).toBe('extracting archives');
  expect(stageOf('Get:1 http://deb.debian.org')).toBeUndefined();
});
