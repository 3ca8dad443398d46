import {beforeEach, expect, test} from 'vitest';
import type {Clock} from '../../src/clock.ts';
import type {Instant} from '../../src/brand.ts';
import {Secret} from '../../src/secret.ts';
import {ailments, type Ailments} from '../../src/lab/bmc/ailment.ts';
import {board, type Board} from '../../src/lab/bmc/board.ts';
import type {Reply, Request} from '../../src/lab/bmc/exchange.ts';
import {at} from '../../src/lab/bmc/paths.ts';
import {redfish, type Redfish} from '../../src/lab/bmc/redfish.ts';
import {sessions} from '../../src/lab/bmc/sessions.ts';
import {standing} from '../../src/lab/bmc/standing.ts';
import type {Chassis} from '../../src/lab/machine/chassis.ts';
import {selfSigned} from '../device/certificate.ts';
import {noteChassis, screen} from './note-chassis.ts';
import {link} from '../../src/lab/machine/link.ts';
import {labBlueprint} from './lab-blueprint.ts';

const certificate = selfSigned();
let ms: number;
let did: string[];
let power: 'on' | 'off';
let ills: Ailments;
let mind: Board;
let bmc: Redfish;

const clock: Clock = {
  now: () => new Date(ms).toISOString() as Instant,
  ticks: () => ms,
  sleep: () => Promise.resolve(),
};

const chassis: Chassis = noteChassis({
  did: (what) => void did.push(what),
  power: () => power,
  turn: (to) => {
    power = to;
  },
});

beforeEach(() => {
  ms = 0;
  did = [];
  power = 'off';
  ills = ailments();
  mind = board({chassis: () => chassis, link: link(), ailments: ills, clock});
  const pool = sessions({clock, room: 2, timeoutSeconds: 60});
  bmc = redfish({
    machine: labBlueprint(),
    power: () => power,
    board: mind,
    sessions: pool,
    standing: standing({user: 'rebuild', password: new Secret('correct horse'), clock}),
    certificate: certificate.cert,
    ailments: ills,
    clock,
  });
});

const basic = (password: string): string => `Basic ${Buffer.from(`rebuild:${password}`).toString('base64')}`;

function ask(method: string, path: string, more: Partial<Request> & {readonly json?: unknown} = {}): Promise<Reply> {
  const {json, ...rest} = more;
  const body = json === undefined ? '' : JSON.stringify(json);
  const authorization = more.token === undefined ? basic('correct horse') : undefined;
  return bmc({method, path, token: undefined, authorization, ifMatch: undefined, body, ...rest});
}

const messageOf = ({body}: Reply): string =>
  JSON.stringify((body?.['error'] as Record<string, unknown> | undefined)?.['@Message.ExtendedInfo']);

