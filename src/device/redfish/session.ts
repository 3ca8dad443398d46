import type {Clock} from '../../clock.ts';
import {fault} from '../../fault.ts';
import {until} from '../../pace.ts';
import {failed, ok, type Result} from '../../result.ts';
import {Secret} from '../../secret.ts';
import type {Exchange, Reply, Request} from './exchange.ts';
import {local, pathOfLocation} from './local.ts';
import {has, messages} from './messages.ts';
import {refusal} from './refusal.ts';
import {link, member} from './tree.ts';

/** How requests prove who they are. */
export type Login =
  | {readonly by: 'token'; readonly token: Secret; readonly session: string | undefined}
  /** Only where the BMC has no session service: the password then goes with every request. */
  | {readonly by: 'basic'; readonly credentials: Secret};

export interface Credentials {
  readonly user: Secret;
  readonly password: Secret;
}

/** The service root is readable without credentials; it says where sessions are made, if at all. */
export function sessionsPath(origin: string, root: unknown): string | undefined {
  const named = link(root, 'Links', 'Sessions');
  if (named !== undefined) return local(origin, named);
  return member(root, 'SessionService') === undefined ? undefined : '/redfish/v1/SessionService/Sessions';
}

// Pools are small (iDRAC: 8) and sessions of dead clients time out after 30 s to 30 min; one that is just being freed is
// worth a wait, more is not.
const poolFull = {everyMs: 5_000, deadlineMs: 45_000} as const;

/** Logs in. Credentials are tried once: Supermicro locks an account after three. */
export async function login(
  exchange: Exchange,
  at: {readonly origin: string; readonly sessions: string | undefined; readonly mask: (says: string) => string},
  {user, password}: Credentials,
  clock: Clock,
  signal: AbortSignal,
): Promise<Result<Login>> {
  const basic: Login = {
    by: 'basic',
    credentials: new Secret(`Basic ${Buffer.from(`${user.reveal()}:${password.reveal()}`).toString('base64')}`),
  };
  if (at.sessions === undefined) return ok(basic);
  const request: Request = {
    method: 'POST',
    path: at.sessions,
    body: {UserName: user.reveal(), Password: password.reveal()},
  };
  let last: Result<Reply> | undefined;
  const answered = await until(
    async () => {
      last = await exchange(request, signal);
      return last.ok && full(last.value) ? undefined : last;
    },
    {...poolFull, clock, signal},
  );
  if (answered.end === 'aborted') return failed(fault('run.interrupted', 'interrupted while logging in'));
  const reply = answered.end === 'met' ? answered.value : last;
  if (reply === undefined) throw new Error('a wait ended without a reading');
  if (!reply.ok) return reply;
  if (answered.end === 'deadline')
    return failed({
      ...refusal(request, reply.value, at.mask),
      says: 'all of the BMC’s sessions are taken; credentials were not judged',
      next: 'log out of its web page or wait for its session timeout, then repeat the command',
    });
  // 404, 405 and 501 say that there is no such service, whatever the root promised.
  if ([404, 405, 501].includes(reply.value.status)) return ok(basic);
  return judged(request, reply.value, at);
}

function judged(
  request: Request,
  reply: Reply,
  at: {readonly origin: string; readonly mask: (says: string) => string},
): Result<Login> {
  const {status, headers, body} = reply;
  const found = messages(body);
  if (status >= 200 && status < 300) {
    const token = headers['x-auth-token'];
    // It goes back into a header: what could break out of one is no token.
    if (token === undefined || !/^[\x21-\x7e]{1,4096}$/.test(token))
      return failed(fault('bmc.refused', 'the BMC accepted the login and gave no session token'));
    const location = headers['location'] ?? link(body);
    const session = location === undefined ? undefined : pathOfLocation(at.origin, location);
    return ok({by: 'token', token: new Secret(token), session});
  }
  const refused = refusal(request, reply, at.mask);
  if (has(found, 'PasswordChangeRequired'))
    return failed({
      ...refused,
      code: 'bmc.credentials-refused',
      says: 'the BMC wants this account’s password changed first',
    });
  // Seen for a wrong password: 401, 403, and 400 with a message about authentication.
  return failed(
    status === 401 ||
      status === 403 ||
      (status === 400 && found.some(({id}) => /auth|credential|AccessDenied/i.test(id)))
      ? {...refused, code: 'bmc.credentials-refused'}
      : refused,
  );
}

/** DMTF's message, Dell's own (RAC0218: the maximum number of user sessions is reached), or no more than a 503. */
const full = ({status, body}: Reply): boolean =>
  status === 503 || (status >= 400 && has(messages(body), 'SessionLimitExceeded', 'RAC0218'));
