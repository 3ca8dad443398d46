const dynamicSegment = 2;
const neededTag = 1n;
const stringTableTag = 5n;
const loadSegment = 1;

/**
 * Names of the shared libraries that a program or library asks for (DT_NEEDED); empty for anything that is not a
 * dynamically linked 64-bit little-endian ELF file. Layout: elf(5).
 */
export function neededLibraries(file: Buffer): readonly string[] {
  if (file.length < 64 || file.readUInt32BE(0) !== 0x7f454c46 || file[4] !== 2 || file[5] !== 1) return [];
  const segments = programHeaders(file);
  const dynamic = segments.find(({type}) => type === dynamicSegment);
  if (!dynamic) return [];
  const names: bigint[] = [];
  let strings: number | undefined;
  for (let at = dynamic.offset; at + 16 <= dynamic.offset + dynamic.size; at += 16) {
    const tag = file.readBigInt64LE(at);
    const value = file.readBigUInt64LE(at + 8);
    if (tag === 0n) break;
    if (tag === neededTag) names.push(value);
    if (tag === stringTableTag) strings = fileOffset(segments, Number(value));
  }
  if (strings === undefined) return [];
  const table = strings;
  return names.map((name) => text(file, table + Number(name)));
}

interface Segment {
  readonly type: number;
  readonly offset: number;
  readonly address: number;
  readonly size: number;
}

function programHeaders(file: Buffer): readonly Segment[] {
  const start = Number(file.readBigUInt64LE(32));
  const size = file.readUInt16LE(54);
  const count = file.readUInt16LE(56);
  return Array.from({length: count}, (_, index) => {
    const at = start + index * size;
    return {
      type: file.readUInt32LE(at),
      offset: Number(file.readBigUInt64LE(at + 8)),
      address: Number(file.readBigUInt64LE(at + 16)),
      size: Number(file.readBigUInt64LE(at + 32)),
    };
  });
}

function fileOffset(segments: readonly Segment[], address: number): number | undefined {
  const holder = segments.find(
    (segment) => segment.type === loadSegment && address >= segment.address && address < segment.address + segment.size,
  );
  return holder && address - holder.address + holder.offset;
}

const text = (file: Buffer, at: number): string => file.toString('latin1', at, file.indexOf(0, at));
