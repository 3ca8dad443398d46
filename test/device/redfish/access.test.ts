import {afterEach, beforeAll, beforeEach, describe, expect, test} from 'vitest';
import {connectRedfish, type RedfishBmc} from '../../../src/device/redfish/connect.ts';
import type {Result} from '../../../src/result.ts';
import {Secret} from '../../../src/secret.ts';
import type {BmcState} from '../../../src/step/bmc/state.ts';
import {selfSigned, type Certificate} from '../certificate.ts';
import {hasty} from '../hasty.ts';
import {documented} from '../documented.ts';
import {fake, password, problem, user, type Fake} from '../redfish-fake.ts';
import {recorded, vendors, type Resource, type Vendor} from '../replies.ts';

const {signal} = new AbortController();
const next = 'staple battery';
const root = '/redfish/v1';

const managers: Record<Vendor, string> = {
  'dell-r750-idrac9': `${root}/Managers/iDRAC.Embedded.1`,
  'hpe-dl385-ilo5': `${root}/Managers/1`,
  'lenovo-sr670v2-xcc': `${root}/Managers/1`,
  'supermicro-821ge-x13': `${root}/Managers/1`,
};
/** Ids of the account that is ours, and of one beside it; XCC was recorded with one alone. */
const accountIds: Record<Vendor, readonly [string, string]> = {
  'dell-r750-idrac9': ['2', '3'],
  'hpe-dl385-ilo5': ['1', '2'],
  'lenovo-sr670v2-xcc': ['1', '3'],
  'supermicro-821ge-x13': ['2', '4'],
};
const accountAt = (id: string): string => `${root}/AccountService/Accounts/${id}`;

let certificate: Certificate;
let bmc: Fake;
let made: RedfishBmc | undefined;

beforeAll(() => {
  certificate = selfSigned();
});
beforeEach(() => {
  made = undefined;
});
afterEach(async () => {
  await made?.close();
  await bmc.close();
});

async function start(vendor: Vendor, keys: {readonly inForce?: 'password' | 'newpassword'} = {}): Promise<RedfishBmc> {
  bmc = await fake(certificate, recorded(vendor));
  const [own, other] = accountIds[vendor];
  set(accountAt(own), {UserName: user});
  // Recorded empty: a slot that another account has been made in.
  set(accountAt(other), {...(bmc.resources.get(accountAt(own)) as object), '@odata.id': accountAt(other)});
  set(accountAt(other), {Id: other, UserName: 'tests_admin'});
  const listed = bmc.resources.get(`${root}/AccountService/Accounts`)?.['Members'] as Resource[];
  if (!listed.some((link) => link['@odata.id'] === accountAt(other))) listed.push({'@odata.id': accountAt(other)});
  return connect(keys);
}

async function connect(keys: {readonly inForce?: 'password' | 'newpassword'} = {}): Promise<RedfishBmc> {
  made = must(
    await connectRedfish(
      {
        url: bmc.url,
        certificate: certificate.pin,
        user: new Secret(user),
        password: new Secret(password),
        newpassword: new Secret(next),
        clock: hasty(),
        ...keys,
      },
      signal,
    ),
  );
  return made;
}

function must<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(JSON.stringify(result.fault));
  return result.value;
}

const set = (path: string, properties: Resource): void => {
  bmc.resources.set(path, {...bmc.resources.get(path), ...properties});
};
const read = async (): Promise<BmcState> => must(await made!.state('all'));
const waysOf = ({ways}: BmcState) => ways.map(({name, state}) => `${name} ${state}`);

