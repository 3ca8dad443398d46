import {createHash} from 'node:crypto';
import {mkdir, readFile, readdir, rename, stat, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import type {Sha256} from '../../brand.ts';

/** Digest over the code that makes a base and the files it puts in: other code makes another base. */
export async function sourcesDigest(): Promise<Sha256> {
  const hash = createHash('sha256');
  const image = join(import.meta.dirname, '..');
  const light = (await filesBelow(join(image, 'light'))).map((path) => join('light', path));
  const code = ['cpio', 'debian/fetch'].flatMap((name) => [`${name}.ts`, `${name}.js`]);
  for (const path of [...code, ...light].sort()) {
    if (path.endsWith('.d.ts')) continue;
    const content = await readFile(join(image, path)).catch(() => undefined);
    if (content) hash.update(`${path} ${content.length}\n`).update(content);
  }
  return hash.digest('hex') as Sha256;
}

async function filesBelow(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, {recursive: true, withFileTypes: true});
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
}

const file = (cache: string, code: Sha256): string => join(cache, `${code.slice(0, 32)}.current`);

/** Which base this code made last, if that was at most `freshMs` ago. */
export async function recall(cache: string, code: Sha256, freshMs: number): Promise<string | undefined> {
  try {
    const {mtimeMs} = await stat(file(cache, code));
    return Date.now() - mtimeMs < freshMs ? await readFile(file(cache, code), 'utf8') : undefined;
  } catch {
    return undefined;
  }
}

export async function remember(cache: string, code: Sha256, name: string): Promise<void> {
  await mkdir(cache, {recursive: true});
  await writeFile(`${file(cache, code)}.${process.pid}`, name);
  await rename(`${file(cache, code)}.${process.pid}`, file(cache, code));
}
