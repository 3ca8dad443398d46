import type {Ability} from '../../step/wipe/medium.ts';

/**
 * What a SCSI disk can do to erase itself, from its answers to REPORT SUPPORTED OPERATION CODES (SPC-6, 6.33) for the
 * service actions overwrite, block erase and cryptographic erase of SANITIZE, and for FORMAT UNIT.
 */
export function scsiAbilities(sanitize: readonly Buffer[], format: Buffer): readonly Ability[] {
  const methods = ['scsi-sanitize-overwrite', 'scsi-sanitize-block', 'scsi-sanitize-crypto'] as const;
  return [
    ...methods.flatMap((method, index) => (supported(sanitize[index]) ? [{method}] : [])),
    ...(supported(format) ? [{method: 'scsi-format'} as const] : []),
  ];
}

/** Supported as the standard says (3) or in a way of the vendor's (5). */
const supported = (answer: Buffer | undefined): boolean =>
  answer !== undefined && answer.length >= 4 && [3, 5].includes(answer.readUInt8(1) & 7);
