import {once} from 'node:events';
import {createServer as createTcpServer, type AddressInfo} from 'node:net';
import {createServer as createTlsServer} from 'node:tls';
import {gzipSync} from 'node:zlib';
import {afterEach, beforeAll, beforeEach, describe, expect, test} from 'vitest';
import {connectRedfish, type RedfishBmc, type RedfishOptions} from '../../../src/device/redfish/connect.ts';
import type {Result} from '../../../src/result.ts';
import {Secret} from '../../../src/secret.ts';
import {selfSigned, type Certificate} from '../certificate.ts';
import {hasty} from '../hasty.ts';
import {fake, inTurn, password, problem, user, type Asked, type Fake} from '../redfish-fake.ts';
import {recorded, reply} from '../replies.ts';

let certificate: Certificate;
let bmc: Fake;
const open: RedfishBmc[] = [];
const life = new AbortController();

beforeAll(() => {
  certificate = selfSigned();
});

beforeEach(async () => {
  bmc = await fake(certificate, recorded('hpe-dl385-ilo5'));
});

afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
  await bmc.close();
});

async function connect(options: Partial<RedfishOptions> = {}, signal = life.signal): Promise<Result<RedfishBmc>> {
  const connected = await connectRedfish(
    {
      url: bmc.url,
      certificate: certificate.pin,
      user: new Secret(user),
      password: new Secret(password),
      clock: hasty(),
      ...options,
    },
    signal,
  );
  if (connected.ok) open.push(connected.value);
  return connected;
}

async function connected(options: Partial<RedfishOptions> = {}): Promise<RedfishBmc> {
  const made = await connect(options);
  if (!made.ok) throw new Error(JSON.stringify(made.fault));
  return made.value;
}

const gzip = (body: unknown) => ({
  status: 200,
  headers: {'content-encoding': 'gzip'},
  body: gzipSync(JSON.stringify(body)),
});

const isLogin = ({method, path}: Asked): boolean => method === 'POST' && path.endsWith('/Sessions');
const logins = (): number => bmc.asked.filter(isLogin).length;

describe('the certificate', () => {
  test('pinned is enough: it is self-signed and for another name', async () => {
    const made = await connected();
    expect(made.localAddress).toBe('127.0.0.1');
    expect(made.profile.name).toBe('hpe');
  });

  test('of someone else ends it before a byte of HTTP was sent', async () => {
    const received: Buffer[] = [];
    const other = createTlsServer({key: certificate.key, cert: certificate.cert}, (socket) => {
      socket.on('data', (data: Buffer) => received.push(data)).on('error', () => {});
    });
    other.listen(0, '127.0.0.1');
    await once(other, 'listening');
    const {port} = other.address() as AddressInfo;
    const found = await connect({url: `https://127.0.0.1:${port}`, certificate: selfSigned().pin});
    expect(found).toMatchObject({
      ok: false,
      fault: {code: 'bmc.certificate-differs', detail: {found: certificate.pin}},
    });
    expect(received).toEqual([]);
    other.close();
  });

  test('is checked on every connection, not only on the first', async () => {
    const made = await connected();
    const {port} = new URL(bmc.url);
    await bmc.close();
    const asked: unknown[] = [];
    const impostor = createTlsServer(selfSigned(), (socket) => {
      socket.on('data', (data: Buffer) => asked.push(data)).on('error', () => {});
    });
    impostor.listen(Number(port), '127.0.0.1');
    await once(impostor, 'listening');
    expect(await made.system()).toMatchObject({ok: false, fault: {code: 'bmc.certificate-differs'}});
    await open.pop()?.close();
    expect(asked).toEqual([]);
    impostor.close();
    bmc = await fake(certificate, new Map());
  });

  test('cannot be checked over http, so nothing is sent', async () => {
    expect(await connect({url: bmc.url.replace('https', 'http')})).toMatchObject({
      ok: false,
      fault: {code: 'bmc.certificate-differs'},
    });
    expect(bmc.asked).toEqual([]);
  });
});

