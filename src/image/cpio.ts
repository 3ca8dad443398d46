/** One file of an initramfs. Owner is root and the time is the epoch's beginning: neither tells anything. */
export type Entry =
  | {readonly type: 'directory'; readonly path: string; readonly mode: number}
  | {readonly type: 'file'; readonly path: string; readonly mode: number; readonly content: Uint8Array}
  | {readonly type: 'link'; readonly path: string; readonly target: string}
  | {
      readonly type: 'device';
      readonly path: string;
      readonly mode: number;
      readonly major: number;
      readonly minor: number;
    };

// S_IFMT of stat.h, as the kernel's initramfs reads it.
const kinds = {directory: 0o040000, file: 0o100000, link: 0o120000, device: 0o020000} as const;

/**
 * An archive in the "newc" form (Documentation/driver-api/early-userspace/buffer-format.rst), in the order given. Paths
 * are relative to the root, without a leading slash; a directory must come before what is in it.
 */
export function cpio(entries: readonly Entry[]): Buffer {
  const parts = entries.flatMap((entry, index) => record(entry, index + 1));
  parts.push(...raw('TRAILER!!!', {inode: 0, mode: 0, links: 1}));
  // Boot loaders put several archives one after another, each at a multiple of four bytes.
  return Buffer.concat(parts);
}

interface Fields {
  readonly inode: number;
  readonly mode: number;
  readonly links: number;
  readonly content?: Uint8Array;
  readonly major?: number;
  readonly minor?: number;
}

function record(entry: Entry, inode: number): readonly Uint8Array[] {
  const kind = kinds[entry.type];
  switch (entry.type) {
    case 'directory':
      return raw(entry.path, {inode, mode: kind | entry.mode, links: 2});
    case 'file':
      return raw(entry.path, {inode, mode: kind | entry.mode, links: 1, content: entry.content});
    case 'link':
      return raw(entry.path, {inode, mode: kind | 0o777, links: 1, content: Buffer.from(entry.target)});
    case 'device':
      return raw(entry.path, {inode, mode: kind | entry.mode, links: 1, major: entry.major, minor: entry.minor});
    default:
      return entry satisfies never;
  }
}

const headerLength = 110;

function raw(path: string, {inode, mode, links, content, major = 0, minor = 0}: Fields): readonly Uint8Array[] {
  const name = Buffer.from(`${path}\0`);
  const data = content ?? new Uint8Array();
  const owner = 0;
  const time = 0;
  const fields = [inode, mode, owner, owner, links, time, data.length, 0, 0, major, minor, name.length, 0];
  const header = Buffer.from(`070701${fields.map(hex).join('')}`);
  return [header, name, padding(headerLength + name.length), data, padding(data.length)];
}

const hex = (value: number): string => value.toString(16).toUpperCase().padStart(8, '0');
const padding = (length: number): Uint8Array => new Uint8Array((4 - (length % 4)) % 4);
