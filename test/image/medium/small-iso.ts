/** The least that counts as an ISO: volume descriptor, boot code, and the partition table asked for. */
export function smallIso(table: 'gpt' | 'mbr' | 'none', bytes = 3 << 20): Buffer {
  const iso = Buffer.alloc(bytes);
  const descriptor = 16 * 2048;
  iso.write('\x01CD001\x01', descriptor, 'latin1');
  iso.write('2026070720290000', descriptor + 813, 'latin1');
  iso.write('0000000000000000', descriptor + 830, 'latin1');
  if (table === 'none') return iso;
  iso.write('boot code', 0, 'latin1');
  iso.writeUInt16LE(0xaa55, 510);
  const entry = (index: number, type: number, first: number, sectors: number): void => {
    const at = 446 + index * 16;
    iso.writeUInt8(type, at + 4);
    iso.writeUInt32LE(first, at + 8);
    iso.writeUInt32LE(sectors, at + 12);
  };
  if (table === 'mbr') {
    entry(0, 0x00, 0, bytes / 512);
    entry(1, 0xef, 332, 5760);
    return iso;
  }
  entry(0, 0xee, 1, bytes / 512 - 1);
  iso.write('EFI PART', 512, 'latin1');
  // As xorriso lays it: 176 entries from block 20 on.
  iso.writeBigUInt64LE(20n, 512 + 72);
  iso.writeUInt32LE(176, 512 + 80);
  iso.writeUInt32LE(128, 512 + 84);
  const basic = Buffer.from('a2a0d0ebe5b9334487c068b6b72699c7', 'hex');
  const esp = Buffer.from('28732ac11ff8d211ba4b00a0c93ec93b', 'hex');
  basic.copy(iso, 20 * 512);
  esp.copy(iso, 20 * 512 + 128);
  return iso;
}
