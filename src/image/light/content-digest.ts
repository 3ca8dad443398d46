import {createHash} from 'node:crypto';
import type {Sha256} from '../../brand.ts';
import type {Entry} from '../cpio.ts';

/** What `system/init` finds in RAM: a line a file and a line a link, as `b2sum` and `stat -c %N` write them. */
export interface Content {
  readonly files: readonly string[];
  readonly links: readonly string[];
}

export function contentOf(entries: readonly Entry[]): Content {
  const files: string[] = [];
  const links: string[] = [];
  for (const entry of entries) {
    if (entry.type === 'file') files.push(`${blake2bOf(entry.content)}  ./${entry.path}`);
    if (entry.type === 'link') links.push(`'./${entry.path}' -> '${entry.target}'`);
  }
  return {files, links};
}

/**
 * The digest over everything in RAM, which the kernel's command line carries: a file that is missing, added or
 * different gives another one. Made the same way in `system/init`: files first, then links, each sorted by path.
 */
export function contentDigest(parts: readonly Content[]): Sha256 {
  const files = parts.flatMap((part) => part.files).sort(by((line) => line.slice(line.indexOf('  '))));
  const links = parts.flatMap((part) => part.links).sort(by((line) => line.slice(1, line.indexOf("' -> '"))));
  return sha256Of(Buffer.from([...files, ...links].map((line) => `${line}\n`).join('')));
}

/** 512 bits, RFC 7693. */
const blake2bOf = (data: Uint8Array): string => createHash('blake2b512').update(data).digest('hex');

export const sha256Of = (data: Uint8Array): Sha256 => createHash('sha256').update(data).digest('hex') as Sha256;

/** By bytes, as `sort` does in the C locale. */
const by =
  (key: (line: string) => string) =>
  (a: string, b: string): number =>
    Buffer.compare(Buffer.from(key(a)), Buffer.from(key(b)));
