import type {Clock} from '../../clock.ts';
import {fault} from '../../fault.ts';
import {failed, ok, type Result} from '../../result.ts';
import type {BmcPassword} from '../../step/bmc/state.ts';
import type {Exchange, Reply} from './exchange.ts';
import type {Keyring} from './keyring.ts';
import {login, type Login} from './session.ts';

/** The login that requests go by, and others beside it. */
export interface Logins {
  /** Made when first asked for, one at a time, and none after a refusal: the outcome stays. */
  current(signal: AbortSignal): Promise<Result<Login>>;
  /** The BMC does not know it any more: the next request logs in anew, unless that was done in the meantime. */
  lapse(login: Login, signal: AbortSignal): Promise<void>;
  /** The password of a login without a session was refused: whether there is another one to try. */
  turn(login: Login): boolean;
  /** A login of its own by one of the passwords, tried once; undefined where the BMC refuses it. */
  attempt(which: BmcPassword, signal: AbortSignal): Promise<Result<Login | undefined>>;
  /** From here on requests go by this login, and the one before is ended. */
  adopt(login: Login, which: BmcPassword, signal: AbortSignal): Promise<void>;
  end(login: Login, signal: AbortSignal): Promise<void>;
  /** Path of the session in use. */
  session(): Promise<string | undefined>;
  close(): Promise<void>;
}

export interface LoginPlaces {
  /** Where sessions are made, if at all. */
  readonly sessions: string | undefined;
  readonly origin: string;
  /** A resource that wants a login: where there are no sessions, only a request shows whether a password is taken. */
  readonly guarded: string;
}

const closeMs = 10_000;

export function logins(exchange: Exchange, places: LoginPlaces, keys: Keyring, clock: Clock): Logins {
  const at = {...places, mask: keys.mask};
  let held: Promise<Result<Login>> | undefined;

  async function begin(signal: AbortSignal): Promise<Result<Login>> {
    const now = keys.credentials();
    if (now === undefined) throw new Error('the keyring has no password in force');
    const first = await login(exchange, at, now, clock, signal);
    const other = keys.other();
    const second = other === undefined ? undefined : keys.credentials(other);
    if (first.ok || first.fault.code !== 'bmc.credentials-refused' || !other || !second) return first;
    const done = await login(exchange, at, second, clock, signal);
    if (!done.ok) return done.fault.code === 'bmc.credentials-refused' ? first : done;
    keys.taken(other);
    return done;
  }

  function current(signal: AbortSignal): Promise<Result<Login>> {
    held ??= begin(signal).then((done) => {
      if (!done.ok && done.fault.code !== 'bmc.credentials-refused') held = undefined;
      return done;
    });
    return held;
  }

  async function end(who: Login, signal: AbortSignal): Promise<void> {
    if (who.by !== 'token' || who.session === undefined) return;
    await exchange({method: 'DELETE', path: who.session, headers: prove(who)}, signal);
  }

  const holds = async (who: Login): Promise<boolean> => {
    const now = await held;
    return now?.ok === true && now.value === who;
  };

  return {
    current,
    end,
    async lapse(who, signal) {
      if (!(await holds(who))) return;
      held = undefined;
      // It may have been refused only this once. Its own token is used: by now the id may be another client's.
      await end(who, signal);
    },
    turn(who) {
      const other = keys.other();
      if (who.by !== 'basic' || other === undefined) return false;
      keys.taken(other);
      held = undefined;
      return true;
    },
    async attempt(which, signal) {
      const credentials = keys.credentials(which);
      if (credentials === undefined) return failed(fault('secret.missing', `the runbook names no bmc.${which}`));
      const done = await login(exchange, at, credentials, clock, signal);
      if (!done.ok) return done.fault.code === 'bmc.credentials-refused' ? ok(undefined) : done;
      if (done.value.by === 'token') return done;
      const asked = await exchange({method: 'GET', path: places.guarded, headers: prove(done.value)}, signal);
      if (!asked.ok) return asked;
      return judge(asked.value, done.value);
    },
    async adopt(who, which, signal) {
      const before = await held;
      keys.taken(which);
      held = Promise.resolve(ok(who));
      if (before?.ok === true) await end(before.value, signal);
    },
    async session() {
      const now = await held;
      return now?.ok === true && now.value.by === 'token' ? now.value.session : undefined;
    },
    async close() {
      const now = await held;
      held = Promise.resolve(failed(fault('bmc.unreachable', 'the connection was closed')));
      // Pools are small, and a session left behind may be taken over: it is deleted even when the run was interrupted.
      if (now?.ok === true) await end(now.value, AbortSignal.timeout(closeMs));
    },
  };
}

function judge({status}: Reply, who: Login): Result<Login | undefined> {
  if (status === 401 || status === 403) return ok(undefined);
  return status < 300 ? ok(who) : failed(fault('bmc.refused', `the BMC answered a login with ${status}`));
}

export const prove = (who: Login): Readonly<Record<string, string>> =>
  who.by === 'token' ? {'x-auth-token': who.token.reveal()} : {authorization: who.credentials.reveal()};
