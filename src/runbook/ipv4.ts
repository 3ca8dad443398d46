/** An IPv4 network: the address given, its prefix length, and the network's own first and last address as numbers. */
export interface Subnet {
  readonly address: number;
  readonly prefix: number;
  readonly first: number;
  readonly last: number;
}

/** A dotted address as a number, or undefined. */
export function ipv4(text: string): number | undefined {
  const parts = text.split('.');
  if (parts.length !== 4) return undefined;
  let value = 0;
  for (const part of parts) {
    // A leading zero is octal to some readers (CVE-2021-29921), so it is no address here.
    if (!/^(?:0|[1-9]\d{0,2})$/.test(part) || Number(part) > 255) return undefined;
    value = value * 256 + Number(part);
  }
  return value;
}

export const ipv4Text = (value: number): string =>
  [24, 16, 8, 0].map((bits) => Math.floor(value / 2 ** bits) % 256).join('.');

/** `203.0.113.20/24`, or undefined. */
export function subnet(text: string): Subnet | undefined {
  const [head = '', tail, more] = text.split('/');
  const address = ipv4(head);
  if (address === undefined || more !== undefined || tail === undefined || !/^(?:[1-9]|[12]\d|3[0-2])$/.test(tail))
    return undefined;
  const size = 2 ** (32 - Number(tail));
  const first = Math.floor(address / size) * size;
  return {address, prefix: Number(tail), first, last: first + size - 1};
}

/** Of addresses and networks as they are written; what is neither is left out. */
export const networks = (texts: readonly string[]): readonly Subnet[] =>
  texts.flatMap((text) => subnet(text.includes('/') ? text : `${text}/32`) ?? []);

export const contains = (net: Subnet, address: number): boolean => address >= net.first && address <= net.last;

/** The first and last address of a network name the network and everyone in it; /31 (RFC 3021) and /32 have neither. */
export const isHost = (net: Subnet, address: number): boolean =>
  net.prefix >= 31 || (address !== net.first && address !== net.last);
