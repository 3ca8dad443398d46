import {afterEach, beforeAll, beforeEach, expect, test} from 'vitest';
import type {RedfishBmc} from '../../../src/device/redfish/connect.ts';
import {readControllerLog} from '../../../src/step/health/controller-log.ts';
import type {BmcHealth} from '../../../src/step/world/bmc.ts';
import {bmcStage} from '../../lab/bmc-stage.ts';
import {selfSigned, type Certificate} from '../certificate.ts';
import {connectedTo, fake, type Fake} from '../redfish-fake.ts';
import {recorded, type Resource} from '../replies.ts';

const system = '/redfish/v1/Systems/System.Embedded.1';
const manager = '/redfish/v1/Managers/iDRAC.Embedded.1';
const sel = `${manager}/LogServices/Sel/Entries`;

let certificate: Certificate;
let bmc: Fake;
let made: RedfishBmc;

beforeAll(() => {
  certificate = selfSigned();
});
beforeEach(async () => {
  bmc = await fake(certificate, recorded('dell-r750-idrac9'));
  made = await connectedTo(bmc, certificate);
});
afterEach(async () => {
  await made.close();
  await bmc.close();
});

const set = (path: string, resource: Resource): void => void bmc.resources.set(path, resource);
const collection = (...paths: readonly string[]): Resource => ({
  Members: paths.map((path) => ({'@odata.id': path})),
});
const log = (owner: string, id: string, entries: readonly Resource[], more: Resource = {}): void => {
  const services = `${owner}/LogServices`;
  set(owner, {...bmc.resources.get(owner), LogServices: {'@odata.id': services}});
  set(services, collection(`${services}/${id}`));
  set(`${services}/${id}`, {Id: id, Entries: {'@odata.id': `${services}/${id}/Entries`}, ...more});
  set(`${services}/${id}/Entries`, {Members: entries});
};
const entry = (id: number, says: unknown): Resource => ({'@odata.id': `${sel}/${id}`, Id: `${id}`, Message: says});
const bay = (ordinal: number) => ({PartLocation: {LocationType: 'Bay', LocationOrdinalValue: ordinal}});
const health = async (): Promise<BmcHealth> => {
  const read = await made.health();
  if (!read.ok) throw new Error(JSON.stringify(read.fault));
  return read.value;
};
/** The one log that there is. */
const first = async (): Promise<Uint8Array> => {
  const {logs} = await health();
  expect(logs).toHaveLength(1);
  return logs[0]!.bytes;
};
const texts = ({logs}: BmcHealth) =>
  Object.fromEntries(logs.map(({controller, bytes}) => [controller, Buffer.from(bytes).toString()]));

test('drives by the name at their slot, a map for each controller; empty slots and drives without a serial are none', async () => {
  const raid = `${system}/Storage/RAID.Integrated.1-1`;
  const cpu = `${system}/Storage/CPU.1`;
  set(system, {...bmc.resources.get(system), Storage: {'@odata.id': `${system}/Storage`}});
  set(`${system}/Storage`, collection(raid, cpu));
  const drives = ['a', 'b', 'c', 'd', 'e'].map((name) => `${raid}/Drives/${name}`);
  set(raid, {Drives: drives.map((path) => ({'@odata.id': path}))});
  set(cpu, {Drives: []});
  set(drives[0]!, {SerialNumber: ' SER-0 ', PhysicalLocation: bay(0)});
  set(drives[1]!, {SerialNumber: 'SER-1', PhysicalLocation: bay(0)});
  set(drives[2]!, {SerialNumber: 'SER-2', PhysicalLocation: {PartLocation: {ServiceLabel: 'Slot 7'}}});
  set(drives[3]!, {SerialNumber: 'OLD', PhysicalLocation: bay(3), Status: {State: 'Absent'}});
  set(drives[4]!, {PhysicalLocation: bay(4)});
  expect(await health()).toEqual({
    maps: [{source: 'bmc RAID.Integrated.1-1', slots: {'Bay 0': 'SER-0', 'Bay 0 (b)': 'SER-1', 'Slot 7': 'SER-2'}}],
    logs: [],
    unread: [],
  });
});

