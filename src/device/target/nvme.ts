import type {Ability} from '../../step/wipe/medium.ts';

/**
 * What an NVMe controller can do to erase itself, from its Identify Controller data (NVMe Base 2.0, figure 275) and its
 * Sanitize Status log page (figure 284), as they come from the disk; empty where it gave none.
 */
export function nvmeAbilities(identify: Buffer, log: Buffer): readonly Ability[] {
  if (identify.length < 4096) return [];
  const adminCommands = identify.readUInt16LE(256);
  const sanitize = identify.readUInt32LE(328);
  const format = identify.readUInt8(524);
  const sanitizes = [
    {method: 'nvme-sanitize-crypto', bit: 0, estimate: 16},
    {method: 'nvme-sanitize-block', bit: 1, estimate: 12},
    {method: 'nvme-sanitize-overwrite', bit: 2, estimate: 8},
  ] as const;
  return [
    ...sanitizes.flatMap(({method, bit, estimate}): readonly Ability[] =>
      has(sanitize, bit) ? [{method, ...timeOf(log, estimate)}] : [],
    ),
    ...(has(adminCommands, 1) ? [{method: 'nvme-format'} as const] : []),
    ...(has(adminCommands, 1) && has(format, 2) ? [{method: 'nvme-format-crypto'} as const] : []),
  ];
}

/** Nothing was written since the last sanitize (bit 8 of the status). */
export const nvmeErasedFlag = (log: Buffer): boolean => log.length >= 4 && has(log.readUInt16LE(2), 8);

const has = (bits: number, bit: number): boolean => ((bits >>> bit) & 1) === 1;

/** Seconds the controller says it takes; all ones where it does not say. */
function timeOf(log: Buffer, at: number): {readonly seconds?: number} {
  const seconds = log.length >= at + 4 ? log.readUInt32LE(at) : 0;
  return seconds > 0 && seconds < 0xffff_ffff ? {seconds} : {};
}
