import {createHash} from 'node:crypto';
import {mkdir, readFile, rename, stat, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import type {Sha256} from '../../brand.ts';

/** The code that decides what a foundation holds. What only assembles an ISO, and our own files in it, do not. */
const deciding = [
  '../cpio',
  '../debian/signed-loaders',
  'content-digest',
  'contents',
  'elf',
  'folders',
  'foundation',
  'libraries',
  'modules',
  'package-items',
  'pool',
];

/** Other code makes another foundation. */
export async function codeDigest(): Promise<Sha256> {
  const hash = createHash('sha256');
  for (const name of deciding) {
    const path = join(import.meta.dirname, name);
    const content = await readFile(`${path}.ts`).catch(() => readFile(`${path}.js`));
    hash.update(`${name} ${content.length}\n`).update(content);
  }
  return hash.digest('hex') as Sha256;
}

const file = (cache: string, code: Sha256): string => join(cache, `${code.slice(0, 32)}.current`);

/** Which foundation this code made last, if Debian's mirrors were asked at most `freshMs` ago. */
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
  const draft = `${file(cache, code)}.${process.pid}.new`;
  await writeFile(draft, name);
  await rename(draft, file(cache, code));
}
