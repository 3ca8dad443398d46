import {fault} from '../../fault.ts';
import {failed, type Result} from '../../result.ts';
import {connectSsh, type SshLogin} from './connect.ts';
import type {SshLimits} from './limits.ts';
import type {SshSession} from './session.ts';

/** One login kept for many requests: opened when first needed, and anew after it was lost. */
export interface KeptSession {
  session(signal?: AbortSignal): Promise<Result<SshSession>>;
  /** A further connection of the same login, which is the caller's own to close. */
  another(limits: Partial<SshLimits>, signal: AbortSignal): Promise<Result<SshSession>>;
  /** Ends the session that is held; the next request opens another. */
  renew(): void;
  /** For good: who asks later, having lost the session by this, gets `run.interrupted` and no new one. */
  close(): void;
}

/** A login's own limits end it where no caller can interrupt. */
const never = new AbortController().signal;

export function keptSession(
  login: SshLogin,
  connect: (login: SshLogin, signal: AbortSignal) => Promise<Result<SshSession>> = connectSsh,
): KeptSession {
  let held: Promise<Result<SshSession>> | undefined;
  let closed = false;
  const end = (): void => {
    void held?.then((session) => session.ok && session.value.close());
    held = undefined;
  };
  return {
    async session(signal = never) {
      for (;;) {
        const waited = held;
        const session = await waited;
        if (closed) return failed(fault('run.interrupted', `the connection to ${login.address} was closed here`));
        if (session?.ok && !session.value.lost) return session;
        // Callers that waited for the same lost session share the next one; a failed attempt is each caller's own.
        if (held !== waited) continue;
        held = connect(login, signal);
        return held;
      }
    },
    another: (limits, signal) => connect({...login, limits: {...login.limits, ...limits}}, signal),
    renew: end,
    close() {
      closed = true;
      end();
    },
  };
}