describe('reaching it', () => {
  test('a BMC that is off is a fault at once', async () => {
    const nobody = createTcpServer().listen(0, '127.0.0.1');
    await once(nobody, 'listening');
    const {port} = nobody.address() as AddressInfo;
    nobody.close();
    await once(nobody, 'close');
    const clock = hasty();
    const found = await connect({url: `https://127.0.0.1:${port}`, clock});
    expect(found).toMatchObject({ok: false, fault: {code: 'bmc.unreachable', detail: {code: 'ECONNREFUSED'}}});
    expect(clock.slept).toEqual([]);
  });

  test('one that accepts and never speaks is cut off', async () => {
    const mute = createTcpServer(() => {}).listen(0, '127.0.0.1');
    await once(mute, 'listening');
    const {port} = mute.address() as AddressInfo;
    const found = await connect({url: `https://127.0.0.1:${port}`, limits: {connectMs: 300}});
    expect(found).toMatchObject({ok: false, fault: {code: 'bmc.unreachable'}});
    mute.close();
  });

  test('one that never answers a request is cut off', async () => {
    const silent = createTlsServer({key: certificate.key, cert: certificate.cert}, (socket) => {
      socket.on('error', () => {}).resume();
    });
    silent.listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const {port} = silent.address() as AddressInfo;
    const found = await connect({url: `https://127.0.0.1:${port}`, limits: {exchangeMs: 300}});
    expect(found).toMatchObject({ok: false, fault: {code: 'bmc.unreachable'}});
    silent.close();
  });

  test('a burst of 5xx passes', async () => {
    const busy = problem(503, 'ServiceTemporarilyUnavailable', 'Starting.');
    bmc.interfere = inTurn(({method}) => method === 'GET', busy, busy, {status: 500, body: '<html>oops</html>'});
    const clock = hasty();
    expect((await connected({clock})).profile.name).toBe('hpe');
    expect(clock.slept.length).toBeGreaterThanOrEqual(3);
  });

  test('an abort ends the connection, and its session is deleted all the same', async () => {
    const abort = new AbortController();
    const made = await connect({}, abort.signal);
    if (!made.ok) throw new Error(made.fault.says);
    abort.abort();
    expect(await made.value.system()).toMatchObject({ok: false, fault: {code: 'run.interrupted'}});
    expect(bmc.sessions.size).toBe(1);
    await made.value.close();
    expect(bmc.sessions.size).toBe(0);
  });
});

