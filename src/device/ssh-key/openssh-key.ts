import {createHash} from 'node:crypto';
import type {HostKeyPin} from '../../brand.ts';
import {pinOf} from '../ssh/pin.ts';
import {ed25519Of, type Ed25519} from './ed25519.ts';

const name = Buffer.from('ssh-ed25519');
const magic = Buffer.from('openssh-key-v1\0');
const begin = '-----BEGIN OPENSSH PRIVATE KEY-----';
const end = '-----END OPENSSH PRIVATE KEY-----';

/** The public key as SSH sends it (RFC 8709, section 4). */
export const publicBlob = ({publicKey}: Ed25519): Buffer => Buffer.concat([string(name), string(publicKey)]);

/** One line for authorized_keys, known_hosts or a `.pub` file, without a line feed. */
export const publicLine = (key: Ed25519, comment: string): string =>
  `ssh-ed25519 ${publicBlob(key).toString('base64')} ${comment}`;

export const fingerprint = (key: Ed25519): HostKeyPin => pinOf(publicBlob(key));

/**
 * A private key file as OpenSSH writes it without a passphrase (PROTOCOL.key in OpenSSH's source). The same pair and
 * comment always give the same text: the check number, random in OpenSSH, only tells a wrong passphrase from a right one.
 */
export function privateKeyText(key: Ed25519, comment: string): string {
  const blob = publicBlob(key);
  const check = createHash('sha256').update(blob).digest().subarray(0, 4);
  const secret = Buffer.concat([
    check,
    check,
    string(name),
    string(key.publicKey),
    string(Buffer.concat([key.seed, key.publicKey])),
    string(Buffer.from(comment)),
  ]);
  const padding = Buffer.from([1, 2, 3, 4, 5, 6, 7]).subarray(0, (8 - (secret.length % 8)) % 8);
  const none = string(Buffer.from('none'));
  const file = Buffer.concat([
    magic,
    none,
    none,
    string(Buffer.alloc(0)),
    number(1),
    string(blob),
    string(Buffer.concat([secret, padding])),
  ]);
  const lines = file.toString('base64').match(/.{1,70}/g) ?? [];
  return `${[begin, ...lines, end].join('\n')}\n`;
}

/** Reads what `privateKeyText` wrote; undefined for anything else, a passphrase or another kind of key included. */
export function parsePrivateKey(text: string): Ed25519 | undefined {
  const lines = text.trimEnd().split('\n');
  if (lines[0] !== begin || lines.at(-1) !== end) return undefined;
  const file = Buffer.from(lines.slice(1, -1).join(''), 'base64');
  // Everything before the seed has a fixed length, so the whole file is written again and compared.
  const seedAt = magic.length + 8 + 8 + 4 + 4 + (4 + 51) + 4 + 8 + (4 + 11) + (4 + 32) + 4;
  const comment = readString(file, seedAt + 64);
  if (comment === undefined) return undefined;
  const key = ed25519Of(new Uint8Array(file.subarray(seedAt, seedAt + 32)));
  return privateKeyText(key, comment.toString()) === `${lines.join('\n')}\n` ? key : undefined;
}

/** The private key file of dropbear, which does not read OpenSSH's (`buf_put_ed25519_priv_key` in its ed25519.c). */
export const dropbearKey = (key: Ed25519): Buffer =>
  Buffer.concat([string(name), string(Buffer.concat([key.seed, key.publicKey]))]);

function number(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** A string of RFC 4251, section 5: its length, then its bytes. */
const string = (bytes: Uint8Array): Buffer => Buffer.concat([number(bytes.length), bytes]);

function readString(from: Buffer, at: number): Buffer | undefined {
  if (at + 4 > from.length) return undefined;
  const length = from.readUInt32BE(at);
  return at + 4 + length > from.length ? undefined : from.subarray(at + 4, at + 4 + length);
}
