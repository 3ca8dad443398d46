import {sector} from './layout.ts';

// Offsets from GRUB 2's boot.S and diskboot.S, which its installer patches in the same way.
const kernelSector = 0x5c;
const driveCheck = 0x66;
const codeEnd = 0x1b8;
const blockList = 0x1f4;

/**
 * The first 440 bytes of the disk: GRUB's boot.img, told where its core begins. What follows them there (disk
 * signature, partition entries) belongs to the partition table and is not touched.
 */
export function bootCode(bootImage: Uint8Array, coreSector: number): Buffer {
  if (bootImage.length !== sector) throw new Error(`boot.img has ${bootImage.length} bytes, not ${sector}`);
  const code = Buffer.from(bootImage.subarray(0, codeEnd));
  code.writeBigUInt64LE(BigInt(coreSector), kernelSector);
  // A jump becomes two no-ops: some BIOSes pass drive 0 for a hard disk, and GRUB then takes the first hard disk.
  code.writeUInt16LE(0x9090, driveCheck);
  return code;
}

/** GRUB's core image, told where its own second sector lies: one run of sectors after the first. */
export function coreImage(core: Uint8Array, coreSector: number): Buffer {
  const sectors = Math.ceil(core.length / sector);
  const image = Buffer.alloc(sectors * sector);
  image.set(core);
  const listed = image.readUInt16LE(blockList + 8);
  if (listed !== sectors - 1) throw new Error(`core.img lists ${listed} sectors and has ${sectors - 1}`);
  image.writeBigUInt64LE(BigInt(coreSector + 1), blockList);
  return image;
}
