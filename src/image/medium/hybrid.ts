/** How a machine can be started from an ISO that lies on a disk from its first sector on. */
export interface Starts {
  /** What GRUB takes for the file system's UUID: the time it was made, `2026-07-07-20-29-00-00`. */
  readonly uuid: string;
  /** The first sector holds boot code, as isohybrid and GRUB write it. */
  readonly bios: boolean;
  /** Number of the EFI system partition, in the partition table that UEFI reads; undefined where there is none. */
  readonly uefi: number | undefined;
}

/** So much of an ISO says how it starts. */
export const headBytes = 64 << 10;

const sector = 512;
// ECMA-119, 8.4: the primary volume descriptor is the 17th block of 2048 bytes.
const descriptor = 16 * 2048;
// UEFI 2.10, 5.3.3, as its bytes lie on the disk.
const espType = Buffer.from('28732ac11ff8d211ba4b00a0c93ec93b', 'hex');
const mbrEspType = 0xef;
const protectiveType = 0xee;

/** Reads the first `headBytes` of a file; undefined where it is no ISO 9660 image. Pure. */
export function startsOf(head: Buffer): Starts | undefined {
  if (head.length < descriptor + 2048 || head.toString('latin1', descriptor + 1, descriptor + 6) !== 'CD001')
    return undefined;
  const signed = head.readUInt16LE(510) === 0xaa55;
  const entries = [0, 1, 2, 3].map((index) => {
    const at = 446 + index * 16;
    return {type: head[at + 4], first: head.readUInt32LE(at + 8), sectors: head.readUInt32LE(at + 12)};
  });
  // UEFI 2.10, 5.2.3: a GPT counts where the MBR protects it.
  const protective = entries.some(({type, first}) => type === protectiveType && first === 1);
  const inMbr = entries.findIndex(({type, sectors}) => type === mbrEspType && sectors > 0);
  const uefi = protective ? espInGpt(head) : inMbr === -1 ? undefined : inMbr + 1;
  return {
    uuid: uuidOf(head),
    bios: signed && head.subarray(0, 440).some((byte) => byte !== 0),
    uefi: signed ? uefi : undefined,
  };
}

/** GRUB's `grub_iso9660_uuid`: the time of the last change, or of creation where that is unset (ECMA-119, 8.4.26). */
function uuidOf(head: Buffer): string {
  const [created, modified] = [813, 830].map((at) => head.toString('latin1', descriptor + at, descriptor + at + 16));
  const digits = [modified, created].find((text) => /^\d{16}$/.test(text ?? '') && !/^0+$/.test(text ?? '')) ?? '';
  return digits.replace(/^(....)(..)(..)(..)(..)(..)(..)$/, '$1-$2-$3-$4-$5-$6-$7');
}

function espInGpt(head: Buffer): number | undefined {
  if (head.toString('latin1', sector, sector + 8) !== 'EFI PART') return undefined;
  const table = Number(head.readBigUInt64LE(sector + 72)) * sector;
  const [count, size] = [head.readUInt32LE(sector + 80), head.readUInt32LE(sector + 84)];
  if (size < 128) return undefined;
  for (let index = 0; index < count && table + (index + 1) * size <= head.length; index++)
    if (head.subarray(table + index * size, table + index * size + 16).equals(espType)) return index + 1;
  return undefined;
}
