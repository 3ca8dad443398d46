import {afterEach, beforeAll, describe, expect, test} from 'vitest';
import type {RedfishBmc} from '../../../src/device/redfish/connect.ts';
import type {Result} from '../../../src/result.ts';
import type {BmcScreen} from '../../../src/step/world/bmc.ts';
import {selfSigned, type Certificate} from '../certificate.ts';
import {connectedTo, fake, inTurn, problem, type Asked, type Fake} from '../redfish-fake.ts';
import {recorded, vendors, type Resource, type Vendor} from '../replies.ts';

const {signal} = new AbortController();
const png = Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), Buffer.alloc(3000, 7)]);
const jpg = Buffer.concat([Buffer.from('ffd8ffe0', 'hex'), Buffer.alloc(3000, 9)]);

const manager = '/redfish/v1/Managers/iDRAC.Embedded.1';
const service = `${manager}/Oem/Dell/DellLCService`;
const action = '#DellLCService.ExportServerScreenShot';
const target = `${service}/Actions/DellLCService.ExportServerScreenShot`;

/** By the shape that Dell documents: it was not recorded. */
const lcService = (at = target): Resource => ({
  '@odata.id': service,
  Actions: {[action]: {'FileType@Redfish.AllowableValues': ['LastCrashScreenShot', 'ServerScreenShot'], target: at}},
});

let certificate: Certificate;
let bmc: Fake;
let made: RedfishBmc;

beforeAll(() => {
  certificate = selfSigned();
});

afterEach(async () => {
  await made.close();
  await bmc.close();
});

async function start(vendor: Vendor = 'dell-r750-idrac9', bodyBytes?: number): Promise<void> {
  bmc = await fake(certificate, recorded(vendor));
  if (vendor === 'dell-r750-idrac9') bmc.resources.set(service, lcService());
  made = await connectedTo(bmc, certificate, bodyBytes === undefined ? {} : {limits: {bodyBytes}}, signal);
}

const asks = ({method, path}: Asked): boolean => method === 'POST' && path.endsWith('ExportServerScreenShot');
const shows = (data: Buffer, status = 200, headers = {}) => ({
  status,
  headers,
  body: {ServerScreenShotFile: data.toString('base64')},
});
const codeOf = (shown: Result<BmcScreen>): string => (shown.ok ? 'shown' : shown.fault.code);

