import {beforeEach, describe, expect, test} from 'vitest';
import type {Instant} from '../../src/brand.ts';
import type {Clock} from '../../src/clock.ts';
import {Secret} from '../../src/secret.ts';
import {ailments} from '../../src/lab/bmc/ailment.ts';
import {board} from '../../src/lab/bmc/board.ts';
import type {Reply} from '../../src/lab/bmc/exchange.ts';
import {at} from '../../src/lab/bmc/paths.ts';
import {planted} from '../../src/lab/bmc/planted.ts';
import {redfish, type Redfish} from '../../src/lab/bmc/redfish.ts';
import {sessions} from '../../src/lab/bmc/sessions.ts';
import {standing} from '../../src/lab/bmc/standing.ts';
import {link} from '../../src/lab/machine/link.ts';
import {selfSigned} from '../device/certificate.ts';
import {labBlueprint} from './lab-blueprint.ts';
import {noteChassis} from './note-chassis.ts';

let ms: number;
let bmc: Redfish;
const clock: Clock = {now: () => new Date(ms).toISOString() as Instant, ticks: () => ms, sleep: async () => {}};
const certificate = selfSigned();

beforeEach(() => {
  ms = 0;
  const pool = sessions({clock, timeoutSeconds: 60});
  const ills = ailments();
  bmc = redfish({
    machine: labBlueprint(),
    power: () => 'off',
    board: board({
      chassis: () => noteChassis({did: () => {}, power: () => 'off', turn: () => {}}),
      link: link(),
      ailments: ills,
      clock,
    }),
    sessions: pool,
    standing: standing({user: 'rebuild', password: new Secret('correct horse'), clock, intruded: pool}),
    certificate: certificate.cert,
    ailments: ills,
    clock,
  });
});

interface Asking {
  readonly user?: string;
  readonly password?: string;
  readonly token?: string;
  readonly json?: unknown;
  readonly ifMatch?: string;
}

function ask(method: string, path: string, {json, token, ifMatch, ...who}: Asking = {}): Promise<Reply> {
  const {user = 'rebuild', password = 'correct horse'} = who;
  const authorization = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
  return bmc({
    method,
    path,
    token,
    authorization: token === undefined ? authorization : undefined,
    ifMatch,
    body: json === undefined ? '' : JSON.stringify(json),
  });
}

const member = async (path: string): Promise<Record<string, unknown>> => (await ask('GET', path)).body ?? {};
const linksOf = async (path: string): Promise<readonly string[]> =>
  ((await member(path))['Members'] as {'@odata.id': string}[]).map((each) => each['@odata.id']);
