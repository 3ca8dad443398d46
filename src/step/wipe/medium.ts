import type {WipeMethod} from './method.ts';

/** A disk as a medium to be erased: read, never changed. */
export interface MediumFacts {
  readonly bus: 'nvme' | 'ata' | 'scsi' | 'virtio' | 'other';
  readonly vendor: string;
  readonly model: string;
  readonly firmware: string;
  /** World wide name or its like; empty where the disk tells none. */
  readonly wwn: string;
  readonly rotational: boolean;
  readonly sizeBytes: number;
  /** ATA: what the medium has before a host protected area is taken off; larger than `sizeBytes` where one hides. */
  readonly nativeBytes?: number;
  readonly can: readonly Ability[];
  /** The disk says that its last sanitize succeeded and that nothing was written since (NVMe only). */
  readonly erasedFlag: boolean;
  /** Partitions as the kernel sees them now. */
  readonly partitions: readonly Extent[];
}

/** One way in which a medium can be erased. */
export interface Ability {
  readonly method: WipeMethod;
  /** Why it cannot be used now: `frozen by the firmware`. */
  readonly blocked?: string;
  /** What the medium says it takes. */
  readonly seconds?: number;
}

/** Bytes from the disk's beginning. */
export interface Extent {
  readonly offset: number;
  readonly length: number;
}
