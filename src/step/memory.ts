import type {DiskSpec} from '../runbook/runbook.ts';

/** A stretch of the host's memory, in bytes. */
export interface Memory {
  readonly from: number;
  readonly bytes: number;
}

// Persistent memory comes in pieces of so much.
const pieceBytes = 2 << 20;

/** The memory that a place is; undefined where it is a disk or a partition. */
export const memoryOf = ({ram, sizeBytes}: DiskSpec): Memory | undefined =>
  ram && {from: ram.from, bytes: Math.floor(sizeBytes / pieceBytes) * pieceBytes};

/**
 * As a kernel's command line sets memory aside: where it has the drivers nd_e820 and nd_pmem it becomes a block device,
 * `/dev/pmem0`. A kernel that is started by kexec and told the same finds there what was there.
 */
export const setAside = ({from, bytes}: Memory): string => `memmap=0x${bytes.toString(16)}!0x${from.toString(16)}`;
