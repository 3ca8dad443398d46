import {describe, expect, test} from 'vitest';
import {dell} from '../../../src/device/profile/dell.ts';
import {detect} from '../../../src/device/profile/detect.ts';
import type {ScreenAction} from '../../../src/device/profile/screen.ts';
import {pictureOf} from '../../../src/device/redfish/picture.ts';
import {screenService, screenTarget} from '../../../src/device/redfish/screen-request.ts';
import {recorded} from '../replies.ts';

const manager = '/redfish/v1/Managers/iDRAC.Embedded.1';
const service = `${manager}/Oem/Dell/DellLCService`;
const action = '#DellLCService.ExportServerScreenShot';
const target = `${service}/Actions/DellLCService.ExportServerScreenShot`;
const screen = dell.screen as ScreenAction;

const targetIn = (body: unknown) => screenTarget(screen, {path: service, body});

describe('Dell’s way to the screen', () => {
  const all = recorded('dell-r750-idrac9');
  const body = all.get(manager);

  test('is known of what was recorded', () => {
    expect(detect(all.get('/redfish/v1'), {}, body).screen).toBe(screen);
  });

  test('goes where the manager links it, as recorded', () => {
    expect(screenService(screen, {path: manager, body})).toBe(service);
    const linked = {Links: {Oem: {Dell: {DellLCService: {'@odata.id': '/redfish/v1/Dell/Managers/x/DellLCService'}}}}};
    expect(screenService(screen, {path: manager, body: linked})).toBe('/redfish/v1/Dell/Managers/x/DellLCService');
    expect(screenService(screen, {path: `${manager}/`, body: {}})).toBe(service);
  });

  test('is the action that the service shows, and the usual place only where it shows none at all', () => {
    expect(targetIn({Actions: {[action]: {target: '/redfish/v1/elsewhere'}}})).toBe('/redfish/v1/elsewhere');
    expect(targetIn({Actions: {Oem: {[action]: {target}}}})).toBe(target);
    expect(targetIn({})).toBe(target);
    expect(targetIn({Actions: {'#DellLCService.ExportLCLog': {target}}})).toBeUndefined();
    expect(targetIn({Actions: {[action]: {target: 7}}})).toBeUndefined();
  });
});

test('the lab’s BMC is known by its manager', () => {
  expect(detect({Vendor: 'rebuild'}, {Manufacturer: 'rebuild'}, {Model: 'lab BMC'}).name).toBe('lab');
  expect(detect({}, {}, {Model: 'lab BMC 2'}).name).toBe('generic');
});

const png = Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), Buffer.alloc(300, 7)]);
const jpg = Buffer.concat([Buffer.from('ffd8ffe0', 'hex'), Buffer.alloc(300, 9)]);

const sent = (data: Uint8Array): string => Buffer.from(data).toString('base64');

describe('a picture', () => {
  test('is what it begins like, whatever it is called', () => {
    expect(pictureOf(sent(png))).toEqual({form: 'png', data: png});
    expect(pictureOf(sent(jpg))).toEqual({form: 'jpg', data: jpg});
    expect(pictureOf(sent(png).replaceAll(/.{76}/g, '$&\r\n'))).toEqual({form: 'png', data: png});
  });

  test.each<[string, unknown]>([
    ['absent', undefined],
    ['a number', 7],
    ['an object', {}],
    ['a list', [sent(png)]],
    ['an empty text', ''],
    ['words', 'no picture today'],
    ['base64 and more', `${sent(png)}!`],
    ['base64 and too much', `${sent(png)}A`],
    ['padding before', `=${sent(png)}`],
    ['a data URL', `data:image/png;base64,${sent(png)}`],
    ['without its first byte', sent(png.subarray(1))],
    ['cut in its first bytes', sent(png.subarray(0, 7))],
    ['an SVG', sent(Buffer.from('<svg onload="alert(1)">'))],
    ['a GIF', sent(Buffer.from('GIF89a'))],
  ])('is none where it is %s', (_, value) => {
    expect(pictureOf(value)).toBeUndefined();
  });

  test('as long as an answer may be is looked at in passing', () => {
    const long = sent(Buffer.concat([png, Buffer.alloc(3 << 20)]));
    expect(pictureOf(long)?.data).toHaveLength(png.length + (3 << 20));
    expect(pictureOf('='.repeat(1 << 22))).toBeUndefined();
    expect(pictureOf(`${'A'.repeat(1 << 22)}====`)).toBeUndefined();
  });
});
