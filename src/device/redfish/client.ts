import type {Clock} from '../../clock.ts';
import {fault} from '../../fault.ts';
import type {JsonObject} from '../../json.ts';
import {until} from '../../pace.ts';
import {failed, ok, type Result} from '../../result.ts';
import {conditionFailed, ifMatch} from './etag.ts';
import type {Exchange, Reply, Request} from './exchange.ts';
import {local, pathOfLocation} from './local.ts';
import {prove, type Logins} from './logins.ts';
import {has, messages} from './messages.ts';
import {patiently, retryAfterMs} from './patience.ts';
import {refusal} from './refusal.ts';
import {taskState} from './task.ts';
import {link, member, text} from './tree.ts';

/** Requests that are logged in, repeated where that is safe, and followed to their end. */
export interface Client {
  /** A resource by reference; any answer but 2xx is a fault. */
  get(reference: string, signal?: AbortSignal): Promise<Result<Reply>>;
  /** Like `get`, but 404 and 405 give undefined: the BMC has no such thing. */
  find(reference: string, signal?: AbortSignal): Promise<Result<Reply | undefined>>;
  /** Any answer the BMC gives to a write, once its task has ended; a fault means that there was no answer. */
  write(write: Write | Deletion, signal?: AbortSignal): Promise<Result<Written>>;
}

export interface Write {
  readonly method: 'POST' | 'PATCH';
  readonly reference: string;
  readonly body: JsonObject;
  /** A member of the answer that is wanted: a 202 that has it is the answer, and no task that is still to be followed. */
  readonly wants?: readonly string[];
}

export interface Deletion {
  readonly method: 'DELETE';
  readonly reference: string;
}

/** The answer to a write, and the fault it is for a caller that cannot do anything about it. */
export type Written =
  | {readonly accepted: true; readonly reply: Reply}
  | {readonly accepted: false; readonly reply: Reply; readonly refusal: () => Result<never>};

// A login that was accepted counts against no account; a token that is refused each time means a missing privilege.
const mostLogins = 3;
const taskPace = {everyMs: 2_000, deadlineMs: 180_000} as const;

export function client(
  exchange: Exchange,
  origin: string,
  logins: Logins,
  mask: (says: string) => string,
  clock: Clock,
  life: AbortSignal,
): Client {
  const during = (signal: AbortSignal | undefined): AbortSignal =>
    signal === undefined ? life : AbortSignal.any([life, signal]);

  async function authorized(request: Request, signal: AbortSignal): Promise<Result<Reply>> {
    for (let round = 0; ; round++) {
      const who = await logins.current(signal);
      if (!who.ok) return who;
      const reply = await exchange({...request, headers: {...request.headers, ...prove(who.value)}}, signal);
      if (!reply.ok || !unknownToIt(reply.value)) return reply;
      if (round === 0 && logins.turn(who.value)) continue;
      // A session ends by timeout (30 s on some), by a BMC restart, or because another client took its place.
      if (round >= mostLogins || who.value.by === 'basic')
        return failed({...refusal(request, reply.value, mask), code: 'bmc.credentials-refused'});
      await logins.lapse(who.value, signal);
    }
  }

  const patient = patiently(authorized, clock);

  async function read(reference: string, signal: AbortSignal): Promise<Result<{request: Request; reply: Reply}>> {
    const path = local(origin, reference);
    if (path === undefined) return elsewhere(reference);
    const request: Request = {method: 'GET', path};
    const reply = await patient(request, signal);
    return reply.ok ? ok({request, reply: reply.value}) : reply;
  }

  async function get(reference: string, signal?: AbortSignal): Promise<Result<Reply>> {
    const done = await read(reference, during(signal));
    if (!done.ok) return done;
    const {request, reply} = done.value;
    return accepted(reply) ? ok(reply) : failed(refusal(request, reply, mask));
  }

  async function find(reference: string, signal?: AbortSignal): Promise<Result<Reply | undefined>> {
    const done = await read(reference, during(signal));
    if (!done.ok) return done;
    const {request, reply} = done.value;
    if (reply.status === 404 || reply.status === 405) return ok(undefined);
    return accepted(reply) ? ok(reply) : failed(refusal(request, reply, mask));
  }

  async function write(wanted: Write | Deletion, signal?: AbortSignal): Promise<Result<Written>> {
    const {method, reference} = wanted;
    const path = local(origin, reference);
    if (path === undefined) return elsewhere(reference);
    const both = during(signal);
    const request: Request = {method, path, ...('body' in wanted && {body: wanted.body})};
    const answer = await (method === 'PATCH' ? conditional(request, both) : patient(request, both));
    if (!answer.ok) return answer;
    const there = 'wants' in wanted && wanted.wants && member(answer.value.body, ...wanted.wants) !== undefined;
    const ended = answer.value.status === 202 && !there ? await followed(answer.value, both) : answer;
    if (!ended.ok) return ended;
    const reply = ended.value;
    if (accepted(reply)) return ok({accepted: true, reply});
    return ok({accepted: false, reply, refusal: () => failed(refusal(request, reply, mask))});
  }

  async function conditional(request: Request, signal: AbortSignal): Promise<Result<Reply>> {
    const now = await patient({method: 'GET', path: request.path}, signal);
    if (!now.ok) return now;
    const etag = now.value.headers['etag'] ?? text(now.value.body, '@odata.etag');
    let reply: Result<Reply> | undefined;
    for (const condition of ifMatch(accepted(now.value) ? etag : undefined)) {
      reply = await patient({...request, headers: condition === undefined ? {} : {'if-match': condition}}, signal);
      if (!reply.ok || !conditionFailed(reply.value.status)) break;
    }
    if (reply === undefined) throw new Error('no condition was tried');
    return reply;
  }

  /** Waits for the task behind a 202. A failed task becomes an answer like a refusal at once would have been. */
  async function followed(started: Reply, signal: AbortSignal): Promise<Result<Reply>> {
    const location = started.headers['location'] ?? link(started.body);
    const path = location === undefined ? undefined : pathOfLocation(origin, location);
    // Without a monitor nothing can be followed: the resource's own state decides.
    if (path === undefined) return ok(started);
    const everyMs = retryAfterMs(started.headers['retry-after']) ?? taskPace.everyMs;
    const ended = await until<Result<Reply>>(
      async () => {
        const reply = await patient({method: 'GET', path}, signal);
        if (!reply.ok) return reply;
        const task = taskState(reply.value.status, reply.value.body);
        if (task.is === 'running') return undefined;
        return ok({...reply.value, status: task.is === 'completed' ? 200 : 400});
      },
      {...taskPace, everyMs, clock, signal},
    );
    if (ended.end === 'met') return ended.value;
    if (ended.end === 'aborted') return failed(fault('run.interrupted', 'interrupted while the BMC worked on a task'));
    return failed(fault('bmc.unreachable', 'a task of the BMC did not end', {detail: {task: path}}));
  }

  return {get, find, write};
}

const elsewhere = (reference: string): Result<never> =>
  failed(fault('bmc.refused', `the BMC links outside its Redfish service: ${reference.slice(0, 200)}`));

const accepted = ({status}: Reply): boolean => status >= 200 && status < 300;

/** The BMC does not know the session: 401, and on some 403 or 400 with the message NoValidSession. */
const unknownToIt = ({status, body}: Reply): boolean =>
  status === 401 || (status >= 400 && status < 500 && has(messages(body), 'NoValidSession'));
