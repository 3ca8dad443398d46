import type {Sha256} from '../../brand.ts';

/** An image that the BMC can mount, as it is served to it. */
export interface Medium {
  readonly url: string;
  readonly sha256: Sha256;
  readonly bytes: number;
}

export interface LightIso extends Medium {
  /** Digest of the host-independent part, the same for every host and machine that builds it. */
  readonly base: Sha256;
  /** What the boot loader must read of it: once so much has been read, everything needed is in RAM. */
  readonly bootBytes: number;
}

/** An ISO of the operator's own: its path from the runbook's folder, and the digest that its vendor publishes. */
export interface OwnIso {
  readonly file: string;
  readonly sha256: Sha256;
}

export interface Chunk {
  readonly index: number;
  /** Bytes from the disk's beginning. */
  readonly offset: number;
  readonly length: number;
  readonly raw: Sha256;
  readonly packed: Sha256;
  readonly packedLength: number;
}

/** What a disk can be given in chunks. */
export interface DiskImage {
  readonly name: string;
  /** Digest over the manifest's canonical text: it names the image. */
  readonly digest: Sha256;
  /** Size of the image on disk, in bytes; chunks that are all zero are not listed. */
  readonly sizeBytes: number;
  readonly packedBytes: number;
  readonly chunks: readonly Chunk[];
}

export interface OsImage extends DiskImage {
  /** Number of the partition that holds the root file system, and its file system's UUID. */
  readonly root: {readonly partition: number; readonly uuid: string};
}

/** A loader on a CD of its own, for a machine that cannot be told which of its disks to start. */
export interface Loader extends Medium {
  /** What a start from it reads. */
  readonly bootBytes: number;
}

/** An ISO as a disk can be given it, and how a machine can be started from that disk. */
export interface StagedIso extends DiskImage {
  /** Digest of the ISO file itself. */
  readonly iso: Sha256;
  /** What GRUB takes for its file system's UUID. */
  readonly uuid: string;
  readonly starts: {
    /** Its first sector holds boot code. */
    readonly bios: boolean;
    /** Number of the partition that holds an EFI system, in the table that UEFI reads. */
    readonly uefi: number | undefined;
  };
}

/** A file of a staged ISO, by where it lies: a kernel, or its initial RAM disk. */
export interface BootFile {
  /** Bytes from the ISO's beginning. */
  readonly offset: number;
  readonly length: number;
  readonly sha256: Sha256;
}

/** What the light system puts in its own place. */
export interface Launch {
  readonly kernel: BootFile;
  readonly initrd: BootFile;
  /** The kernel's command line. */
  readonly options: string;
}

/**
 * A plain static HTTP server that holds images as `rebuild image --export` lays them out: the packed chunks of image
 * DIGEST are the file `PATH/DIGEST/chunks.zst`, read in ranges. It is not trusted: every chunk is held against the
 * manifest's digest before it is written.
 */
export interface ImageSource {
  /** IPv4 address the target connects to: nobody answers DNS during an incident. */
  readonly address: string;
  readonly port: number;
  /** What the request names as its `Host`. */
  readonly host: string;
  /** Absolute, without a slash at the end; empty for the server's root. */
  readonly path: string;
}