const idIn = ({body}: Reply): string =>
  JSON.stringify(body)
    .match(/Base\.[\d.]+\.(\w+)"/g)
    ?.at(-1) ?? '';
const noOne = {UserName: 'ops', Password: 'long enough', RoleId: 'ReadOnly'};

describe('accounts', () => {
  test('are made, changed, locked out, deleted', async () => {
    const made = await ask('POST', at.accounts, {json: noOne});
    expect(made).toMatchObject({
      status: 201,
      body: {UserName: 'ops', Password: null, RoleId: 'ReadOnly', Enabled: true},
    });
    const path = made.headers?.['Location'] ?? '';
    expect(await linksOf(at.accounts)).toContain(path);
    const ops = {user: 'ops', password: 'long enough'};
    expect((await ask('GET', at.system, ops)).status).toBe(200);
    expect((await ask('PATCH', path, {json: {Enabled: false}})).status).toBe(200);
    expect((await ask('GET', at.system, ops)).status).toBe(401);
    expect((await ask('DELETE', path)).status).toBe(204);
    expect((await ask('GET', path)).status).toBe(404);
  });

  test('one with fewer rights changes its own password and nothing else', async () => {
    await ask('POST', at.accounts, {json: noOne});
    const [, , path = ''] = await linksOf(at.accounts);
    const ops = {user: 'ops', password: 'long enough'};
    expect((await ask('PATCH', path, {...ops, json: {RoleId: 'Administrator'}})).status).toBe(403);
    expect((await ask('POST', at.reset, {...ops, json: {ResetType: 'ForceOff'}})).status).toBe(403);
    expect((await ask('DELETE', at.account('1'), ops)).status).toBe(403);
    expect((await ask('PATCH', path, {...ops, json: {Password: 'another one'}})).status).toBe(200);
    expect((await ask('GET', at.system, {user: 'ops', password: 'another one'})).status).toBe(200);
  });

  test('three wrong passwords shut an account for half a minute, for the right one too', async () => {
    for (let tries = 0; tries < 3; tries++) expect((await ask('GET', at.system, {password: 'no'})).status).toBe(401);
    expect((await ask('GET', at.system)).status).toBe(401);
    ms = 31_000;
    expect((await ask('GET', at.system)).status).toBe(200);
    // A login that is taken begins the count anew.
    for (const password of ['no', 'no', 'correct horse', 'no', 'no', 'correct horse'])
      expect((await ask('GET', at.system, {password})).status).toBe(password === 'no' ? 401 : 200);
  });

  test('a password that is too short, too long, or no text is refused, and never repeated', async () => {
    for (const Password of ['short', 'x'.repeat(65), 7]) {
      const refused = await ask('PATCH', at.account('1'), {json: {Password}});
      expect(refused.status).toBe(400);
      expect(JSON.stringify(refused)).not.toContain('x'.repeat(65));
    }
    expect((await ask('GET', at.system)).status).toBe(200);
  });

  test('its own account is not deleted, a name is not taken twice, a stale ETag does not count', async () => {
    expect((await ask('DELETE', at.account('1'))).status).toBe(405);
    const twice = await ask('POST', at.accounts, {json: {...noOne, UserName: 'rebuild'}});
    expect(twice.status).toBe(400);
    expect(idIn(twice)).toContain('ResourceAlreadyExists');
    const stale = await ask('PATCH', at.account('2'), {json: {Enabled: false}, ifMatch: 'W/"0000"'});
    expect(stale.status).toBe(412);
  });

  test('a change of the password leaves the session it came by, and ends the account’s others', async () => {
    const login = {UserName: 'rebuild', Password: 'correct horse'};
    const tokens: string[] = [];
    for (let each = 0; each < 2; each++)
      tokens.push((await ask('POST', at.sessions, {json: login})).headers?.['X-Auth-Token'] ?? '');
    const [kept = '', other = ''] = tokens;
    await ask('PATCH', at.account('1'), {token: kept, json: {Password: 'staple battery'}});
    expect((await ask('GET', at.system, {token: kept})).status).toBe(200);
    expect((await ask('GET', at.system, {token: other})).status).toBe(401);
    expect((await ask('POST', at.sessions, {json: login})).status).toBe(401);
  });
});

test('what an intruder left: an account, a session that never times out, a subscription', async () => {
  ms = 10_000_000;
  const accounts = await Promise.all((await linksOf(at.accounts)).map(member));
  expect(accounts.map((each) => each['UserName'])).toEqual(['rebuild', planted.account.name]);
  const open = await Promise.all((await linksOf(at.sessions)).map(member));
  expect(open).toMatchObject([{UserName: planted.account.name, ClientOriginIPAddress: planted.from}]);
  const [subscription = ''] = await linksOf(at.subscriptions);
  expect(await member(subscription)).toMatchObject({Destination: planted.subscription});
  expect((await ask('DELETE', subscription)).status).toBe(204);
  expect(await linksOf(at.subscriptions)).toEqual([]);
  expect((await ask('POST', at.subscriptions, {json: {Destination: 'https://192.0.2.1/'}})).status).toBe(405);
  // With the account its sessions go.
  await ask('DELETE', at.account('2'));
  expect(await linksOf(at.sessions)).toEqual([]);
});

test('the host interface stands open as delivered, and shuts', async () => {
  expect(await member(at.hostInterface)).toMatchObject({
    InterfaceEnabled: true,
    CredentialBootstrapping: {Enabled: true, RoleId: 'Administrator'},
  });
  const shut = {InterfaceEnabled: false, CredentialBootstrapping: {Enabled: false}};
  expect((await ask('PATCH', at.hostInterface, {json: shut})).body).toMatchObject(shut);
  expect((await ask('PATCH', at.hostInterface, {json: {InterfaceEnabled: 'no'}})).status).toBe(400);
});

test('firmware and certificate', async () => {
  const parts = await Promise.all((await linksOf(at.firmwareAll)).map(member));
  expect(parts).toMatchObject([
    {Id: 'BMC', Version: '1.0.0'},
    {Id: 'BIOS', Version: 'OVMF'},
  ]);
  const [shown = ''] = await linksOf(at.certificates);
  expect(await member(shown)).toMatchObject({CertificateString: certificate.cert, CertificateType: 'PEM'});
});