test('every link leads somewhere, and every resource says where it is', async () => {
  const seen = new Set<string>();
  const queue: string[] = [at.root];
  for (let path = queue.shift(); path !== undefined; path = queue.shift()) {
    if (seen.has(path)) continue;
    seen.add(path);
    const {status, body} = await ask('GET', path);
    expect({path, status}).toEqual({path, status: 200});
    expect(body).toMatchObject({
      '@odata.id': path,
      '@odata.type': expect.stringMatching(/^#\w+\.(v\d+_\d+_\d+\.)?\w+$/) as string,
    });
    for (const [, found = ''] of JSON.stringify(body).matchAll(/"@odata\.id":"([^"]+)"/g)) queue.push(found);
  }
  expect(seen.size).toBeGreaterThanOrEqual(17);
});

test('the root is open, everything else wants a login', async () => {
  for (const path of [at.versions, at.root, at.service])
    expect((await ask('GET', path, {authorization: undefined})).status).toBe(200);
  for (const authorization of [undefined, 'Basic !', basic('wrong'), basic('')])
    expect(await ask('GET', at.system, {authorization})).toMatchObject({
      status: 401,
      headers: {'WWW-Authenticate': expect.any(String) as string},
    });
});

test('a session works until it is deleted, times out, or the pool is full', async () => {
  const login = {UserName: 'rebuild', Password: 'correct horse'};
  const opened = await ask('POST', at.sessions, {json: login});
  const token = opened.headers?.['X-Auth-Token'] ?? '';
  const location = opened.headers?.['Location'] ?? '';
  expect(opened.status).toBe(201);
  expect((await ask('GET', at.system, {token})).status).toBe(200);

  ms = 50_000;
  expect((await ask('GET', at.system, {token})).status).toBe(200);
  expect((await ask('POST', at.sessions, {json: login})).status).toBe(201);
  expect((await ask('POST', at.sessions, {json: login})).status).toBe(503);

  expect((await ask('DELETE', location)).status).toBe(204);
  expect((await ask('GET', at.system, {token})).status).toBe(401);
  expect((await ask('POST', at.sessions, {json: login})).status).toBe(201);
  ms = 120_000;
  expect((await ask('GET', at.sessions)).body).toMatchObject({'Members@odata.count': 0});
});

test('a wrong password opens nothing, and a body is never repeated', async () => {
  const refused = await ask('POST', at.sessions, {json: {UserName: 'rebuild', Password: 'Tr0ub4dor'}});
  expect(refused.status).toBe(401);
  expect(JSON.stringify(refused)).not.toContain('Tr0ub4dor');
});

test('a boot override for one boot is used up by it', async () => {
  const once = {
    Boot: {BootSourceOverrideTarget: 'Cd', BootSourceOverrideEnabled: 'Once', BootSourceOverrideMode: 'UEFI'},
  };
  expect(await ask('PATCH', at.system, {json: once})).toMatchObject({
    status: 200,
    body: {Boot: {BootSourceOverrideEnabled: 'Once', BootSourceOverrideTarget: 'Cd'}},
  });
  expect([mind.bootSource(), mind.bootSource()]).toEqual(['cd', 'disk']);
  expect((await ask('GET', at.system)).body).toMatchObject({
    Boot: {BootSourceOverrideEnabled: 'Disabled', BootSourceOverrideTarget: 'None'},
  });
});

test.each([
  [{Boot: {BootSourceOverrideTarget: 'Floppy'}}, 'PropertyValueNotInList'],
  [{Boot: {BootSourceOverrideMode: 'Legacy'}}, 'PropertyValueNotInList'],
  [{Boot: {BootSourceOverrideTarget: 7}}, 'PropertyValueTypeError'],
  [{}, 'ActionParameterMissing'],
])('a system does not take %j', async (json, id) => {
  const refused = await ask('PATCH', at.system, {json});
  expect(refused.status).toBe(400);
  expect(messageOf(refused)).toContain(id);
});

test('an entity tag that is no longer true stops a change', async () => {
  const {headers} = await ask('GET', at.system);
  const ifMatch = headers?.['ETag'] ?? '';
  const json = {Boot: {BootSourceOverrideTarget: 'Cd', BootSourceOverrideEnabled: 'Once'}};
  expect((await ask('PATCH', at.system, {json, ifMatch})).status).toBe(200);
  expect((await ask('PATCH', at.system, {json, ifMatch})).status).toBe(412);
  expect((await ask('PATCH', at.system, {json, ifMatch: '*'})).status).toBe(200);
});

test.each([
  ['On', 'on'],
  ['ForceOff', 'off'],
  ['ForceRestart', 'restart'],
  ['PowerCycle', 'restart'],
  ['GracefulShutdown', 'button'],
])('ResetType %s', async (ResetType, expected) => {
  expect((await ask('POST', at.reset, {json: {ResetType}})).status).toBe(204);
  expect(did).toEqual([expected]);
});

test.each([
  [at.reset, {ResetType: 'Nmi'}, 400],
  [at.reset, {}, 400],
  [at.insert, {Image: 'https://10.9.0.2/x.iso'}, 400],
  [at.insert, {Image: 'http://10.9.0.2/x.iso', WriteProtected: false}, 400],
  [at.insert, {}, 400],
])('POST %s does not take %j', async (path, json, status) => {
  expect((await ask('POST', path, {json})).status).toBe(status);
  expect(did).toEqual([]);
});

test('the screen is shown while the machine is on, to whoever may change it', async () => {
  expect(await ask('POST', at.screen, {json: {}})).toMatchObject({status: 409});
  power = 'on';
  expect(await ask('POST', at.screen, {json: {}})).toEqual({status: 200, body: {Screen: screen.toString('base64')}});
  expect((await ask('GET', at.screen)).status).toBe(404);
  expect((await ask('POST', at.screen, {authorization: undefined})).status).toBe(401);
  expect(did).toEqual(['screenshot']);
  expect((await ask('GET', at.manager)).body).toMatchObject({
    Actions: {Oem: {'#Rebuild.CaptureScreen': {target: at.screen}}},
  });
});

test('malformed JSON, other methods and other places are refused', async () => {
  expect(messageOf(await ask('POST', at.reset, {body: '{'}))).toContain('MalformedJSON');
  expect((await ask('GET', at.reset)).status).toBe(404);
  expect((await ask('PUT', at.reset)).status).toBe(405);
  expect((await ask('DELETE', at.system)).status).toBe(405);
  expect((await ask('GET', `${at.system}/toString`)).status).toBe(404);
  expect((await ask('GET', 'constructor')).status).toBe(404);
});

test('an ailing BMC answers as told, then recovers', async () => {
  const opened = await ask('POST', at.sessions, {json: {UserName: 'rebuild', Password: 'correct horse'}});
  const token = opened.headers?.['X-Auth-Token'] ?? '';
  ills.give('error', 2);
  expect([(await ask('GET', at.system)).status, (await ask('GET', at.system)).status]).toEqual([500, 500]);
  ills.give('forgotten', 1);
  expect((await ask('GET', at.system, {token})).status).toBe(401);
  expect((await ask('GET', at.system, {token})).status).toBe(401);
  expect((await ask('GET', at.system)).status).toBe(200);
});
