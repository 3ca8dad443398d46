import {afterEach, beforeAll, expect, test} from 'vitest';
import type {RedfishBmc} from '../../../src/device/redfish/connect.ts';
import {logEntry, mediaEvent} from '../../../src/device/redfish/log-entry.ts';
import {dell} from '../../../src/device/profile/dell.ts';
import {generic} from '../../../src/device/profile/generic.ts';
import type {BmcEvents} from '../../../src/step/world/bmc.ts';
import {selfSigned, type Certificate} from '../certificate.ts';
import {connectedTo, fake, type Fake} from '../redfish-fake.ts';
import {recorded, reply, type Resource, type Vendor} from '../replies.ts';

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

async function start(vendor: Vendor, logs: Readonly<Record<string, Resource>>): Promise<void> {
  bmc = await fake(certificate, recorded(vendor));
  for (const [path, resource] of Object.entries(logs)) bmc.resources.set(path, resource);
  made = await connectedTo(bmc, certificate);
}

async function news(mark?: string): Promise<BmcEvents> {
  const read = await made.events(mark);
  if (!read.ok || !read.value) throw new Error(JSON.stringify(read));
  return read.value;
}

const services = (owner: string, ...ids: readonly string[]): Record<string, Resource> => ({
  [owner]: {Members: ids.map((id) => ({'@odata.id': `${owner}/${id}`}))},
  ...Object.fromEntries(
    ids.map((id) => [`${owner}/${id}`, {Id: id, Entries: {'@odata.id': `${owner}/${id}/Entries`}}]),
  ),
});

const iel = '/redfish/v1/Managers/1/LogServices';
const entries = `${iel}/IEL/Entries`;
const ielEntry = (id: number): Resource => reply(`hpe-dl360-ilo5-events/Managers/1/LogServices/IEL/Entries/${id}.json`);
/** iLO's collection only links to its entries, the oldest first. */
const shown = (...ids: readonly number[]): void => {
  bmc.resources.set(entries, {Members: ids.map((id) => ({'@odata.id': `${entries}/${id}`}))});
  for (const id of ids) bmc.resources.set(`${entries}/${id}`, ielEntry(id));
};

test('a recorded iLO: inserted by an operator, ejected by a reset of the server', async () => {
  await start('hpe-dl385-ilo5', services(iel, 'IEL'));
  shown(14);
  const before = await news();
  expect(before.events).toEqual([]);
  shown(14, 31);
  const after = await news(before.mark);
  expect(after.events).toEqual([
    {is: 'ejected', by: 'reset', code: '35.169', says: 'Scriptable virtual media ejected by: Server_Reboot.'},
  ]);
  shown(14, 31, 99, 124);
  expect((await news(after.mark)).events.map(({is, by}) => [is, by])).toEqual([
    ['ejected', 'other'],
    ['inserted', 'other'],
  ]);
  expect((await news((await news(after.mark)).mark)).events).toEqual([]);
});

test('entries that were read are not read again', async () => {
  await start('hpe-dl385-ilo5', services(iel, 'IEL'));
  shown(14, 31);
  const {mark} = await news();
  shown(14, 31, 99);
  bmc.asked.length = 0;
  await news(mark);
  expect(bmc.asked.filter(({path}) => path.startsWith(`${entries}/`)).map(({path}) => path)).toEqual([`${entries}/99`]);
});

test('a log that was cleared begins anew, and what it says then is news', async () => {
  await start('hpe-dl385-ilo5', services(iel, 'IEL'));
  shown(14, 146);
  const {mark} = await news();
  bmc.resources.set(entries, {Members: [{'@odata.id': `${entries}/1`}]});
  bmc.resources.set(`${entries}/1`, {...ielEntry(31), Id: '1'});
  expect((await news(mark)).events).toMatchObject([{is: 'ejected', by: 'reset'}]);
});

test('entries in full and newest first, over pages, of the log that its vendor keeps for this', async () => {
  const at = '/redfish/v1/Managers/iDRAC.Embedded.1/LogServices';
  await start('dell-r750-idrac9', services(at, 'Sel', 'Lclog', 'FaultList'));
  const lclog = `${at}/Lclog/Entries`;
  const line = (id: number, code: string, says: string): Resource => ({
    '@odata.id': `${lclog}/${id}`,
    Id: `${id}`,
    Created: '2024-08-08T18:48:10-05:00',
    MessageId: code,
    Message: says,
  });
  const older = line(7, 'IDRAC.2.8.USR0030', 'Successfully logged in using operator.');
  bmc.resources.set(lclog, {Members: [older], 'Members@odata.nextLink': `${lclog}?$skip=1`});
  bmc.resources.set(`${at}/Sel/Entries`, {Members: []});
  const {mark} = await news();
  bmc.resources.set(lclog, {
    Members: [line(9, 'IDRAC.2.8.RAC0776', 'The share is gone.'), line(8, 'IDRAC.2.8.PSU1', 'Power restored.'), older],
    'Members@odata.nextLink': `${lclog}?$skip=3`,
  });
  bmc.asked.length = 0;
  expect((await news(mark)).events).toMatchObject([{is: 'ejected', code: 'IDRAC.2.8.RAC0776'}]);
  expect(bmc.asked.some(({path}) => path.includes('$skip'))).toBe(false);
  expect(bmc.asked.some(({path}) => path.includes('FaultList'))).toBe(false);
});

test('a BMC without a log is asked once', async () => {
  await start('lenovo-sr670v2-xcc', {});
  expect(await made.events()).toEqual({ok: true, value: undefined});
  bmc.asked.length = 0;
  expect(await made.events()).toEqual({ok: true, value: undefined});
  expect(bmc.asked).toEqual([]);
});

test.each([
  ['Virtual media connected.', 'inserted'],
  ['Virtual media disconnected.', 'ejected'],
  ['Virtual media connection lost: fault eject.', 'ejected'],
  ['Virtual media could not be connected.', 'ejected'],
  ['Remote media image unmounted by session end', 'ejected'],
  ['Virtual CD attached.', 'inserted'],
  ['System reset: ForceOff.', undefined],
  ['Network link connected.', undefined],
  ['Virtual media policy was changed.', undefined],
])('in words, without a code: %s', (says, is) => {
  expect(mediaEvent(generic, {order: 1, code: '', says})?.is).toBe(is);
});

test('a code counts whatever the words, and an entry of nonsense is none', () => {
  expect(mediaEvent(dell, {order: 1, code: 'IDRAC.2.8.VME0004', says: 'x'})).toMatchObject({is: 'ejected'});
  expect(mediaEvent(dell, {order: 1, code: 'IDRAC.2.8.XVME0004', says: 'x'})).toBeUndefined();
  expect(logEntry({'@odata.id': '/x'})).toBeUndefined();
  expect(logEntry({Message: 7})).toBeUndefined();
  expect(logEntry({Message: 'a'.repeat(900), Id: '1621413452_1', Created: '2021-05-19T08:37:32Z'})).toEqual({
    order: 1_621_413_452_000,
    code: '',
    says: 'a'.repeat(200),
  });
});
