import type {MemoryRange} from './memory-map.ts';

/**
 * A dump of RAM in LiME's format, version 1 (504ensicsLabs/LiME, doc/README.md): each range behind a header of its own,
 * little-endian: magic, version, first and last physical address, eight bytes reserved.
 */
export const limeHeaderBytes = 32;

const magic = 0x4c69_4d45;

function limeHeader({start, bytes}: MemoryRange): Uint8Array {
  const header = Buffer.alloc(limeHeaderBytes);
  header.writeUInt32LE(magic, 0);
  header.writeUInt32LE(1, 4);
  header.writeBigUInt64LE(start, 8);
  header.writeBigUInt64LE(start + bytes - 1n, 16);
  return header;
}

export const limeBytes = (ranges: readonly MemoryRange[]): number =>
  ranges.reduce((sum, {bytes}) => sum + limeHeaderBytes + Number(bytes), 0);

/** What stands in the dump next: bytes of a header, or memory that is to be read. */
export type LimePart =
  | {readonly is: 'header'; readonly data: Uint8Array}
  | {readonly is: 'memory'; readonly physical: bigint; readonly at: bigint; readonly bytes: number};

/** The dump from a byte of it on, in parts of at most `most` bytes. */
export function* limeParts(ranges: readonly MemoryRange[], from: number, most: number): Generator<LimePart> {
  let skip = from;
  for (const range of ranges) {
    const bytes = Number(range.bytes);
    if (skip >= limeHeaderBytes + bytes) {
      skip -= limeHeaderBytes + bytes;
      continue;
    }
    if (skip < limeHeaderBytes) yield {is: 'header', data: limeHeader(range).subarray(skip)};
    for (let done = Math.max(0, skip - limeHeaderBytes); done < bytes; done += most) {
      const offset = BigInt(done);
      const length = Math.min(most, bytes - done);
      yield {is: 'memory', physical: range.start + offset, at: range.at + offset, bytes: length};
    }
    skip = 0;
  }
}