test('what logs say of drives and controllers, oldest first, of manager, system and chassis; logins and what is off are not read', async () => {
  log(manager, 'Sel', [
    entry(4, 'Drive 2 in bay 1 is removed.'),
    entry(3, 'Login attempt for user drive\u0000 from 192.0.2.66 failed.'),
    entry(2, 'Fan 3 is back to normal.'),
    entry(1, 'The controller battery is low.'),
    entry(5, undefined),
  ]);
  log(system, 'Log1', [entry(1, 'Backplane 1 is lost.\nPower is lost.')]);
  set(system, {...bmc.resources.get(system), Links: {Chassis: [{'@odata.id': '/redfish/v1/Chassis/1'}]}});
  log('/redfish/v1/Chassis/1', 'Off', [entry(1, 'Disk 9 failed')], {ServiceEnabled: false});
  expect(texts(await health())).toEqual({
    'bmc Managers/iDRAC.Embedded.1 Sel': 'The controller battery is low.\nDrive 2 in bay 1 is removed.\n',
    'bmc Systems/System.Embedded.1 Log1': 'Backplane 1 is lost.\nPower is lost.\n',
  });
});

test('an entry of garbage reaches the reader as it is: escaped in its JSON, or printed raw', async () => {
  const map = entry(1, 'Drive map: slot 0 serial WD-WCC4N0123456 ONLINE');
  for (const garbage of ['\u0000\u0000\u0013\u0000', 'Drive map: slot\u0000\u0000']) {
    log(manager, 'Sel', [map, entry(2, garbage)]);
    expect(readControllerLog(await first()).quarantined).toMatchObject({
      line: 2,
      why: expect.stringMatching(/^a NUL byte/),
    });
  }
  const raw = Buffer.from(
    `{"Members": [{"Id": "1", "Message": "Drive map: slot 0"}, {"Id": "2", "Message": "\u0000\u0000\u0013"}]}`,
  );
  bmc.interfere = ({path}) => (path === sel ? {status: 200, body: raw} : undefined);
  expect(readControllerLog(await first())).toMatchObject({
    lines: 1,
    quarantined: {line: 2, why: 'a NUL byte at column 1'},
  });
});

test('entries that a collection only links to, the newest of them, over pages', async () => {
  log(manager, 'Sel', []);
  const all = Array.from({length: 90}, (_, index) => `${sel}/${index + 1}`);
  set(sel, {...collection(...all.slice(0, 50)), 'Members@odata.nextLink': `${sel}?$skip=50`});
  set(`${sel}?$skip=50`, collection(...all.slice(50)));
  for (const [index, path] of all.entries()) set(path, entry(index + 1, `Drive event ${index + 1}`));
  const lines =
    Object.values(texts(await health()))[0]
      ?.trimEnd()
      .split('\n') ?? [];
  expect(lines.at(0)).toBe('Drive event 27');
  expect(lines.at(-1)).toBe('Drive event 90');
  expect(lines).toHaveLength(64);
});

test('what the BMC refuses is named and hides nothing else; without logs and drives there is nothing', async () => {
  expect(await health()).toEqual({maps: [], logs: [], unread: []});
  log(manager, 'Sel', [entry(1, 'Drive 1 failed')]);
  log(system, 'Log1', [entry(1, 'Drive 1 failed')]);
  bmc.interfere = ({path}) => (path === sel ? {status: 400, body: {}} : undefined);
  const found = await health();
  expect(Object.keys(texts(found))).toEqual(['bmc Systems/System.Embedded.1 Log1']);
  expect(found.unread).toEqual([expect.stringMatching(/^bmc Managers\/iDRAC\.Embedded\.1 Sel: .*400/)]);
});

test('the lab’s BMC has each disk in its bay', async () => {
  const stage = await bmcStage();
  const lab = await stage.connect();
  if (!lab.ok) throw new Error(lab.fault.says);
  const read = await lab.value.health();
  const drives = await lab.value.drives();
  if (!read.ok || !drives.ok) throw new Error('the lab’s BMC does not answer');
  expect(drives.value?.length).toBeGreaterThan(1);
  expect(read.value).toMatchObject({
    maps: [
      {source: 'bmc 1', slots: Object.fromEntries((drives.value ?? []).map(({serial}, bay) => [`Bay ${bay}`, serial]))},
    ],
    unread: [],
  });
  await lab.value.close();
  await stage.close();
});
