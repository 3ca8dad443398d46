import {mkdtemp, readFile, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import {debianSources} from '../../src/image/debian/sources.ts';
import {buildImage} from '../../src/image/os/build.ts';
import {debian} from '../../src/image/os/recipe.ts';

test('the same packages give the same image, byte for byte', async () => {
  const sources = await debianSources();
  if (!sources.ok) throw new Error(sources.fault.says);
  const folders = await Promise.all([1, 2].map(() => mkdtemp(join(tmpdir(), 'rebuild-twice-'))));
  try {
    const digests: string[] = [];
    const packages: string[] = [];
    for (const store of folders) {
      const built = await buildImage(debian, {store, sources: sources.value});
      if (!built.ok) throw new Error(built.fault.says);
      digests.push(built.value.image.digest);
      packages.push(await readFile(join(built.value.dir, 'packages.txt'), 'utf8'));
    }
    // An update that Debian publishes between the two builds is the one thing that may make them differ.
    expect(packages[1]).toBe(packages[0]);
    expect(digests[1]).toBe(digests[0]);
  } finally {
    for (const folder of folders) await rm(folder, {recursive: true, force: true});
  }
}, 1_800_000);
