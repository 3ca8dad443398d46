import {zstdDecompressSync} from 'node:zlib';
import {sha256} from '../brand.ts';
import type {TreeEntry} from '../step/system/tree.ts';

/** More than the lists of any system that is installed here come to; a stream that unpacks to more is not unpacked. */
const mostBytes = 64 * 1024 * 1024;

/** A list's bytes; undefined where they are not what zstd packed, or too many. */
export function unpackList(packed: Buffer): Buffer | undefined {
  try {
    return zstdDecompressSync(packed, {maxOutputLength: mostBytes});
  } catch {
    return undefined;
  }
}

/** The strings between NULs; a list of file names may hold any other byte. */
export const byNul = (bytes: Buffer): readonly string[] => bytes.toString('utf8').split('\0').slice(0, -1);

/** `sha256sum -z`: a digest, two characters, a name. Undefined where a record is misshapen. */
export function digestsByName(bytes: Buffer): ReadonlyMap<string, string> | undefined {
  const found = new Map<string, string>();
  for (const record of byNul(bytes)) {
    const digest = sha256(record.slice(0, 64));
    if (digest === undefined || !/^ [ *]$/.test(record.slice(64, 66))) return undefined;
    found.set(record.slice(66), digest);
  }
  return found;
}

/** File types as stat(2) has them in the upper bits of a mode. */
export function typeOf(mode: number): TreeEntry['type'] {
  const types: Readonly<Record<number, TreeEntry['type']>> = {0o10: 'file', 0o4: 'folder', 0o12: 'link'};
  return types[mode >> 12] ?? 'other';
}
