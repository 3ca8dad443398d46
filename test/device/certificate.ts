import {generateKeyPairSync, randomBytes, sign, X509Certificate} from 'node:crypto';
import type {Sha256} from '../../src/brand.ts';

export interface Certificate {
  readonly key: string;
  readonly cert: string;
  readonly pin: Sha256;
}

/** A self-signed certificate as BMCs make their own (RFC 5280, 4.1): in no chain, and for no name that is ever checked. */
export function selfSigned(): Certificate {
  const {privateKey, publicKey} = generateKeyPairSync('ec', {namedCurve: 'prime256v1'});
  // ecdsa-with-SHA256, 1.2.840.10045.4.3.2.
  const algorithm = der(0x30, Buffer.from('06082a8648ce3d040302', 'hex'));
  // CN=bmc; commonName is 2.5.4.3.
  const name = der(0x30, der(0x31, der(0x30, Buffer.from('0603550403', 'hex'), der(0x0c, Buffer.from('bmc')))));
  const day = 24 * 3600_000;
  const validity = der(0x30, utcTime(Date.now() - day), utcTime(Date.now() + day));
  const body = der(
    0x30,
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.from([1]), randomBytes(8)),
    algorithm,
    name,
    validity,
    name,
    publicKey.export({type: 'spki', format: 'der'}),
  );
  const signature = sign('sha256', body, privateKey);
  const whole = der(0x30, body, algorithm, der(0x03, Buffer.from([0]), signature));
  const certificate = new X509Certificate(whole);
  return {
    key: privateKey.export({type: 'pkcs8', format: 'pem'}).toString(),
    cert: certificate.toString(),
    pin: certificate.fingerprint256.replaceAll(':', '').toLowerCase() as Sha256,
  };
}

/** One DER element: tag, length, content. */
function der(tag: number, ...content: readonly Buffer[]): Buffer {
  const body = Buffer.concat(content);
  const size = body.length;
  const length = size < 0x80 ? [size] : size < 0x100 ? [0x81, size] : [0x82, size >> 8, size & 0xff];
  return Buffer.concat([Buffer.from([tag, ...length]), body]);
}

const utcTime = (ms: number): Buffer =>
  der(0x17, Buffer.from(new Date(ms).toISOString().replace(/^..(..)-(..)-(..)T(..):(..):(..).*/, '$1$2$3$4$5$6Z')));
