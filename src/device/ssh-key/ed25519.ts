import {createPrivateKey, createPublicKey, randomBytes} from 'node:crypto';

/** An Ed25519 key pair in its raw form (RFC 8032, 5.1.5): 32 bytes each. */
export interface Ed25519 {
  readonly seed: Uint8Array;
  readonly publicKey: Uint8Array;
}

export const newEd25519 = (): Ed25519 => ed25519Of(randomBytes(32));

// PrivateKeyInfo of RFC 8410, section 7, up to the seed.
const pkcs8Head = Buffer.from('302e020100300506032b657004220420', 'hex');

/** The pair of a seed; the same seed always gives the same pair. */
export function ed25519Of(seed: Uint8Array): Ed25519 {
  if (seed.length !== 32) throw new Error(`an Ed25519 seed has 32 bytes, not ${seed.length}`);
  const key = createPrivateKey({key: Buffer.concat([pkcs8Head, seed]), format: 'der', type: 'pkcs8'});
  const spki = createPublicKey(key).export({format: 'der', type: 'spki'});
  // SubjectPublicKeyInfo ends with the 32 bytes of the key (RFC 8410, section 4).
  return {seed: new Uint8Array(seed), publicKey: new Uint8Array(spki.subarray(-32))};
}
