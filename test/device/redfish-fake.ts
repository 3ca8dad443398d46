import {randomBytes} from 'node:crypto';
import {once} from 'node:events';
import type {IncomingHttpHeaders} from 'node:http';
import {createServer} from 'node:https';
import type {AddressInfo} from 'node:net';
import {json} from 'node:stream/consumers';
import {connectRedfish, type RedfishBmc, type RedfishOptions} from '../../src/device/redfish/connect.ts';
import {Secret} from '../../src/secret.ts';
import type {Certificate} from './certificate.ts';
import {hasty} from './hasty.ts';
import type {Resource} from './replies.ts';

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Resource;
}

export interface Answer {
  /** 0 breaks the connection instead of answering. */
  readonly status: number;
  readonly headers?: Record<string, string>;
  /** An object is sent as JSON, a text or bytes as they are. */
  readonly body?: unknown;
}

/** What a slot does with an image; counted in reads of the slot. */
export interface Media {
  /** Reads until an accepted insert shows; Infinity never does, as iDRAC's 204. */
  insertShowsAfter: number;
  ejectShowsAfter: number;
  /** Supermicro: the name stays after an eject. */
  nameSticks: boolean;
  /** Supermicro: EjectMedia is offered only while something is in. */
  ejectHidden: boolean;
  /** Answered with 202 and a task that takes this many reads. */
  taskReads: number;
}

/** Who may log in, and what becomes of accounts. */
export interface Access {
  /** Those that a login is taken with, as a write to the account changes them. */
  passwords: Set<string>;
  /** What is kept of a password that is set. */
  keep: (password: string) => readonly string[];
  /** Slots are fixed: an account cannot be deleted. */
  fixedSlots: boolean;
  /** Logins that were refused. */
  refusals: number;
}

/** A BMC over TLS that has the resources it is given and does with them what BMCs do, lies included. */
export interface Fake {
  readonly url: string;
  /** Every request in order, the log-ins among them. */
  readonly asked: Asked[];
  readonly resources: Map<string, Resource>;
  readonly media: Media;
  /** Reads until a reset shows, for each reset in turn; then 0. */
  readonly powerLag: number[];
  readonly sessions: Map<string, string>;
  readonly access: Access;
  /** Answers in place of the BMC while it returns something. */
  interfere: (asked: Asked) => Answer | undefined;
  writes(): readonly string[];
  close(): Promise<void>;
}

export const user = 'operator';
export const password = 'correct horse';

const sessionsPath = '/redfish/v1/SessionService/Sessions';