describe('the screen of a Dell', () => {
  test.each([
    ['png', png],
    ['jpg', jpg],
  ] as const)('is asked for once, and is a %s by its first bytes', async (form, data) => {
    await start();
    bmc.interfere = (asked) => (asks(asked) ? shows(data) : undefined);
    expect(await made.screen(signal)).toEqual({ok: true, value: {form, data, asked: target}});
    expect(bmc.writes()).toEqual([`POST ${target.replace('/redfish/v1', '')} {"FileType":"ServerScreenShot"}`]);
  });

  test('is in the 202 itself, though that names a job', async () => {
    await start();
    const headers = {location: '/redfish/v1/TaskService/Tasks/JID_1'};
    bmc.interfere = (asked) => (asks(asked) ? shows(png, 202, headers) : undefined);
    expect(await made.screen(signal)).toMatchObject({ok: true, value: {form: 'png'}});
    expect(bmc.asked.some(({path}) => path.includes('TaskService'))).toBe(false);
  });

  test('comes with the end of the task where the 202 holds none', async () => {
    await start();
    const task = '/redfish/v1/TaskService/TaskMonitors/1';
    const answers = inTurn(({path}) => path === task, {status: 202}, shows(png));
    bmc.interfere = (asked) => (asks(asked) ? {status: 202, headers: {location: task}} : answers(asked));
    expect(await made.screen(signal)).toMatchObject({ok: true, value: {form: 'png', data: png}});
  });

  test('comes through a burst of 5xx and a lost answer', async () => {
    await start();
    bmc.interfere = inTurn(asks, {status: 500, body: 'busy'}, {status: 0}, problem(503, 'X', 'Wait.'), shows(png));
    expect(await made.screen(signal)).toMatchObject({ok: true});
    expect(bmc.asked.filter(asks)).toHaveLength(4);
  });

  test('of a BMC that stays broken is a fault, and not asked for long', async () => {
    await start();
    bmc.interfere = (asked) => (asks(asked) ? problem(500, 'InternalError', 'Broken.') : undefined);
    expect(codeOf(await made.screen(signal))).toBe('bmc.refused');
    expect(bmc.asked.filter(asks)).toHaveLength(4);
  });

  test('of a machine that is off is refused with what the BMC says', async () => {
    await start();
    bmc.interfere = (asked) => (asks(asked) ? problem(400, 'SYS464', 'The server is powered off.') : undefined);
    expect(await made.screen(signal)).toMatchObject({ok: false, fault: {code: 'bmc.refused'}});
    expect(bmc.asked.filter(asks)).toHaveLength(1);
  });

  test.each([
    ['no base64', {ServerScreenShotFile: 'secret words of the host'}],
    ['no picture', {ServerScreenShotFile: Buffer.from('secret words of the host').toString('base64')}],
    ['a list', {ServerScreenShotFile: [png.toString('base64')]}],
    ['nothing', {}],
    ['another member', {ScreenShot: png.toString('base64')}],
    ['no JSON', png],
  ])('that is %s is a fault without a word of it', async (_, body) => {
    await start();
    bmc.interfere = (asked) => (asks(asked) ? {status: 200, body} : undefined);
    const shown = await made.screen(signal);
    expect(codeOf(shown)).toBe('bmc.screen-unreadable');
    expect(JSON.stringify(shown)).not.toMatch(/secret|c2VjcmV0/);
  });

  test('longer than an answer may be is cut off', async () => {
    await start('dell-r750-idrac9', 64_000);
    bmc.interfere = (asked) => (asks(asked) ? shows(Buffer.concat([png, Buffer.alloc(64_000)])) : undefined);
    expect(await made.screen(signal)).toMatchObject({
      ok: false,
      fault: {code: 'bmc.refused', says: expect.stringContaining('64000')},
    });
  });

  test.each([
    ['the service is not there', () => void bmc.resources.delete(service)],
    ['the service has no such action', () => void bmc.resources.set(service, {Actions: {}})],
    ['the action is not known', () => void (bmc.interfere = (asked) => (asks(asked) ? {status: 405} : undefined))],
    [
      'a licence is missing',
      () =>
        void (bmc.interfere = (asked) =>
          asks(asked) ? problem(403, 'LIC501', 'A required license is missing or expired.') : undefined),
    ],
  ])('is not shown where %s', async (_, set) => {
    await start();
    set();
    expect(codeOf(await made.screen(signal))).toBe('bmc.screen-not-shown');
  });

  test.each(['https://192.0.2.9/redfish/v1/x', '/etc/passwd', '/redfish/v1/x?y=1', `/redfish/v1/${'x'.repeat(301)}`])(
    'is not asked for at %s',
    async (odd) => {
      await start();
      bmc.resources.set(service, lcService(odd));
      expect(codeOf(await made.screen(signal))).toBe('bmc.refused');
      expect(bmc.writes()).toEqual([]);
    },
  );

  test('is not followed out of the BMC by the manager’s link', async () => {
    await start();
    const links = {Oem: {Dell: {DellLCService: {'@odata.id': 'https://192.0.2.9/redfish/v1/x'}}}};
    bmc.resources.set(manager, {...bmc.resources.get(manager), Links: links});
    expect(codeOf(await made.screen(signal))).toBe('bmc.refused');
    expect(bmc.writes()).toEqual([]);
  });
});

test.each(vendors.filter((vendor) => !vendor.startsWith('dell')))('%s shows none, and is not asked', async (vendor) => {
  await start(vendor);
  const before = bmc.asked.length;
  expect(codeOf(await made.screen(signal))).toBe('bmc.screen-not-shown');
  expect(bmc.asked.length).toBe(before);
});
