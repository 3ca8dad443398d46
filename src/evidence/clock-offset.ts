import type {Instant} from '../brand.ts';

/**
 * How far the host's clock is ahead of ours, in whole seconds, by the `now` record of the item `clock` (the host's seconds
 * since 1970, base64). Null where it says no such thing. The record is hostile.
 */
export function clockOffset(records: string, asked: Instant): number | null {
  const [, encoded = ''] = /^now\t([A-Za-z0-9+/=]{1,40})$/m.exec(records) ?? [];
  const seconds = /^\d{1,12}$/.exec(Buffer.from(encoded, 'base64').toString('latin1').trim())?.[0];
  return seconds === undefined ? null : Number(seconds) - Math.round(Date.parse(asked) / 1000);
}
