/** One program header of an ELF file. */
export interface Segment {
  readonly type?: number;
  readonly offset: bigint;
  readonly virtual: bigint;
  readonly physical: bigint;
  readonly bytes: bigint;
}

/** The first bytes of a core file for x86-64, as `/proc/kcore` has them. */
export function coreHead(segments: readonly Segment[]): Buffer {
  const head = Buffer.alloc(64 + 56 * segments.length);
  head.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  head.writeUInt16LE(4, 16);
  head.writeUInt16LE(62, 18);
  head.writeBigUInt64LE(64n, 32);
  head.writeUInt16LE(56, 54);
  head.writeUInt16LE(segments.length, 56);
  for (const [index, {type = 1, offset, virtual, physical, bytes}] of segments.entries()) {
    const at = 64 + 56 * index;
    head.writeUInt32LE(type, at);
    head.writeBigUInt64LE(offset, at + 8);
    head.writeBigUInt64LE(virtual, at + 16);
    head.writeBigUInt64LE(physical, at + 24);
    head.writeBigUInt64LE(bytes, at + 32);
    head.writeBigUInt64LE(bytes, at + 40);
  }
  return head;
}
