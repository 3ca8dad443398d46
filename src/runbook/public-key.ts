// OpenSSH's `ssh -Q PubkeyAcceptedAlgorithms` without certificates and without DSA, which OpenSSH 10 no longer has.
const kinds = [
  'ssh-ed25519',
  'sk-ssh-ed25519@openssh.com',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'sk-ecdsa-sha2-nistp256@openssh.com',
  'ssh-rsa',
];

/** Kind, base64 and an optional comment; no options before the kind. */
export const publicKeyShape = /^[a-z0-9@.-]+ [A-Za-z0-9+/]{40,}={0,2}(?: [ -~]*)?$/;

/** True for one `authorized_keys` line whose base64 begins with the kind it claims (RFC 4253, section 6.6). */
export function isPublicKey(line: string): boolean {
  if (!publicKeyShape.test(line)) return false;
  const [kind = '', base64 = ''] = line.split(' ');
  if (!kinds.includes(kind)) return false;
  const blob = Buffer.from(base64, 'base64');
  if (blob.length < 4) return false;
  const length = blob.readUInt32BE(0);
  return blob.subarray(4, 4 + length).toString('latin1') === kind && blob.length > 4 + length + 4;
}
