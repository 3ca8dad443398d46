import {createHash} from 'node:crypto';
import {readdirSync, readFileSync} from 'node:fs';
import {join, sep} from 'node:path';
import type {Sha256} from '../brand.ts';
import type {Tool} from '../evidence/custody.ts';
import {version} from './help/version.ts';

let known: Tool | undefined;

/**
 * This program as a tool of evidence. Its digest is over a line for each of its files as `sha256sum` prints it, by path
 * from the folder that holds `bin`, sorted: `find . -type f -printf '%P\n' | LC_ALL=C sort | xargs -d '\n' sha256sum | sha256sum`
 * says the same there.
 */
export const thisProgram = (): Tool =>
  (known ??= {name: 'rebuild', version: `${version}, Node ${process.versions.node}`, sha256: digest()});

function digest(): Sha256 {
  const root = join(import.meta.dirname, '..');
  const lines = readdirSync(root, {recursive: true, withFileTypes: true})
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(root.length + 1)
        .replaceAll(sep, '/'),
    )
    .toSorted((a, b) => (a < b ? -1 : 1))
    .map(
      (path) =>
        `${createHash('sha256')
          .update(readFileSync(join(root, path)))
          .digest('hex')}  ${path}\n`,
    );
  return createHash('sha256').update(lines.join('')).digest('hex') as Sha256;
}
