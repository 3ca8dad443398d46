import {createCipheriv, createDecipheriv, randomBytes, randomInt, scrypt} from 'node:crypto';
import {z} from 'zod';

/** Bytes that open with a passphrase alone, and only beside the text they were sealed with. */
export interface Sealed {
  /** Base64, all three. */
  readonly salt: string;
  readonly nonce: string;
  readonly box: string;
}

const base64 = z.base64();
export const sealedShape = z.strictObject({salt: base64.max(64), nonce: base64.max(64), box: base64.max(256 * 1024)});

// scrypt, RFC 7914: 64 MiB and a quarter of a second a guess. Not read from the file: whoever wrote it could ask for less,
// or for all the memory there is.
const cost = {N: 2 ** 16, r: 8, p: 1, maxmem: 128 * 1024 * 1024};
const [keyBytes, saltBytes, nonceBytes, tagBytes] = [32, 16, 12, 16];
const cipher = 'aes-256-gcm';

/** `beside` is bound to what is sealed: with one byte of it changed nothing opens. */
export async function seal(secret: string, passphrase: string, beside: string): Promise<Sealed> {
  const salt = randomBytes(saltBytes);
  const nonce = randomBytes(nonceBytes);
  const sealing = createCipheriv(cipher, await keyOf(passphrase, salt), nonce).setAAD(Buffer.from(beside));
  const box = Buffer.concat([sealing.update(secret, 'utf8'), sealing.final(), sealing.getAuthTag()]);
  return {salt: salt.toString('base64'), nonce: nonce.toString('base64'), box: box.toString('base64')};
}

/** What was sealed; undefined with another passphrase, or beside another text. */
export async function unseal(sealed: Sealed, passphrase: string, beside: string): Promise<string | undefined> {
  const [salt, nonce, box] = [sealed.salt, sealed.nonce, sealed.box].map((text) => Buffer.from(text, 'base64'));
  if (salt?.length !== saltBytes || nonce?.length !== nonceBytes || !box || box.length < tagBytes) return undefined;
  const opening = createDecipheriv(cipher, await keyOf(passphrase, salt), nonce, {authTagLength: tagBytes});
  opening.setAAD(Buffer.from(beside)).setAuthTag(box.subarray(-tagBytes));
  try {
    return Buffer.concat([opening.update(box.subarray(0, -tagBytes)), opening.final()]).toString('utf8');
  } catch {
    return undefined;
  }
}

const keyOf = (passphrase: string, salt: Buffer): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    scrypt(normal(passphrase), salt, keyBytes, cost, (error, key) => (error ? reject(error) : resolve(key)));
  });

// Crockford's alphabet: no letter that is mistaken for a digit when it is read out.
const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';
const [groups, groupLength] = [5, 5];

/** 125 bits to be read out over a telephone: `k3v9q-...`, five groups of five. */
export const newPassphrase = (): string =>
  Array.from({length: groups}, () =>
    Array.from({length: groupLength}, () => alphabet[randomInt(alphabet.length)]).join(''),
  ).join('-');

/** A passphrase of ours as it was meant, however it was typed; any other as it is. */
function normal(passphrase: string): string {
  const typed = passphrase.toLowerCase().replaceAll(/[\s-]/g, '').replaceAll('o', '0').replaceAll(/[il]/g, '1');
  const ours = typed.length === groups * groupLength && Array.from(typed).every((letter) => alphabet.includes(letter));
  return ours ? typed : passphrase;
}