describe('the session', () => {
  test('carries every request by token; the password is sent once and never by Basic', async () => {
    const made = await connected();
    await made.system();
    expect(logins()).toBe(1);
    for (const {headers, path} of bmc.asked) {
      expect(headers.authorization).toBeUndefined();
      expect(headers['odata-version']).toBe('4.0');
      expect(headers['accept-encoding']).toBe('identity');
      expect(headers.connection).toBe('close');
      if (path !== '/redfish/v1/' && !path.endsWith('/Sessions')) expect(headers['x-auth-token']).toBeDefined();
    }
  });

  test('is deleted at the end, also when its Location names another host', async () => {
    await connected();
    expect(bmc.sessions.size).toBe(1);
    await open.pop()?.close();
    expect(bmc.sessions.size).toBe(0);
    expect(bmc.asked.at(-1)).toMatchObject({method: 'DELETE', path: '/redfish/v1/SessionService/Sessions/1'});
  });

  test('that ran out is made anew once, and the request repeated', async () => {
    const made = await connected();
    bmc.sessions.clear();
    expect(await made.system()).toMatchObject({ok: true});
    expect(logins()).toBe(2);
  });

  test('that ran out under several requests at once is made anew only once', async () => {
    const made = await connected();
    bmc.sessions.clear();
    const all = await Promise.all([made.system(), made.system(), made.system()]);
    expect(all.every(({ok}) => ok)).toBe(true);
    expect(logins()).toBe(2);
  });

  test('that is refused after each of three more log-ins is not asked for again', async () => {
    const made = await connected();
    bmc.interfere = (asked) => (isLogin(asked) ? undefined : problem(401, 'NoValidSession', 'No.'));
    expect(await made.system()).toMatchObject({ok: false, fault: {code: 'bmc.credentials-refused'}});
    expect(logins()).toBe(4);
  });

  test('a recorded NoValidSession under another status is a lost session too', async () => {
    const made = await connected();
    bmc.interfere = inTurn(({path}) => path.endsWith('/Systems/1'), {
      status: 403,
      body: reply('errors/session_error.json'),
    });
    expect(await made.system()).toMatchObject({ok: true});
    expect(logins()).toBe(2);
  });

  test('wrong credentials are tried once, whatever is asked afterwards', async () => {
    const found = await connect({password: new Secret('guess')});
    expect(found).toMatchObject({ok: false, fault: {code: 'bmc.credentials-refused'}});
    expect(logins()).toBe(1);
    const made = await connected();
    bmc.sessions.clear();
    bmc.interfere = inTurn(isLogin, problem(401, 'AccessDenied', 'Denied.'));
    const before = logins();
    expect(await made.system()).toMatchObject({ok: false, fault: {code: 'bmc.credentials-refused'}});
    expect(await made.media()).toMatchObject({ok: false, fault: {code: 'bmc.credentials-refused'}});
    expect(logins()).toBe(before + 1);
  });

  test('a full pool is waited for', async () => {
    const full = problem(503, 'SessionLimitExceeded', 'The session establishment failed.');
    bmc.interfere = inTurn(isLogin, full, full);
    await connected();
    expect(logins()).toBe(3);
  });

  test('a pool that stays full is a fault of its own, not wrong credentials', async () => {
    bmc.interfere = (asked) =>
      isLogin(asked) ? problem(400, 'SessionLimitExceeded', 'The session establishment failed.') : undefined;
    const found = await connect();
    expect(found).toMatchObject({
      ok: false,
      fault: {code: 'bmc.refused', says: expect.stringContaining('sessions are taken')},
    });
    expect(logins()).toBeLessThan(15);
  });

  test('Basic is used only where the BMC has no session service', async () => {
    const root = bmc.resources.get('/redfish/v1') ?? {};
    delete root['SessionService'];
    delete root['Links'];
    await connected();
    expect(logins()).toBe(0);
    expect(bmc.asked.at(-1)?.headers.authorization).toMatch(/^Basic /);
  });

  test('an account whose password must be changed first is told so', async () => {
    bmc.interfere = inTurn(isLogin, problem(403, 'PasswordChangeRequired', 'Change it.'));
    expect(await connect()).toMatchObject({
      ok: false,
      fault: {code: 'bmc.credentials-refused', says: expect.stringContaining('changed first')},
    });
  });

  test('what a refusal quotes of our secrets is masked', async () => {
    bmc.interfere = inTurn(isLogin, problem(400, 'PropertyValueError', `The value ${password} of ${user} is wrong.`));
    const found = await connect();
    expect(found.ok).toBe(false);
    expect(JSON.stringify(found)).not.toContain(password);
    expect(JSON.stringify(found)).not.toContain(user);
  });
});