describe.each(vendors)('%s', (vendor) => {
  test('lists its accounts by name, without its free slots, and knows which is ours', async () => {
    await start(vendor);
    // A slot of Dell's holds an account that is shut (R750 as recorded: fwupd).
    const accounts = (await read()).accounts.filter(({enabled}) => enabled);
    expect(accounts.map(({name, role, enabled, own}) => ({name, role, enabled, own}))).toEqual([
      {name: user, role: 'Administrator', enabled: true, own: true},
      {name: 'tests_admin', role: 'Administrator', enabled: true, own: false},
    ]);
  });

  test('removes an account and never our own', async () => {
    const it = await start(vendor);
    bmc.access.fixedSlots = vendor === 'dell-r750-idrac9';
    const [own, other] = accountIds[vendor];
    expect(await it.removeAccount(own, signal)).toMatchObject({ok: false, fault: {code: 'bmc.refused'}});
    expect(bmc.writes()).toEqual([]);
    const removed = must(await it.removeAccount(other, signal));
    expect(removed).toBe(vendor === 'dell-r750-idrac9' ? 'emptied' : 'deleted');
    expect((await read()).accounts.filter(({enabled}) => enabled).map(({name}) => name)).toEqual([user]);
    expect(bmc.writes()).toMatchSnapshot();
    expect(await it.removeAccount(other, signal)).toEqual({ok: true, value: 'deleted'});
  });

  test('changes the password and keeps its session until a new login is taken', async () => {
    const it = await start(vendor);
    await it.system();
    const before = [...bmc.sessions.keys()];
    expect(await it.changePassword(signal)).toEqual({ok: true, value: undefined});
    expect(bmc.access.refusals).toBe(0);
    const patched = bmc.asked.findIndex(({method, body}) => method === 'PATCH' && 'Password' in body);
    const after = bmc.asked.slice(patched + 1).map(({method, path}) => `${method} ${path.split('/').slice(-2)[0]}`);
    expect(after.indexOf('POST SessionService')).toBeLessThan(after.indexOf('DELETE Sessions'));
    expect([...bmc.sessions.keys()]).not.toEqual(before);
    expect(await it.takes('password')).toEqual({ok: true, value: false});
    expect(await it.takes('newpassword')).toEqual({ok: true, value: true});
    expect(await it.system()).toMatchObject({ok: true});
    expect(JSON.stringify(bmc.writes())).toContain(next);
  });

  test('closes every way from the host that it shows open', async () => {
    const it = await start(vendor);
    const manager = managers[vendor];
    const [at] = (bmc.resources.get(`${manager}/HostInterfaces`)?.['Members'] as Resource[]) ?? [];
    set(String(at?.['@odata.id']), {
      InterfaceEnabled: true,
      CredentialBootstrapping: {Enabled: true, RoleId: 'Administrator'},
    });
    const open = (await read()).ways.filter(({state}) => state === 'open');
    expect(open.map(({kind}) => kind)).toEqual(expect.arrayContaining(['host-interface', 'bootstrapping']));
    for (const {name} of open) expect(await it.closeWay(name, signal)).toEqual({ok: true, value: undefined});
    expect(waysOf(await read()).filter((way) => way.endsWith('open'))).toEqual([]);
    expect(bmc.writes()).toMatchSnapshot();
  });
});

test('what the recordings say of the ways from the host', async () => {
  const seen: Record<string, readonly string[]> = {};
  for (const vendor of vendors) {
    await start(vendor);
    seen[vendor] = (await read()).ways.map(({name, state, stays}) => `${name} ${state}${stays ? `: ${stays}` : ''}`);
    await made?.close();
    await bmc.close();
  }
  expect(seen).toMatchSnapshot();
  await start('hpe-dl385-ilo5');
});

test('HPE’s KCS property, by the documented shape: iLO 6 from 1.40 on', async () => {
  const it = await start('hpe-dl385-ilo5');
  set(`${root}/Managers/1/NetworkProtocol`, {Oem: {Hpe: {KcsEnabled: true}}});
  expect(waysOf(await read())).toContain('kcs open');
  expect(await it.closeWay('kcs', signal)).toMatchObject({ok: true});
  expect(bmc.writes()).toEqual(['PATCH /Managers/1/NetworkProtocol {"Oem":{"Hpe":{"KcsEnabled":false}}}']);
});

test('Lenovo’s KCS property, a flag as recorded and a text as some firmware has it', async () => {
  const it = await start('lenovo-sr670v2-xcc');
  expect(waysOf(await read())).toContain('kcs closed');
  set(`${root}/Managers/1`, {Oem: {Lenovo: {KCSEnabled: 'Enabled'}}});
  expect(await it.closeWay('kcs', signal)).toMatchObject({ok: true});
  expect(bmc.writes()).toEqual(['PATCH /Managers/1 {"Oem":{"Lenovo":{"KCSEnabled":"Disabled"}}}']);
});

test('Dell’s attributes, by the documented shape', async () => {
  const it = await start('dell-r750-idrac9');
  const at = `${root}/Managers/iDRAC.Embedded.1/Oem/Dell/DellAttributes/iDRAC.Embedded.1`;
  set(at, {Attributes: {'OS-BMC.1.AdminState': 'Enabled', 'LocalSecurity.1.LocalConfig': 'Enabled'}});
  expect(waysOf(await read())).toEqual(expect.arrayContaining(['host-interface open', 'tools open']));
  bmc.interfere = ({method, path, body}) => {
    if (method !== 'PATCH' || path !== at) return undefined;
    set(at, {Attributes: {...(bmc.resources.get(at)?.['Attributes'] as object), ...(body['Attributes'] as object)}});
    return {status: 200, body: {}};
  };
  expect(await it.closeWay('host-interface', signal)).toMatchObject({ok: true});
  expect(waysOf(await read())).toContain('tools open');
  expect(await it.closeWay('tools', signal)).toMatchObject({ok: true});
  expect(bmc.writes().map((each) => each.split(' ').at(-1))).toEqual([
    '{"Attributes":{"OS-BMC.1.AdminState":"Disabled"}}',
    '{"Attributes":{"LocalSecurity.1.LocalConfig":"Disabled"}}',
  ]);
});

