import type {Ability} from '../../step/wipe/medium.ts';

/** IDENTIFY DEVICE data (ACS-5, 7.13.6) as far as an erase needs it. */
export interface AtaIdentity {
  readonly firmware: string;
  readonly sanitize: {readonly crypto: boolean; readonly overwrite: boolean; readonly block: boolean};
  readonly security: {
    readonly supported: boolean;
    readonly enabled: boolean;
    readonly locked: boolean;
    readonly frozen: boolean;
    readonly enhanced: boolean;
    /** Seconds, undefined where the disk does not say. */
    readonly seconds: number | undefined;
    readonly enhancedSeconds: number | undefined;
  };
}

/** From 256 words as hexadecimal digits, four each; undefined where it is anything else. */
export function ataIdentity(words: string): AtaIdentity | undefined {
  if (!/^[0-9a-f]{1024}$/.test(words)) return undefined;
  const word = (index: number): number => Number.parseInt(words.slice(index * 4, index * 4 + 4), 16);
  const has = (index: number, bit: number): boolean => ((word(index) >> bit) & 1) === 1;
  const text = Array.from({length: 4}, (_, index) => word(23 + index))
    .flatMap((value) => [value >> 8, value & 0xff])
    .filter((code) => code > 0x20 && code < 0x7f)
    .map((code) => String.fromCharCode(code))
    .join('');
  return {
    firmware: text,
    sanitize: {
      crypto: has(59, 12) && has(59, 13),
      overwrite: has(59, 12) && has(59, 14),
      block: has(59, 12) && has(59, 15),
    },
    security: {
      supported: has(128, 0),
      enabled: has(128, 1),
      locked: has(128, 2),
      frozen: has(128, 3),
      enhanced: has(128, 5),
      seconds: eraseSeconds(word(89)),
      enhancedSeconds: eraseSeconds(word(90)),
    },
  };
}

/** Units of two minutes in 8 bits, or in 15 where bit 15 is set (ACS-5, 7.13.6.37). */
function eraseSeconds(word: number): number | undefined {
  const units = word & 0x8000 ? word & 0x7fff : word & 0xff;
  return units === 0 ? undefined : units * 120;
}

/** `sanitize`: the disk's present sanitize state, as the agent says it. */
export function ataAbilities(identity: AtaIdentity | undefined, sanitize: string): readonly Ability[] {
  if (!identity) return [];
  const {crypto, overwrite, block} = identity.sanitize;
  const {supported, locked, frozen, enabled, enhanced, seconds, enhancedSeconds} = identity.security;
  const stopped = sanitize === 'frozen' ? {blocked: 'sanitize is frozen until the disk loses power'} : {};
  const kept = locked
    ? {blocked: 'the disk is locked by a password'}
    : enabled
      ? {blocked: 'a password that is not ours is set'}
      : frozen
        ? {blocked: 'the firmware has frozen the security commands; a power cycle of the disk alone thaws them'}
        : {};
  return [
    ...(block ? [{method: 'ata-sanitize-block', ...stopped} as const] : []),
    ...(crypto ? [{method: 'ata-sanitize-crypto', ...stopped} as const] : []),
    ...(overwrite ? [{method: 'ata-sanitize-overwrite', ...stopped} as const] : []),
    ...(supported && enhanced
      ? [{method: 'ata-secure-erase-enhanced', ...kept, ...(enhancedSeconds && {seconds: enhancedSeconds})} as const]
      : []),
    ...(supported ? [{method: 'ata-secure-erase', ...kept, ...(seconds && {seconds})} as const] : []),
  ];
}
