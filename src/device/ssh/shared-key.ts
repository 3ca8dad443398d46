import ssh2 from 'ssh2';
import type {Secret} from '../../secret.ts';

/** A login, or a line of authorized_keys, and what it is called. */
export interface Opens {
  readonly what: string;
  readonly key: Secret | string;
}

/** What else a private key opens, by the public key that is derived from it: two references may lead to one key. */
export function alsoOpens(key: Secret, others: readonly Opens[]): readonly string[] {
  const own = publicOf(key);
  return own === undefined ? [] : others.filter((other) => publicOf(other.key) === own).map(({what}) => what);
}

/** Undefined where it is no key that can be read here: the login itself says so. */
function publicOf(key: Secret | string): string | undefined {
  const parsed = ssh2.utils.parseKey(typeof key === 'string' ? key : key.reveal());
  return parsed instanceof Error ? undefined : parsed.getPublicSSH().toString('base64');
}
