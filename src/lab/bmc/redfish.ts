import {z} from 'zod';
import type {Clock} from '../../clock.ts';
import type {Blueprint} from '../blueprint.ts';
import {changeAccount, createAccount, deleteAccount} from './account-writes.ts';
import type {Account} from './accounts.ts';
import type {Ailments} from './ailment.ts';
import {bootEnablements, bootTargets, resetTypes, type Board} from './board.ts';
import {read} from './body.ts';
import {refuse, type Reply, type Request} from './exchange.ts';
import {changeHostInterface} from './host-writes.ts';
import {refusals} from './message.ts';
import {at} from './paths.ts';
import {bootMode} from './resource/system.ts';
import {basicCredentials, type Sessions} from './sessions.ts';
import {etag, show} from './show.ts';
import type {Standing} from './standing.ts';
import {resourceAt} from './tree.ts';

export interface RedfishParts {
  readonly machine: Blueprint;
  readonly power: () => 'on' | 'off';
  readonly board: Board;
  readonly sessions: Sessions;
  readonly standing: Standing;
  /** PEM, as its web server shows it. */
  readonly certificate: string;
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
  const {board, sessions, ailments, standing} = parts;
  const {accounts} = standing;

  /** Whose request it is; an account that is gone or shut has no session. */
  const asker = ({token, authorization}: Request): Account | undefined => {
    if (token === undefined) {
      const basic = basicCredentials(authorization);
      return basic && accounts.match(basic.user, basic.password);
    }
    const session = sessions.find(token);
    return session && accounts.all().find(({name, enabled}) => enabled && name === session.user);
  };

  const logIn = (request: Request): Reply => {
    const body = read(login, request.body, 'SessionCollection.Post');
    if ('refused' in body) return body.refused;
    const account = accounts.match(body.value.UserName, body.value.Password);
    if (account === undefined) return refuse(refusals.wrongCredentials());
    const opened = sessions.open(account.name);
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
    [
      at.screen,
      async () => {
        if (parts.power() === 'off') return refuse(refusals.standby());
        const shown = await board.screen();
        return shown.ok ? {status: 200, body: {Screen: shown.value.toString('base64')}} : refuse(refusals.internal());
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
    const by = asker(request);
    if (by === undefined) return refuse(refusals.noSession());
    if (reading) return show(path, parts);
    const action = actions.get(path);
    if (action && method !== 'POST') return refuse(refusals.notAllowed());
    const current = resourceAt(path, parts);
    if (!action && current === undefined) return refuse(refusals.missing(path));
    if (current && request.ifMatch !== undefined && request.ifMatch !== '*' && request.ifMatch !== etag(current))
      return refuse(refusals.changed());
    const [kind, id] = memberOf(path);
    if (method === 'PATCH' && kind === at.accounts) return changeAccount(request, id, by, parts);
    if (by.role !== 'Administrator') return refuse(refusals.notPrivileged());
    if (action) return action(request);
    switch (`${method} ${kind ?? path}`) {
      case `PATCH ${at.system}`:
        return patchSystem(request, parts);
      case `PATCH ${at.hostInterface}`:
        return changeHostInterface(request, parts);
      case `POST ${at.accounts}`:
        return createAccount(request, parts);
      case `DELETE ${at.accounts}`:
        return kind ? deleteAccount(id, by, parts) : refuse(refusals.notAllowed());
      case `DELETE ${at.sessions}`:
        return sessions.close(id) ? {status: 204} : refuse(refusals.notAllowed());
      case `DELETE ${at.subscriptions}`:
        return standing.unsubscribe(id) ? {status: 204} : refuse(refusals.notAllowed());
      default:
        return refuse(refusals.notAllowed());
    }
  };
}

/** The collection that a path is a member of, among those whose members can be written, and its id there. */
function memberOf(path: string): readonly [string | undefined, string] {
  const cut = path.lastIndexOf('/');
  const kind = [at.accounts, at.sessions, at.subscriptions].find((each) => each === path.slice(0, cut));
  return [kind, path.slice(cut + 1)];
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