describe('a hostile or odd BMC', () => {
  const system = '/redfish/v1/Systems/1';

  test('cannot send us, or our token, elsewhere by redirect', async () => {
    const made = await connected();
    const before = bmc.asked.length;
    bmc.interfere = inTurn(() => true, {status: 302, headers: {location: 'https://127.0.0.2/redfish/v1/Systems/1'}});
    expect(await made.system()).toMatchObject({ok: false, fault: {code: 'bmc.refused'}});
    expect(bmc.asked.length).toBe(before + 1);
  });

  test('may redirect within itself', async () => {
    const made = await connected();
    bmc.interfere = inTurn(() => true, {status: 308, headers: {location: `${system}/`}});
    expect(await made.system()).toMatchObject({ok: true});
  });

  test('that redirects in circles is left', async () => {
    const made = await connected();
    bmc.interfere = () => ({status: 307, headers: {location: system}});
    expect(await made.system()).toMatchObject({ok: false, fault: {code: 'bmc.refused'}});
  });

  test.each([
    'https://127.0.0.2/redfish/v1/Systems/1',
    '//evil/redfish/v1/Systems/1',
    'http://127.0.0.1/redfish/v1',
    '/etc/passwd',
    '/redfish/../login',
    'file:///redfish/v1',
  ])('cannot link us to %s', async (target) => {
    bmc.resources.set('/redfish/v1/Systems', {Members: [{'@odata.id': target}]});
    expect(await connect()).toMatchObject({ok: false, fault: {code: 'bmc.refused'}});
    expect(bmc.asked.every(({path}) => path.startsWith('/redfish/v1'))).toBe(true);
  });

  test('that sends too much is cut off', async () => {
    const made = await connected({limits: {bodyBytes: 100_000}});
    bmc.interfere = () => ({status: 200, body: {padding: 'x'.repeat(200_000)}});
    expect(await made.system()).toMatchObject({
      ok: false,
      fault: {code: 'bmc.refused', says: expect.stringContaining('100000')},
    });
  });

  test('that nests without end is not followed down', async () => {
    const made = await connected();
    bmc.interfere = () => ({status: 200, body: '['.repeat(200_000)});
    expect(await made.system()).toMatchObject({ok: false, fault: {code: 'bmc.feature-missing'}});
  });

  test('that answers an error in HTML is quoted in a line', async () => {
    const made = await connected();
    bmc.interfere = inTurn(() => true, {status: 403, body: '<html><script>alert(1)</script><h1>Not\nhere</h1></html>'});
    expect(await made.system()).toMatchObject({
      ok: false,
      fault: {code: 'bmc.refused', says: 'the BMC answered 403: Not here'},
    });
  });

  test('that wants no Accept-Encoding gets none, and may send gzip', async () => {
    bmc.interfere = ({headers}) => (headers['accept-encoding'] === 'identity' ? {status: 406} : undefined);
    expect((await connected()).profile.name).toBe('hpe');
    expect(bmc.asked.filter(({headers}) => headers['accept-encoding'] === 'identity')).toHaveLength(1);
  });

  test('that sends gzip unasked is read, up to the limit of a reply', async () => {
    const made = await connected({limits: {bodyBytes: 100_000}});
    bmc.interfere = inTurn(() => true, gzip(bmc.resources.get(system)), gzip({padding: 'x'.repeat(10_000_000)}));
    expect(await made.system()).toMatchObject({ok: true});
    expect(await made.system()).toMatchObject({ok: false, fault: {code: 'bmc.refused'}});
  });

  test('a licence that is missing is told as such', async () => {
    const made = await connected();
    bmc.interfere = ({path}) =>
      path.includes('VirtualMedia')
        ? problem(403, 'LicenseKeyRequired', 'This feature requires an iLO Advanced license.')
        : undefined;
    expect(await made.media()).toMatchObject({ok: false, fault: {code: 'bmc.feature-missing'}});
  });
});

test('the system chosen among several is the one with the runbook’s serial number', async () => {
  const one = bmc.resources.get('/redfish/v1/Systems/1') ?? {};
  bmc.resources.set('/redfish/v1/Systems/2', {...one, SerialNumber: 'BLADE-2'});
  bmc.resources.set('/redfish/v1/Systems', {
    Members: [{'@odata.id': '/redfish/v1/Systems/1'}, {'@odata.id': '/redfish/v1/Systems/2'}],
  });
  const made = await connected({serial: 'BLADE-2'});
  expect(await made.system()).toMatchObject({ok: true, value: {serial: 'BLADE-2'}});
});

test('drives are read from Storage, those without a serial left out', async () => {
  const storage = '/redfish/v1/Systems/1/Storage';
  bmc.resources.set('/redfish/v1/Systems/1', {
    ...bmc.resources.get('/redfish/v1/Systems/1'),
    Storage: {'@odata.id': storage},
  });
  const made = await connected();
  expect(await made.drives()).toEqual({ok: true, value: undefined});
  bmc.resources.set(storage, {Members: [{'@odata.id': `${storage}/A`}]});
  const paths = Array.from({length: 9}, (_, at) => `${storage}/A/Drives/${at}`);
  bmc.resources.set(`${storage}/A`, {Drives: paths.map((path) => ({'@odata.id': path}))});
  for (const [at, path] of paths.entries())
    if (at !== 4)
      bmc.resources.set(path, {
        SerialNumber: at === 5 ? null : ` S${at} `,
        Manufacturer: 'Maker',
        Model: 'M',
        CapacityBytes: 480_000_000_000,
      });
  const drives = await made.drives();
  expect(drives.ok && drives.value?.map(({serial}) => serial)).toEqual(['S0', 'S1', 'S2', 'S3', 'S6', 'S7', 'S8']);
  expect(drives.ok && drives.value?.[0]).toEqual({
    serial: 'S0',
    vendor: 'Maker',
    model: 'M',
    sizeBytes: 480_000_000_000,
  });
});
