import {createHash, getDiffieHellman} from 'node:crypto';

/**
 * Seals that GRUB checks while it loads a file: under BIOS a lost medium gives wrong bytes and no error. GRUB knows one
 * kind, OpenPGP signatures (RFC 4880), so these are such, and yet no secret is behind them: the modulus is the public
 * 2048-bit prime of RFC 3526, for which anyone can compute the private exponent. They are check sums, against loss and
 * not against an intruder.
 */
const modulus = integer(getDiffieHellman('modp14').getPrime());
const publicExponent = 65537n;
const privateExponent = inverse(publicExponent, modulus - 1n);

const rsa = 1;
const sha256 = 8;
// A key's number is made from its time of creation too.
const created = number(0, 4);

/** The key as `grub-mkimage --pubkey` takes it. */
export const sealKey = (): Buffer => packet(6, keyBody());

/** The seal of a file's content: it lies beside the file, named with `.sig`. */
export function seal(content: Uint8Array): Buffer {
  const binaryDocument = 0;
  const createdAt = subpacket(2, created);
  const head = Buffer.concat([Buffer.from([4, binaryDocument, rsa, sha256]), number(createdAt.length, 2), createdAt]);
  const trailer = Buffer.concat([Buffer.from([4, 0xff]), number(head.length, 4)]);
  const digest = createHash('sha256').update(content).update(head).update(trailer).digest();
  const issuer = subpacket(16, keyId());
  const signature = power(integer(padded(digest)), privateExponent, modulus);
  return packet(
    2,
    Buffer.concat([head, number(issuer.length, 2), issuer, digest.subarray(0, 2), multiprecision(signature)]),
  );
}

const keyBody = (): Buffer =>
  Buffer.concat([
    Buffer.from([4]),
    created,
    Buffer.from([rsa]),
    multiprecision(modulus),
    multiprecision(publicExponent),
  ]);

/** The last eight bytes of the fingerprint (RFC 4880, 12.2). */
function keyId(): Buffer {
  const body = keyBody();
  const framed = Buffer.concat([Buffer.from([0x99]), number(body.length, 2), body]);
  return createHash('sha1').update(framed).digest().subarray(-8);
}

// DigestInfo of SHA-256, RFC 8017, section 9.2.
const digestInfo = Buffer.from('3031300d060960864801650304020105000420', 'hex');

function padded(digest: Buffer): Buffer {
  const end = Buffer.concat([Buffer.from([0]), digestInfo, digest]);
  return Buffer.concat([Buffer.from([0, 1]), Buffer.alloc(256 - 2 - end.length, 0xff), end]);
}

/** Old format with a two-byte length (RFC 4880, 4.2.1). */
const packet = (tag: number, body: Buffer): Buffer =>
  Buffer.concat([Buffer.from([0x80 | (tag << 2) | 1]), number(body.length, 2), body]);

const subpacket = (type: number, body: Buffer): Buffer => Buffer.concat([Buffer.from([body.length + 1, type]), body]);

function multiprecision(value: bigint): Buffer {
  const digits = value.toString(16);
  const bytes = Buffer.from(digits.length % 2 === 0 ? digits : `0${digits}`, 'hex');
  return Buffer.concat([number(value.toString(2).length, 2), bytes]);
}

function number(value: number, bytes: number): Buffer {
  const buffer = Buffer.alloc(bytes);
  buffer.writeUIntBE(value, 0, bytes);
  return buffer;
}

function integer(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).toString('hex')}`);
}

function power(base: bigint, exponent: bigint, over: bigint): bigint {
  let result = 1n;
  for (let left = exponent, square = base % over; left > 0n; left >>= 1n, square = (square * square) % over)
    if (left & 1n) result = (result * square) % over;
  return result;
}

/** By the extended Euclidean algorithm. */
function inverse(value: bigint, over: bigint): bigint {
  let [a, b, x, y] = [value, over, 1n, 0n];
  while (b !== 0n) {
    const quotient = a / b;
    [a, b] = [b, a % b];
    [x, y] = [y, x - quotient * y];
  }
  return ((x % over) + over) % over;
}