describe.each([
  ['openbmc', 'support2', ['kcs unknown']],
  ['ami', '2', ['host-interface Self open', 'bootstrapping Self open', 'kcs unknown']],
] as const)('%s, by the documented shape', (vendor, other, ways) => {
  test('accounts, ways and the password', async () => {
    bmc = await fake(certificate, documented(vendor, user));
    const it = await connect();
    expect(it.profile.name).toBe(vendor);
    const state = await read();
    expect(state.accounts.map(({name, own}) => ({name, own}))).toEqual([
      {name: user, own: true},
      {name: 'support2', own: false},
    ]);
    expect(waysOf(state)).toEqual(ways);
    expect(state.ways.at(-1)?.stays).toEqual(expect.stringMatching(vendor === 'ami' ? /BIOS/ : /bmcweb/));
    expect(await it.closeWay('kcs', signal)).toMatchObject({ok: false, fault: {code: 'bmc.feature-missing'}});
    for (const {name, state: now} of state.ways)
      if (now === 'open') expect(await it.closeWay(name, signal)).toMatchObject({ok: true});
    expect(await it.removeAccount(other, signal)).toEqual({ok: true, value: 'deleted'});
    expect(await it.changePassword(signal)).toMatchObject({ok: true});
    expect(await it.takes('newpassword')).toEqual({ok: true, value: true});
    expect(waysOf(await read()).filter((way) => way.endsWith('open'))).toEqual([]);
  });
});

describe('other services', () => {
  test('sessions: who, from where, ours apart; a foreign one is ended and ours is not', async () => {
    const it = await start('supermicro-821ge-x13');
    const foreign = `${root}/SessionService/Sessions/77`;
    set(`${root}/SessionService/Sessions`, {Members: [{'@odata.id': foreign}]});
    set(foreign, {UserName: 'mallory', ClientOriginIPAddress: '198.51.100.66', SessionType: 'WebUI'});
    const {sessions} = await read();
    expect(sessions).toEqual([
      {id: '77', user: 'mallory', from: '198.51.100.66 WebUI', own: false},
      {id: '1', user, from: '', own: true},
    ]);
    expect(await it.endSession('1', signal)).toMatchObject({ok: false});
    expect(await it.endSession('77', signal)).toMatchObject({ok: true});
    expect(await it.endSession('77', signal)).toMatchObject({ok: true});
    expect((await read()).sessions).toHaveLength(1);
  });

  test('subscriptions, directories, firmware, certificates, media', async () => {
    const it = await start('dell-r750-idrac9');
    const events = `${root}/EventService`;
    set(events, {Subscriptions: {'@odata.id': `${events}/Subscriptions`}});
    set(`${events}/Subscriptions`, {Members: [{'@odata.id': `${events}/Subscriptions/1`}]});
    set(`${events}/Subscriptions/1`, {Destination: 'https://198.51.100.66/e', Protocol: 'Redfish'});
    set(`${root}/AccountService`, {LDAP: {ServiceEnabled: true}});
    const shown = `${managers['dell-r750-idrac9']}/NetworkProtocol/HTTPS/Certificates/SecurityCertificate.2`;
    expect((await read()).certificates).toEqual([]);
    set(shown, {CertificateString: certificate.cert});
    const slot = `${root}/Systems/System.Embedded.1/VirtualMedia/2`;
    set(slot, {Image: 'http://198.51.100.66/x.iso', Inserted: true, ConnectedVia: 'URI'});
    const state = await read();
    expect(state).toMatchObject({
      subscriptions: [{id: '1', destination: 'https://198.51.100.66/e'}],
      directories: ['ldap'],
      certificates: [certificate.pin],
      media: [{slot: '2', image: 'http://198.51.100.66/x.iso'}],
    });
    expect(state.firmware.map(({name, version}) => `${name} ${version}`)).toEqual([
      'BIOS 1.8.2',
      'Integrated Dell Remote Access Controller 6.00.30.00',
    ]);
    expect(must(await it.state('access')).firmware).toEqual([]);
    expect(await it.removeSubscription('1', signal)).toMatchObject({ok: true});
    expect((await read()).subscriptions).toEqual([]);
  });
});

