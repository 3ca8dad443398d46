import {createHash} from 'node:crypto';
import type {HostKeyPin} from '../../brand.ts';

/** The fingerprint of a public key blob (RFC 4253, 6.6), as `ssh-keygen -l` prints it. */
export function pinOf(blob: Uint8Array): HostKeyPin {
  const digest = createHash('sha256').update(blob).digest('base64').replace(/=+$/, '');
  return `SHA256:${digest}` as HostKeyPin;
}
