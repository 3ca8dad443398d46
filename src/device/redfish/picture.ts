import type {BmcScreen} from '../../step/world/bmc.ts';

// PNG: RFC 2083, 3.1. JPEG: ITU-T T.81, B.1.1.3: SOI, then the first byte of another marker.
const beginnings = [
  {form: 'png', magic: Buffer.from('89504e470d0a1a0a', 'hex')},
  {form: 'jpg', magic: Buffer.from('ffd8ff', 'hex')},
] as const;

/**
 * What a BMC sent as a picture, in base64 (RFC 4648, 4; lines may be broken), where it begins as a PNG or a JPEG does.
 * Only that is looked at: whoever opens it opens hostile data. Pure.
 */
export function pictureOf(sent: unknown): Pick<BmcScreen, 'form' | 'data'> | undefined {
  if (typeof sent !== 'string') return undefined;
  const packed = sent.replace(/\s+/g, '');
  if (packed.length % 4 !== 0 || /[^A-Za-z0-9+/]/.test(packed.replace(/={1,2}$/, ''))) return undefined;
  const data = Buffer.from(packed, 'base64');
  const found = beginnings.find(({magic}) => data.subarray(0, magic.length).equals(magic));
  return found && {form: found.form, data};
}
