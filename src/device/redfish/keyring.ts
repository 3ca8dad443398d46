import type {Secret} from '../../secret.ts';
import type {BmcPassword} from '../../step/bmc/state.ts';
import type {Credentials} from './session.ts';

/**
 * The passwords of one account, of which one holds. After a controller died while it changed the password, only a login
 * tells which; the one that was taken last is tried first, because some BMCs lock an account after three that fail.
 */
export interface Keyring {
  credentials(which?: BmcPassword): Credentials | undefined;
  /** The one taken last. */
  inForce(): BmcPassword;
  /** The other one, where there is one. */
  other(): BmcPassword | undefined;
  taken(which: BmcPassword): void;
  /** BMCs quote the request in their error messages, credentials included. */
  readonly mask: (says: string) => string;
}

export interface Keys {
  readonly user: Secret;
  readonly password: Secret;
  /** What `password` is to become, or has become. */
  readonly newpassword?: Secret;
  /** The one that is believed to hold; `password` unless given. */
  readonly inForce?: BmcPassword;
}

export function keyring({user, password, newpassword, inForce = 'password'}: Keys): Keyring {
  const passwords: Readonly<Record<BmcPassword, Secret | undefined>> = {password, newpassword};
  let now: BmcPassword = newpassword === undefined ? 'password' : inForce;
  const hidden = [password, newpassword, user]
    .flatMap((secret) => secret?.reveal() ?? [])
    .filter(({length}) => length > 2);
  return {
    credentials(which = now) {
      const found = passwords[which];
      return found === undefined ? undefined : {user, password: found};
    },
    inForce: () => now,
    other() {
      const other = now === 'password' ? 'newpassword' : 'password';
      return passwords[other] === undefined ? undefined : other;
    },
    taken: (which) => {
      now = which;
    },
    mask: (says) => hidden.reduce((masked, secret) => masked.replaceAll(secret, '[secret]'), says),
  };
}
