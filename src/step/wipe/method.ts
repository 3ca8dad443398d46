import type {WipeLevel} from './level.ts';

/**
 * One way to erase a medium. `overwrite` goes through the host: the kernel's write-zeroes where the disk has it, else
 * zeroes written. `signatures` takes what makes a disk look used, and no content.
 */
export type WipeMethod = keyof typeof wipeMethods;

interface MethodFacts {
  /** The levels it reaches. */
  readonly levels: readonly WipeLevel[];
  /** Whether the disk works on it alone, over a loss of power too (`itself`), or a command or we do (`host`). */
  readonly by: 'itself' | 'command' | 'host';
  /**
   * What every block reads as afterwards; `fixed`: zeroes throughout, or ones throughout; `any` where the medium decides,
   * `content` where it is what it was.
   */
  readonly after: 'zero' | 'fixed' | 'any' | 'content';
  /** As NIST SP 800-88r2 and IEEE 2883 name the technique. */
  readonly technique: string;
  /** Only where the runbook names it: it blocks without progress, or has bricked media. */
  readonly lastResort?: true;
}

export const wipeMethods = {
  'nvme-sanitize-crypto': {
    levels: ['purge'],
    by: 'itself',
    after: 'any',
    technique: 'NVMe Sanitize, cryptographic erase',
  },
  'nvme-sanitize-block': {levels: ['purge'], by: 'itself', after: 'any', technique: 'NVMe Sanitize, block erase'},
  'nvme-sanitize-overwrite': {levels: ['purge'], by: 'itself', after: 'zero', technique: 'NVMe Sanitize, overwrite'},
  'nvme-format': {
    levels: ['express', 'clear'],
    by: 'command',
    after: 'any',
    technique: 'NVMe Format, user data erase',
  },
  'nvme-format-crypto': {
    levels: ['express', 'clear'],
    by: 'command',
    after: 'any',
    technique: 'NVMe Format, cryptographic erase',
  },
  'ata-sanitize-crypto': {
    levels: ['purge'],
    by: 'itself',
    after: 'any',
    technique: 'ATA Sanitize, cryptographic scramble',
  },
  'ata-sanitize-block': {levels: ['purge'], by: 'itself', after: 'any', technique: 'ATA Sanitize, block erase'},
  'ata-sanitize-overwrite': {levels: ['purge'], by: 'itself', after: 'zero', technique: 'ATA Sanitize, overwrite'},
  // "Binary all zeroes or binary all ones" in the normal mode, patterns of the vendor's in the other (ACS-5, 7.38).
  'ata-secure-erase': {
    levels: ['clear'],
    by: 'command',
    after: 'fixed',
    technique: 'ATA Security Erase Unit',
    lastResort: true,
  },
  'ata-secure-erase-enhanced': {
    levels: ['clear'],
    by: 'command',
    after: 'any',
    technique: 'ATA Security Erase Unit, enhanced',
    lastResort: true,
  },
  'scsi-sanitize-crypto': {
    levels: ['purge'],
    by: 'itself',
    after: 'any',
    technique: 'SCSI Sanitize, cryptographic erase',
  },
  'scsi-sanitize-block': {levels: ['purge'], by: 'itself', after: 'any', technique: 'SCSI Sanitize, block erase'},
  'scsi-sanitize-overwrite': {levels: ['purge'], by: 'itself', after: 'zero', technique: 'SCSI Sanitize, overwrite'},
  'scsi-format': {levels: ['clear'], by: 'command', after: 'any', technique: 'SCSI Format Unit', lastResort: true},
  discard: {levels: ['express'], by: 'host', after: 'any', technique: 'discard of every block (no sanitization)'},
  overwrite: {
    levels: ['clear'],
    by: 'host',
    after: 'zero',
    technique: 'one pass of zeroes over every addressable block',
  },
  signatures: {
    levels: ['metadata', 'express'],
    by: 'host',
    after: 'content',
    technique: 'partition tables, signatures and both ends (no sanitization)',
  },
} as const satisfies Record<string, MethodFacts>;

export const wipeMethodNames = Object.keys(wipeMethods) as readonly WipeMethod[];

export const methodFacts = (method: WipeMethod): MethodFacts => wipeMethods[method];

/** A text as a method's name; undefined where there is none of this name. */
export const wipeMethod = (text: string): WipeMethod | undefined =>
  Object.hasOwn(wipeMethods, text) ? (text as WipeMethod) : undefined;
