/** Something that was seen on the compromised host, and must not be seen on the rebuilt one. */
export interface Indicator {
  readonly kind: 'sha256' | 'name' | 'path' | 'address';
  /** A digest in lower case; a file's name or absolute path; an IPv4 or IPv6 address, or an IPv4 network. */
  readonly value: string;
}

/** What a list of indicators comes to. What cannot be looked for is named, so that nobody takes it for looked for. */
export interface Indicators {
  readonly usable: readonly Indicator[];
  readonly unsupported: readonly Unsupported[];
}

export interface Unsupported {
  /** As it stands in the list; not trusted. */
  readonly text: string;
  readonly because: string;
}

/** One entry of a list, by the name its format has for the kind. */
export function indicatorOf(type: string, value: string): Indicator | Unsupported {
  const text = `${type} ${value}`;
  const kind = kinds[type.trim().toLowerCase()];
  const word = value.trim();
  switch (kind) {
    case undefined:
      return {text, because: 'nothing here looks for this kind'};
    case 'sha256':
      return /^[0-9a-f]{64}$/i.test(word) ? {kind, value: word.toLowerCase()} : {text, because: 'it is no SHA-256'};
    case 'name':
      return word.startsWith('/') || word.startsWith('\\') || /^[A-Za-z]:/.test(word)
        ? pathOf(word, text)
        : word === '' || word.includes('/')
          ? {text, because: 'it is no file name'}
          : {kind, value: word};
    case 'path':
      return pathOf(word, text);
    case 'address':
      return /^[0-9a-f:.]+(?:\/\d{1,2})?$/i.test(word) && !(word.includes(':') && word.includes('/'))
        ? {kind, value: word.toLowerCase()}
        : {text, because: 'it is no address, nor an IPv4 network'};
    default:
      return {text, because: kind.because};
  }
}

const pathOf = (word: string, text: string): Indicator | Unsupported =>
  word.startsWith('/') ? {kind: 'path', value: word} : {text, because: 'it is no path of a Unix system'};

const noNames = {because: 'the gateway sees addresses and no names: give the addresses'} as const;
const onlySha256 = {because: 'the lists of files hold SHA-256 and no other digest'} as const;
const kinds: Readonly<Record<string, Indicator['kind'] | {readonly because: string}>> = {
  sha256: 'sha256',
  'sha-256': 'sha256',
  md5: onlySha256,
  sha1: onlySha256,
  'sha-1': onlySha256,
  sha512: onlySha256,
  'sha-512': onlySha256,
  ssdeep: onlySha256,
  name: 'name',
  filename: 'name',
  process: 'name',
  path: 'path',
  address: 'address',
  ip: 'address',
  ipv4: 'address',
  ipv6: 'address',
  'ipv4-addr': 'address',
  'ipv6-addr': 'address',
  domain: noNames,
  'domain-name': noNames,
  hostname: noNames,
  url: noNames,
  email: {because: 'no mail is looked at'},
  registry: {because: 'there is no registry but on Windows'},
  'windows-registry-key': {because: 'there is no registry but on Windows'},
  yara: {because: 'rules of YARA need its own program'},
};

export const isUsable = (found: Indicator | Unsupported): found is Indicator => 'kind' in found;

export const gathered = (found: readonly (Indicator | Unsupported)[]): Indicators => ({
  usable: found.filter(isUsable),
  unsupported: found.filter((each) => !isUsable(each)) as readonly Unsupported[],
});