export async function fake(certificate: Certificate, resources: Map<string, Resource>): Promise<Fake> {
  const asked: Asked[] = [];
  const sessions = new Map<string, string>();
  let logins = 0;
  const media: Media = {insertShowsAfter: 0, ejectShowsAfter: 0, nameSticks: false, ejectHidden: false, taskReads: 0};
  const powerLag: number[] = [];
  const access: Access = {
    passwords: new Set([password]),
    keep: (set) => [set],
    fixedSlots: false,
    refusals: 0,
  };
  /** Changes that show only after a number of reads of their resource. */
  const due = new Map<string, {reads: number; change: () => void}>();
  const tasks = new Map<string, {reads: number; done: () => void}>();

  const later = (path: string, reads: number, change: () => void): void => {
    if (reads === 0) change();
    else due.set(path, {reads, change});
  };
  const empty = {Image: null, Inserted: false, ConnectedVia: 'NotConnected'};
  const eject = (path: string): void =>
    later(path, media.ejectShowsAfter, () => change(path, media.nameSticks ? empty : {...empty, ImageName: null}));
  const insert = (path: string, image: unknown): void => {
    if (typeof image !== 'string') return eject(path);
    later(path, media.insertShowsAfter, () =>
      change(path, {Image: image, ImageName: image.split('/').at(-1), Inserted: true, ConnectedVia: 'URI'}),
    );
  };
  const change = (path: string, properties: Resource): void => {
    resources.set(path, {...resources.get(path), ...properties});
  };

  function read(path: string): Answer {
    const task = tasks.get(path);
    if (task !== undefined) {
      if (task.reads-- > 0) return {status: 202, body: {TaskState: 'Running'}};
      task.done();
      tasks.delete(path);
      return {status: 200, body: {TaskState: 'Completed', TaskStatus: 'OK'}};
    }
    const waiting = due.get(path);
    if (waiting !== undefined && waiting.reads-- === 0) {
      due.delete(path);
      waiting.change();
    }
    const live = [...sessions.values()].includes(path) ? {UserName: user} : undefined;
    const resource: Resource | undefined = resources.get(path) ?? live;
    if (resource === undefined) return missing;
    const shown = structuredClone(resource);
    if (path === sessionsPath) {
      const live = [...sessions.values()].map((at) => ({'@odata.id': at}));
      shown['Members'] = [...((shown['Members'] ?? []) as object[]), ...live];
    }
    const actions = shown['Actions'] as Resource | undefined;
    if (media.ejectHidden && shown['Inserted'] === false) delete actions?.['#VirtualMedia.EjectMedia'];
    return {status: 200, body: shown};
  }

  function write({method, path, body}: Asked): Answer {
    if (method === 'PATCH') {
      const resource = resources.get(path);
      if (resource === undefined) return missing;
      if ('Password' in body && resource['UserName'] === user)
        access.passwords = new Set(access.keep(String(body['Password'])));
      if ('MediaTypes' in resource) insert(path, body['Image']);
      else change(path, {...body, Boot: {...(resource['Boot'] as Resource), ...(body['Boot'] as Resource)}});
      return {status: 200, body: resources.get(path)};
    }
    const [, owner = '', action = ''] = /^(.*)\/Actions\/(.*)$/.exec(path) ?? [];
    const done = {
      'ComputerSystem.Reset': () =>
        later(owner, powerLag.shift() ?? 0, () =>
          change(owner, {PowerState: /Off/.test(String(body['ResetType'])) ? 'Off' : 'On'}),
        ),
      'VirtualMedia.InsertMedia': () => insert(owner, body['Image']),
      'VirtualMedia.EjectMedia': () => eject(owner),
    }[action];
    if (done === undefined) return missing;
    if (media.taskReads === 0 || action !== 'VirtualMedia.InsertMedia') {
      done();
      return {status: 204};
    }
    const monitor = `/redfish/v1/TaskService/TaskMonitors/${tasks.size + 1}`;
    tasks.set(monitor, {reads: media.taskReads, done});
    return {status: 202, headers: {location: monitor, 'retry-after': '1'}, body: {TaskState: 'New'}};
  }

  function answer(asked: Asked): Answer {
    const {method, headers, body} = asked;
    const path = asked.path.replace(/\/$/, '');
    if (path === '/redfish/v1' && method === 'GET') return read(path);
    if (path === sessionsPath && method === 'POST') {
      if (body['UserName'] !== user || !access.passwords.has(String(body['Password']))) {
        access.refusals++;
        return problem(401, 'AccessDenied', 'Access denied.');
      }
      const token = randomBytes(12).toString('hex');
      const session = `${sessionsPath}/${++logins}`;
      sessions.set(token, session);
      return {status: 201, headers: {'x-auth-token': token, location: `https://bmc.example${session}`}, body: {}};
    }
    const basic = [...access.passwords].map((each) => `Basic ${Buffer.from(`${user}:${each}`).toString('base64')}`);
    const token = headers['x-auth-token'];
    if (!basic.includes(headers.authorization ?? '') && !(typeof token === 'string' && sessions.has(token)))
      return problem(401, 'NoValidSession', 'There is no valid session.');
    if (method === 'DELETE') {
      const live = [...sessions].filter(([, session]) => session === path);
      for (const [key] of live) sessions.delete(key);
      if (live.length > 0 || !resources.has(path)) return {status: 204};
      if (access.fixedSlots && path.includes('/Accounts/'))
        return problem(405, 'ResourceCannotBeDeleted', 'The slot stays.');
      resources.delete(path);
      return {status: 204};
    }
    return method === 'GET' ? read(path) : write({...asked, path});
  }

  const server = createServer({key: certificate.key, cert: certificate.cert}, (request, response) => {
    void (async () => {
      const body = ['POST', 'PATCH'].includes(request.method ?? '') ? ((await json(request)) as Resource) : {};
      const one: Asked = {method: request.method ?? '', path: request.url ?? '', headers: request.headers, body};
      asked.push(one);
      const {status, headers = {}, body: content} = it.interfere(one) ?? answer(one);
      if (status === 0) {
        request.socket.destroy();
        return;
      }
      const raw = typeof content === 'string' || content instanceof Uint8Array;
      response.writeHead(status, {'content-type': 'application/json', ...headers});
      response.end(raw ? content : content === undefined ? '' : JSON.stringify(content));
    })();
  });
  server.on('tlsClientError', () => {});
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  const it: Fake = {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    resources,
    media,
    powerLag,
    sessions,
    access,
    interfere: () => undefined,
    writes: () =>
      asked
        .filter(({method, path}) => method !== 'GET' && !path.startsWith(sessionsPath))
        .map(({method, path, body}) => `${method} ${path.replace('/redfish/v1', '')} ${JSON.stringify(body)}`),
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
  return it;
}

/** An error body as DMTF's registry has it. */
export const problem = (status: number, id: string, says: string, about: readonly string[] = []): Answer => ({
  status,
  body: {
    error: {
      code: 'Base.1.12.GeneralError',
      message: 'See ExtendedInfo.',
      '@Message.ExtendedInfo': [
        {
          MessageId: `Base.1.12.${id}`,
          Message: says,
          MessageArgs: about,
          RelatedProperties: about.map((name) => `#/${name}`),
        },
      ],
    },
  },
});

const missing: Answer = problem(404, 'ResourceMissingAtURI', 'There is nothing.');

/** Interference that gives each answer once to the requests that match, and then stops. */
export function inTurn(match: (asked: Asked) => boolean, ...answers: readonly Answer[]): Fake['interfere'] {
  const left = [...answers];
  return (asked) => (match(asked) ? left.shift() : undefined);
}

/** Ours, connected to the fake; `more` is what it is told beside the way there. */
export async function connectedTo(
  bmc: Fake,
  {pin}: Pick<Certificate, 'pin'>,
  more: Partial<RedfishOptions> = {},
  signal = new AbortController().signal,
): Promise<RedfishBmc> {
  const [known, secret] = [new Secret(user), new Secret(password)];
  const connected = await connectRedfish(
    {url: bmc.url, certificate: pin, user: known, password: secret, clock: hasty(), ...more},
    signal,
  );
  if (!connected.ok) throw new Error(JSON.stringify(connected.fault));
  return connected.value;
}
