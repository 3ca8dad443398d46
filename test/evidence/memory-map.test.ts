import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {limeBytes, limeHeaderBytes, limeParts} from '../../src/evidence/lime.ts';
import {memoryMap, type MemoryMap} from '../../src/evidence/memory-map.ts';
import {coreHead, type Segment} from './core.ts';

// A machine with 1 GiB, as QEMU lays it out and Linux 6.1 shows it.
const iomem = `00000000-00000fff : Reserved
00001000-0009fbff : System RAM
0009fc00-0009ffff : Reserved
000a0000-000bffff : PCI Bus 0000:00
00100000-3ffdffff : System RAM
  2e000000-2ee01ea3 : Kernel code
3ffe0000-3fffffff : Reserved
`;
const direct = 0xffff_9a1b_8000_0000n;
const mask = (1n << 47n) - 1n;
const at = (virtual: bigint): bigint => (virtual & mask) + 0x3000n;
const direct1: Segment = {offset: at(direct + 0x1000n), virtual: direct + 0x1000n, physical: 0x1000n, bytes: 0x9e000n};
const direct2: Segment = {
  offset: at(direct + 0x10_0000n),
  virtual: direct + 0x10_0000n,
  physical: 0x10_0000n,
  bytes: 0x3fee_0000n,
};
const none = (1n << 64n) - 1n;
const text: Segment = {
  offset: at(0xffff_ffff_ae00_0000n),
  virtual: 0xffff_ffff_ae00_0000n,
  physical: 0x2e00_0000n,
  bytes: 0x280_0000n,
};
const vmalloc: Segment = {
  offset: at(0xffff_b000_0000_0000n),
  virtual: 0xffff_b000_0000_0000n,
  physical: none,
  bytes: 1n << 45n,
};
const notes: Segment = {type: 4, offset: 0x200n, virtual: 0n, physical: 0n, bytes: 0x1000n};

const mapped = (lines: string, segments: readonly Segment[]): MemoryMap => {
  const map = memoryMap(lines, coreHead(segments));
  if (typeof map === 'string') throw new Error(map);
  return map;
};

describe('which parts of /proc/kcore hold which memory', () => {
  test('whole pages of RAM, each once, from the mapping that holds it longest', () => {
    expect(mapped(iomem, [notes, vmalloc, text, direct1, direct2])).toEqual({
      ranges: [
        {start: 0x1000n, bytes: 0x9e000n, at: direct1.offset},
        {start: 0x10_0000n, bytes: 0x3fee_0000n, at: direct2.offset},
      ],
      outside: 0n,
    });
  });

  test('a kernel that tells no physical addresses: by the mapping that holds all RAM', () => {
    const old = [notes, vmalloc, text, direct1, direct2].map((segment) => ({...segment, physical: 0n}));
    expect(mapped(iomem, old)).toEqual(mapped(iomem, [notes, vmalloc, text, direct1, direct2]));
  });

  test('RAM that is not in the file is counted, and what is beside the hole is read', () => {
    const first = {...direct2, bytes: 0x1000_0000n};
    const second = {
      ...direct2,
      offset: direct2.offset + 0x1800_0000n,
      physical: direct2.physical + 0x1800_0000n,
      bytes: direct2.bytes - 0x1800_0000n,
    };
    const map = mapped(iomem, [direct1, first, second]);
    expect(map.ranges.map(({bytes}) => bytes)).toEqual([0x9e000n, 0x1000_0000n, 0x3fee_0000n - 0x1800_0000n]);
    expect(map.outside).toBe(0x800_0000n);
  });

  test('nothing to be read has a reason', () => {
    const hidden = iomem.replaceAll(/[0-9a-f]{8}/g, '00000000');
    expect(memoryMap(hidden, coreHead([direct1, direct2]))).toBe('/proc/iomem tells no addresses of RAM');
    expect(memoryMap(iomem, new Uint8Array(0))).toContain('no header');
    expect(memoryMap(iomem, coreHead([vmalloc]))).toContain('no header');
    expect(memoryMap(iomem, coreHead([text]).subarray(0, 70))).toContain('no header');
  });

  test('whatever a host says, ranges lie in order, in whole pages, and no address is beyond what a file can hold', () => {
    const address = fc.bigInt({min: 0n, max: (1n << 64n) - 1n});
    const segment = fc.record({
      type: fc.constantFrom(1, 4),
      offset: address,
      virtual: address,
      physical: address,
      bytes: address,
    });
    const line = fc.tuple(address, address).map(([a, b]) => `${a.toString(16)}-${b.toString(16)} : System RAM`);
    const near = fc
      .tuple(fc.bigInt({min: 0n, max: 1n << 34n}), fc.bigInt({min: 0n, max: 1n << 34n}))
      .map(([a, b]) => `${a.toString(16)}-${(a + b).toString(16)} : System RAM`);
    fc.assert(
      fc.property(fc.array(fc.oneof(line, near)), fc.array(segment, {maxLength: 8}), (lines, segments) => {
        const map = memoryMap(lines.join('\n'), coreHead(segments));
        if (typeof map === 'string') return;
        let after = 0n;
        for (const {start, bytes, at: offset} of map.ranges) {
          expect(start >= after && bytes > 0n && offset >= 0n && offset + bytes < 1n << 63n).toBe(true);
          after = start + bytes;
        }
      }),
    );
    expect(memoryMap('00000000-ffffffff : System RAM', Buffer.from('\u007fELF\u0002\u0001garbage'))).toContain(
      'no header',
    );
  });
});

describe('a dump in LiME’s format', () => {
  const {ranges} = mapped(iomem, [direct1, direct2]);
  const all = [...limeParts(ranges, 0, 2 ** 20)];

  test('each range stands behind its header, the last address in it included', () => {
    const headers = all.flatMap((part) => (part.is === 'header' ? [Buffer.from(part.data)] : []));
    expect(headers.map((data) => data.subarray(0, 8).toString('hex'))).toEqual([
      '454d694c01000000',
      '454d694c01000000',
    ]);
    expect(
      headers.map((data) => [data.readBigUInt64LE(8), data.readBigUInt64LE(16), data.readBigUInt64LE(24)]),
    ).toEqual([
      [0x1000n, 0x9efffn, 0n],
      [0x10_0000n, 0x3ffd_ffffn, 0n],
    ]);
    const length = all.reduce((sum, part) => sum + (part.is === 'header' ? limeHeaderBytes : part.bytes), 0);
    expect(length).toBe(limeBytes(ranges));
  });

  test('from any byte on, it is the rest of the same dump', () => {
    const few = [
      {start: 0x1000n, bytes: 100n, at: 7n},
      {start: 0x8000n, bytes: 50n, at: 500n},
    ];
    const bytesOf = (from: number, most: number): readonly string[] =>
      [...limeParts(few, from, most)].flatMap((part) =>
        part.is === 'header'
          ? [...part.data].map((byte) => `header ${byte}`)
          : Array.from(
              {length: part.bytes},
              (_, index) => `${part.physical + BigInt(index)} ${part.at + BigInt(index)}`,
            ),
      );
    const whole = bytesOf(0, 1000);
    for (const most of [1, 7, 64])
      for (let from = 0; from <= limeBytes(few); from++) expect(bytesOf(from, most)).toEqual(whole.slice(from));
  });
});
