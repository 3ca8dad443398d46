import {X509Certificate} from 'node:crypto';
import {execa} from 'execa';
import type {Sha256} from '../../src/brand.ts';

export interface Certificate {
  readonly key: string;
  readonly cert: string;
  readonly pin: Sha256;
}

/** A self-signed certificate as BMCs make their own: for no name that would ever be checked. */
export async function selfSigned(): Promise<Certificate> {
  const subject = ['-subj', '/CN=bmc', '-days', '1', '-nodes'];
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-keyout', '-'];
  const {stdout} = await execa('openssl', ['req', '-x509', ...key, ...subject, '-out', '-']);
  const [privateKey = '', cert = ''] = stdout.split(/(?=-----BEGIN CERTIFICATE)/);
  return {
    key: privateKey,
    cert,
    pin: new X509Certificate(cert).fingerprint256.replaceAll(':', '').toLowerCase() as Sha256,
  };
}
