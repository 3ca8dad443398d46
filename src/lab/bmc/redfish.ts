import {createHash} from 'node:crypto';
import {z} from 'zod';
import type {Clock} from '../../clock.ts';
import {canonical, type JsonObject} from '../../json.ts';
import type {Blueprint} from '../blueprint.ts';
import type {Ailments} from './ailment.ts';
import {bootEnablements, bootTargets, resetTypes, type Board} from './board.ts';
import {refuse, type Reply, type Request} from './exchange.ts';
import {refusals} from './message.ts';
import {at} from './paths.ts';
import {bootMode} from './resource/system.ts';
import {basicCredentials, credentialsMatch, type Credentials, type Sessions} from './sessions.ts';
import {resourceAt} from './tree.ts';

export interface RedfishParts {
  readonly machine: Blueprint;
  readonly power: () => 'on' | 'off';
  readonly board: Board;
  readonly sessions: Sessions;
  readonly credentials: Credentials;
  readonly ailments: Ailments;
  readonly clock: Clock;
}

/** Answers one request as the BMC. */
export type Redfish = (request: Request) => Promise<Reply>;

const login = z.object({UserName: z.string(), Password: z.string()});
const insertion = z.object({
  Image: z.string(),
  Inserted: z.literal(true).optional(),
  WriteProtected: z.literal(true).optional(),
  TransferMethod: z.literal('Stream').optional(),
  TransferProtocolType: z.literal('HTTP').optional(),
});
const resetting = z.object({ResetType: z.enum(resetTypes)});

export function redfish(parts: RedfishParts): Redfish {
  const {board, sessions, ailments, credentials} = parts;

  const known = ({token, authorization}: Request): boolean => {
    if (token !== undefined) return sessions.find(token) !== undefined;
    const basic = basicCredentials(authorization);
    return basic !== undefined && credentialsMatch(credentials, basic.user, basic.password);
  };

  const logIn = (request: Request): Reply => {
    const body = read(login, request.body, 'SessionCollection.Post');
    if ('refused' in body) return body.refused;
    if (!credentialsMatch(credentials, body.value.UserName, body.value.Password))
      return refuse(refusals.wrongCredentials());
    const opened = sessions.open();
    if (opened === undefined) return refuse(refusals.tooManySessions());
    const location = at.session(opened.session.id);
    return {
      status: 201,
      body: resourceAt(location, parts) ?? {},
      headers: {Location: location, 'X-Auth-Token': opened.token},
    };
  };

  const actions = new Map<string, (request: Request) => Promise<Reply>>([
    [
      at.insert,
      async (request) => {
        const body = read(insertion, request.body, 'VirtualMedia.InsertMedia');
        if ('refused' in body) return body.refused;
        if (board.shown().image !== undefined) return refuse(refusals.inUse());
        if (ailments.spend('no-mount')) return {status: 204};
        const inserted = await board.insert(body.value.Image);
        return inserted.ok ? {status: 204} : refuse(refusals.unreadable(inserted.fault.says));
      },
    ],
    [
      at.eject,
      async () => {
        const ejected = await board.eject();
        return ejected.ok ? {status: 204} : refuse(refusals.internal());
      },
    ],
    [
      at.reset,
      async (request) => {
        const body = read(resetting, request.body, 'ComputerSystem.Reset');
        if ('refused' in body) return body.refused;
        if (ailments.spend('ignore-reset')) return {status: 204};
        const done = await board.reset(body.value.ResetType);
        return done.ok ? {status: 204} : refuse(refusals.internal());
      },
    ],
  ]);

  return async (request) => {
    const {method, path} = request;
    if (ailments.spend('error')) return refuse(refusals.internal());
    if (ailments.spend('busy')) return {...refuse(refusals.busy()), headers: {'Retry-After': '1'}};
    // Whoever comes with the right password is let in again.
    if (request.token !== undefined && ailments.spend('forgotten')) {
      sessions.closeAll();
      return refuse(refusals.noSession());
    }
    const reading = method === 'GET' || method === 'HEAD';
    // Open without a login: DSP0266, 13.3.1.
    if (reading && (path === at.versions || path === at.root || path === at.service)) return show(path, parts);
    if (method === 'POST' && path === at.sessions) return logIn(request);
    if (!known(request)) return refuse(refusals.noSession());
    if (reading) return show(path, parts);
    const action = actions.get(path);
    if (action) return method === 'POST' ? action(request) : refuse(refusals.notAllowed());
    const current = resourceAt(path, parts);
    if (current === undefined) return refuse(refusals.missing(path));
    if (request.ifMatch !== undefined && request.ifMatch !== '*' && request.ifMatch !== etag(current))
      return refuse(refusals.changed());
    if (method === 'PATCH' && path === at.system) return patchSystem(request, parts);
    const session = path.startsWith(`${at.sessions}/`) ? path.slice(at.sessions.length + 1) : undefined;
    if (method === 'DELETE' && session !== undefined)
      return sessions.close(session) ? {status: 204} : refuse(refusals.missing(path));
    return refuse(refusals.notAllowed());
  };
}

function patchSystem(request: Request, parts: RedfishParts): Reply {
  const mode = bootMode(parts.machine);
  const patch = z.strictObject({
    Boot: z.strictObject({
      BootSourceOverrideTarget: z.enum(bootTargets).optional(),
      BootSourceOverrideEnabled: z.enum(bootEnablements).optional(),
      BootSourceOverrideMode: z.literal(mode).optional(),
    }),
  });
  const body = read(patch, request.body, 'ComputerSystem.Patch');
  if ('refused' in body) return body.refused;
  const {BootSourceOverrideTarget: target, BootSourceOverrideEnabled: enabled} = body.value.Boot;
  parts.board.setBoot({...(target && {target}), ...(enabled && {enabled})});
  return show(at.system, parts);
}

function show(path: string, parts: RedfishParts): Reply {
  const found = resourceAt(path, parts);
  return found === undefined
    ? refuse(refusals.missing(path))
    : {status: 200, body: found, headers: {ETag: etag(found)}};
}

/** Weak: it stands for the resource's meaning, not for its bytes. The clock in it is not a change. */
function etag(resource: JsonObject): string {
  const {DateTime: _, ...lasting} = resource;
  return `W/"${createHash('sha256').update(canonical(lasting)).digest('hex').slice(0, 16)}"`;
}

type Read<T> = {readonly value: T} | {readonly refused: Reply};

function read<T>(schema: z.ZodType<T>, text: string, action: string): Read<T> {
  let body: unknown;
  try {
    body = JSON.parse(text || '{}');
  } catch {
    return {refused: refuse(refusals.notJson())};
  }
  const parsed = schema.safeParse(body);
  if (parsed.success) return {value: parsed.data};
  const [issue] = parsed.error.issues;
  const property = issue?.path.join('/') ?? '';
  const given = (issue?.path ?? []).reduce<unknown>(
    (value, key) => (value as Record<PropertyKey, unknown> | undefined)?.[key],
    body,
  );
  if (given === undefined) return {refused: refuse(refusals.missingParameter(action, property))};
  const listed = issue?.code === 'invalid_value' && typeof given === 'string';
  return {refused: refuse(listed ? refusals.wrongValue(property, given) : refusals.wrongProperty(property))};
}
