/** Physical memory that lies in one piece both in RAM and in `/proc/kcore`. */
export interface MemoryRange {
  /** The first physical address. */
  readonly start: bigint;
  readonly bytes: bigint;
  /** Where it begins in `/proc/kcore`. */
  readonly at: bigint;
}

export interface MemoryMap {
  /** By their physical addresses, none over another. */
  readonly ranges: readonly MemoryRange[];
  /** RAM that `/proc/iomem` lists and that is nowhere in `/proc/kcore`. */
  readonly outside: bigint;
}

/** Loaded memory as an ELF program header tells it (`Elf64_Phdr`, elf(5)). */
interface Load {
  readonly offset: bigint;
  readonly virtual: bigint;
  readonly physical: bigint;
  readonly bytes: bigint;
}

interface Span {
  readonly start: bigint;
  /** The first address after it. */
  readonly end: bigint;
}

const page = 4096n;
const mostRanges = 1024;
const mostAddress = 1n << 52n;
const mostOffset = 1n << 63n;
const unknownAddress = (1n << 64n) - 1n;

/**
 * Which parts of `/proc/kcore` hold which physical memory: RAM by `/proc/iomem`, found in the file by its ELF header (its
 * first bytes; what they do not reach is not seen). Both are hostile. A text says why there is nothing to be read.
 */
export function memoryMap(iomem: string, head: Uint8Array): MemoryMap | string {
  const ram = ramIn(iomem);
  if (ram.length === 0) return '/proc/iomem tells no addresses of RAM';
  const loads = placed(loadsIn(Buffer.from(head.buffer, head.byteOffset, head.byteLength)), ram);
  if (loads.length === 0) return '/proc/kcore has no header that tells where memory lies in it';
  const ranges: MemoryRange[] = [];
  let outside = 0n;
  for (const {start, end} of ram) {
    let at = start;
    while (at < end && ranges.length < mostRanges) {
      const here = loads
        .filter(({physical, bytes}) => physical <= at && at < physical + bytes)
        .reduce<Load | undefined>((best, load) => (best && endOf(best) >= endOf(load) ? best : load), undefined);
      const next = here
        ? least(end, endOf(here))
        : least(end, ...loads.map(({physical}) => physical).filter((physical) => physical > at));
      if (here) ranges.push({start: at, bytes: next - at, at: here.offset + (at - here.physical)});
      else outside += next - at;
      at = next;
    }
  }
  return ranges.length === 0 ? '/proc/kcore holds none of the RAM' : {ranges, outside};
}

const endOf = ({physical, bytes}: Load): bigint => physical + bytes;
const least = (first: bigint, ...more: readonly bigint[]): bigint => more.reduce((a, b) => (a < b ? a : b), first);

/** `00100000-3ffddfff : System RAM`, at the margin; whole pages of each, in order. */
function ramIn(iomem: string): readonly Span[] {
  const spans: Span[] = [];
  for (const line of iomem.split('\n')) {
    const [, first = '', last = ''] = /^([0-9a-f]{1,16})-([0-9a-f]{1,16}) : System RAM$/.exec(line) ?? [];
    if (first === '' || spans.length >= mostRanges) continue;
    const start = ((BigInt(`0x${first}`) + page - 1n) / page) * page;
    const end = ((BigInt(`0x${last}`) + 1n) / page) * page;
    const after = spans.at(-1)?.end ?? 0n;
    if (start < end && start >= after && end <= mostAddress) spans.push({start, end});
  }
  return spans;
}

function loadsIn(head: Buffer): readonly Load[] {
  const elf64le = Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1]);
  if (head.length < 64 || !head.subarray(0, 6).equals(elf64le)) return [];
  const table = Number(head.readBigUInt64LE(32));
  const size = head.readUInt16LE(54);
  const count = head.readUInt16LE(56);
  if (size < 56) return [];
  const loads: Load[] = [];
  for (let index = 0; index < count; index++) {
    const at = table + index * size;
    if (at + 56 > head.length) break;
    const load = {
      offset: head.readBigUInt64LE(at + 8),
      virtual: head.readBigUInt64LE(at + 16),
      physical: head.readBigUInt64LE(at + 24),
      bytes: head.readBigUInt64LE(at + 40),
    };
    if (head.readUInt32LE(at) === 1 && load.bytes > 0n && load.offset + load.bytes < mostOffset) loads.push(load);
  }
  return loads;
}

/**
 * Loads with their physical addresses. Kernels before 4.19 leave those zero: there, RAM is mapped as a whole, and the
 * beginning of that mapping is the one that puts all RAM into loads.
 */
function placed(loads: readonly Load[], ram: readonly Span[]): readonly Load[] {
  const told = loads.filter(({physical}) => physical !== unknownAddress);
  if (told.some(({physical}) => physical !== 0n)) return told;
  const largest = ram.reduce((a, b) => (b.end - b.start > a.end - a.start ? b : a));
  for (const {virtual} of loads) {
    const base = virtual - largest.start;
    const inside = ({start, end}: Span): boolean =>
      loads.some((load) => load.virtual <= base + start && base + end <= load.virtual + load.bytes);
    if (base >= 0n && ram.every(inside))
      return loads
        .filter((load) => load.virtual >= base && load.virtual - base < mostAddress)
        .map((load) => ({...load, physical: load.virtual - base}));
  }
  return [];
}