describe('a change of the password that goes wrong', () => {
  test('its answer is lost: a login decides', async () => {
    const it = await start('supermicro-821ge-x13');
    await it.system();
    bmc.interfere = ({method, body}) => {
      if (method !== 'PATCH' || !('Password' in body)) return undefined;
      bmc.access.passwords = new Set([String(body['Password'])]);
      return {status: 0};
    };
    expect(await it.changePassword(signal)).toEqual({ok: true, value: undefined});
  });

  test('accepted and not done: the old one holds, and is said to', async () => {
    const it = await start('supermicro-821ge-x13');
    bmc.access.keep = () => [password];
    expect(await it.changePassword(signal)).toMatchObject({
      ok: false,
      fault: {code: 'bmc.rotation-failed', state: 'the old password holds'},
    });
    expect(bmc.access.refusals).toBe(2);
    expect(await it.system()).toMatchObject({ok: true});
  });

  test('the BMC keeps something else: the old one is put back over the session that is still open', async () => {
    const it = await start('supermicro-821ge-x13');
    bmc.access.keep = (set) => (set === next ? [set.slice(0, 4)] : [set]);
    expect(await it.changePassword(signal)).toMatchObject({
      ok: false,
      fault: {code: 'bmc.rotation-failed', state: 'the old password was set again and holds'},
    });
    expect(await it.takes('password')).toEqual({ok: true, value: true});
  });

  test('refused by a policy: nothing has changed, and the refusal does not repeat the password', async () => {
    const it = await start('supermicro-821ge-x13');
    bmc.interfere = ({method, body}) =>
      method === 'PATCH' && 'Password' in body
        ? problem(400, 'PropertyValueFormatError', `The value ${next} for the property Password is too weak.`)
        : undefined;
    const done = await it.changePassword(signal);
    expect(done).toMatchObject({ok: false, fault: {code: 'bmc.refused'}});
    expect(JSON.stringify(done)).not.toContain(next);
    expect(await it.takes('password')).toEqual({ok: true, value: true});
  });

  test('too long for this BMC: nothing is sent', async () => {
    const it = await start('supermicro-821ge-x13');
    set(`${root}/AccountService`, {MaxPasswordLength: 10});
    expect(await it.changePassword(signal)).toMatchObject({
      ok: false,
      fault: {says: expect.stringContaining('takes 8 to 10') as string, state: 'the old password holds'},
    });
    expect(bmc.writes()).toEqual([]);
  });

  test('every session ends with it: the next request logs in with the new one', async () => {
    const it = await start('supermicro-821ge-x13');
    await it.system();
    bmc.interfere = ({method, body}) => {
      if (method !== 'PATCH' || !('Password' in body)) return undefined;
      bmc.access.passwords = new Set([String(body['Password'])]);
      bmc.sessions.clear();
      return {status: 204};
    };
    expect(await it.changePassword(signal)).toEqual({ok: true, value: undefined});
    expect(await it.system()).toMatchObject({ok: true});
  });

  test('after a crash either one holds: a connection finds out which', async () => {
    await start('supermicro-821ge-x13');
    await made?.close();
    bmc.access.passwords = new Set([next]);
    expect(await (await connect()).system()).toMatchObject({ok: true});
    expect(bmc.access.refusals).toBe(1);
    await made?.close();
    expect(await (await connect({inForce: 'newpassword'})).system()).toMatchObject({ok: true});
    expect(bmc.access.refusals).toBe(1);
  });
});

describe('a hostile BMC', () => {
  test('pages that lead back to themselves end in a fault', async () => {
    await start('supermicro-821ge-x13');
    const at = `${root}/AccountService/Accounts`;
    set(at, {'Members@odata.nextLink': at});
    expect(await made!.state('access')).toMatchObject({ok: false, fault: {code: 'bmc.refused'}});
  });

  test('more accounts than any BMC has are not read to their end', async () => {
    await start('supermicro-821ge-x13');
    const members = Array.from({length: 100_000}, (_, index) => ({'@odata.id': accountAt(String(index))}));
    set(`${root}/AccountService/Accounts`, {Members: members});
    const asked = bmc.asked.length;
    expect(await made!.state('access')).toMatchObject({ok: false, fault: {code: 'bmc.refused'}});
    expect(bmc.asked.length - asked).toBeLessThan(5);
  });

  test('names are cut, and a link to another machine is not followed', async () => {
    await start('supermicro-821ge-x13');
    set(accountAt('4'), {UserName: `\u001B]0;owned\u0007${'x'.repeat(3000)}`, RoleId: {nested: []}});
    const [, second] = must(await made!.state('access')).accounts;
    expect(second?.name.length).toBeLessThanOrEqual(129);
    expect(second?.role).toBe('Administrator');
    set(`${root}/AccountService/Accounts`, {Members: [{'@odata.id': 'https://198.51.100.66/redfish/v1/x'}]});
    expect(await made!.state('access')).toMatchObject({ok: false, fault: {code: 'bmc.refused'}});
  });
});
