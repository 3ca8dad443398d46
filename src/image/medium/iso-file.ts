/** Where a file lies in an ISO, in bytes. */
export interface Extent {
  readonly offset: number;
  readonly length: number;
}

/** So many bytes of the ISO from there on. */
export type ReadIso = (extent: Extent) => Promise<Buffer>;

export type Found =
  | {readonly is: 'file'; readonly extent: Extent}
  /** Nothing has this name; these are its neighbours. */
  | {readonly is: 'missing'; readonly there: readonly string[]}
  /** A folder, or a file in several pieces. */
  | {readonly is: 'other'};

const block = 2048;
// ECMA-119, 8.4: the primary volume descriptor, and the root folder's record in it.
const descriptor = 16 * block;
const rootRecord = descriptor + 156;
// A folder of an installer has a few kilobytes.
const mostOfFolder = 4 << 20;
const mostDepth = 32;

interface Entry extends Extent {
  readonly name: string;
  readonly folder: boolean;
  /** More extents of the same file follow. */
  readonly more: boolean;
}

/** Finds a file of an ISO 9660 image by its path from the root, with the names that Rock Ridge gives where it is there. */
export async function findInIso(read: ReadIso, path: string): Promise<Found> {
  const parts = path.split('/').filter(Boolean);
  let at = entryOf(await read({offset: rootRecord, length: 34}));
  for (const part of parts.slice(0, mostDepth)) {
    if (!at?.folder || at.length > mostOfFolder) return {is: 'missing', there: []};
    const entries = entriesOf(await read({offset: at.offset, length: at.length}));
    const same = entries.filter(({name}) => name.toLowerCase() === part.toLowerCase());
    const found: Entry | undefined = same.find(({name}) => name === part) ?? same[0];
    if (!found) return {is: 'missing', there: entries.map(({name}) => name)};
    at = found;
  }
  if (!at || at.folder || at.more || parts.length === 0) return {is: 'other'};
  return {is: 'file', extent: {offset: at.offset, length: at.length}};
}

/** A folder's entries but itself and its parent. Records do not cross blocks; a length of zero ends one. */
function entriesOf(folder: Buffer): readonly Entry[] {
  const entries: Entry[] = [];
  for (let at = 0; at < folder.length;) {
    const length = folder[at] ?? 0;
    const entry = length === 0 ? undefined : entryOf(folder.subarray(at, at + length));
    if (entry && entry.name !== '\0' && entry.name !== '\x01') entries.push(entry);
    at = length === 0 ? (Math.floor(at / block) + 1) * block : at + length;
  }
  return entries;
}

/** ECMA-119, 9.1. */
function entryOf(record: Buffer): Entry | undefined {
  if (record.length < 34) return undefined;
  const nameLength = record[32] ?? 0;
  const flags = record[25] ?? 0;
  const plain = record.toString('latin1', 33, 33 + nameLength);
  const name = rockRidgeName(record.subarray(33 + nameLength + (nameLength % 2 === 0 ? 1 : 0)));
  return {
    name: name ?? plain.replace(/;\d+$/, '').replace(/\.$/, ''),
    offset: record.readUInt32LE(2) * block,
    length: record.readUInt32LE(10),
    folder: (flags & 2) !== 0,
    more: (flags & 0x80) !== 0,
  };
}

/** IEEE P1282, 4.1.4: `NM` entries, of which the first flag says that the name goes on. */
function rockRidgeName(area: Buffer): string | undefined {
  let name: string | undefined;
  for (let at = 0; at + 5 <= area.length;) {
    const length = area[at + 2] ?? 0;
    if (length < 4) break;
    if (area.toString('latin1', at, at + 2) === 'NM') name = (name ?? '') + area.toString('utf8', at + 5, at + length);
    at += length;
  }
  return name;
}
