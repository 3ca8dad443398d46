import type {Clock} from '../../clock.ts';
import {fault} from '../../fault.ts';
import {failed, ok, type Result} from '../../result.ts';
import type {BmcPassword} from '../../step/bmc/state.ts';
import {readAccounts} from './accounts.ts';
import type {Client} from './client.ts';
import type {Keyring} from './keyring.ts';
import type {Logins} from './logins.ts';

// A BMC writes the password to every service that has one of its own (IPMI, SSH, SNMP), which takes some seconds.
const settleMs = 5_000;

export interface Rotation {
  readonly client: Client;
  readonly root: unknown;
  readonly logins: Logins;
  readonly keys: Keyring;
  readonly clock: Clock;
}

/**
 * Sets the account's new password over the session in use, and keeps that session until a login of its own has been
 * taken with it. Whatever the answer to the write was, a login decides. Three logins fail at most.
 */
export async function changePassword(parts: Rotation, signal: AbortSignal): Promise<Result<void>> {
  const {client, root, keys, clock} = parts;
  const wanted = keys.credentials('newpassword');
  if (wanted === undefined) return failed(fault('secret.missing', 'the runbook names no bmc.newpassword'));
  if (wanted.password.reveal() === keys.credentials('password')?.password.reveal())
    return refused('bmc.newpassword gives the same password as bmc.password', 'the old password holds');
  const accounts = await readAccounts(client, root, wanted.user.reveal());
  if (!accounts.ok) return accounts;
  const own = accounts.value.listed.find((account) => account.own);
  if (own === undefined) return refused('the BMC does not list the account that this run logs in with');
  const {shortest, longest} = accounts.value.rules;
  const {length} = wanted.password.reveal();
  if (length < shortest || length > longest)
    return refused(
      `the new password has ${length} characters, and this BMC takes ${shortest} to ${longest}`,
      'the old password holds',
    );
  const set = (which: BmcPassword) => {
    const password = keys.credentials(which)?.password.reveal() ?? '';
    return client.write({method: 'PATCH', reference: own.path, body: {Password: password}}, signal);
  };
  const written = await set('newpassword');
  if (!written.ok && written.fault.code !== 'bmc.unreachable') return written;

  for (let tried = 0; tried < 2; tried++) {
    const taken = await takeUp(parts, 'newpassword', signal);
    if (!taken.ok) return taken;
    if (taken.value) return ok(undefined);
    // Refused outright is refused; what was accepted may not have settled.
    if (written.ok && !written.value.accepted) break;
    await clock.sleep(settleMs, signal);
    if (signal.aborted) return failed(fault('run.interrupted', 'interrupted while the new password settled'));
  }
  const before = await takeUp(parts, 'password', signal);
  if (!before.ok) return before;
  if (before.value) {
    if (written.ok && !written.value.accepted) return written.value.refusal();
    return refused('the BMC accepted the new password and does not take it', 'the old password holds');
  }
  // The session from before is the only way in that is left.
  const back = await set('password');
  const again = back.ok ? await takeUp(parts, 'password', signal) : back;
  return again.ok && again.value
    ? refused('the BMC took neither password after the change', 'the old password was set again and holds')
    : refused(
        'the BMC takes neither the old nor the new password',
        'the account is shut out; its password has to be set at the machine, or by another account',
      );
}

/** Whether a login by this password is taken; if so it takes the place of the session in use. */
async function takeUp({logins}: Rotation, which: BmcPassword, signal: AbortSignal): Promise<Result<boolean>> {
  const login = await logins.attempt(which, signal);
  if (!login.ok) return login;
  if (login.value === undefined) return ok(false);
  await logins.adopt(login.value, which, signal);
  return ok(true);
}

const refused = (says: string, state?: string): Result<never> =>
  failed(fault('bmc.rotation-failed', says, state === undefined ? {} : {state}));
