import {afterEach, beforeAll, describe, expect, test} from 'vitest';
import {connectRedfish, type RedfishBmc} from '../../../src/device/redfish/connect.ts';
import {Secret} from '../../../src/secret.ts';
import {selfSigned, type Certificate} from '../certificate.ts';
import {hasty} from '../hasty.ts';
import {connectedTo, fake, inTurn, password, problem, user, type Asked, type Fake} from '../redfish-fake.ts';
import {recorded, reply, vendors, type Vendor} from '../replies.ts';

const url = 'http://10.9.0.2:8080/k7Qm2vXw9TzB4nRs/rebuild.iso';
const {signal} = new AbortController();

const slots: Record<Vendor, string> = {
  'dell-r750-idrac9': '/redfish/v1/Systems/System.Embedded.1/VirtualMedia/1',
  'hpe-dl385-ilo5': '/redfish/v1/Managers/1/VirtualMedia/2',
  'lenovo-sr670v2-xcc': '/redfish/v1/Systems/1/VirtualMedia/EXT1',
  'supermicro-821ge-x13': '/redfish/v1/Managers/1/VirtualMedia/VirtualMedia1',
};
const systems: Record<Vendor, string> = {
  'dell-r750-idrac9': '/redfish/v1/Systems/System.Embedded.1',
  'hpe-dl385-ilo5': '/redfish/v1/Systems/1',
  'lenovo-sr670v2-xcc': '/redfish/v1/Systems/1',
  'supermicro-821ge-x13': '/redfish/v1/Systems/1',
};

let certificate: Certificate;
let bmc: Fake;
let made: RedfishBmc;

beforeAll(() => {
  certificate = selfSigned();
});

async function start(vendor: Vendor, firmware?: 'uefi' | 'bios'): Promise<void> {
  bmc = await fake(certificate, recorded(vendor));
  const {resources} = bmc;
  // Recorded without: a system whose drives and storage were not asked for.
  resources.set(`${systems[vendor]}/Pending`, {Boot: {}});
  made = await connectedTo(bmc, certificate, firmware === undefined ? {} : {firmware}, signal);
}

afterEach(async () => {
  await made.close();
  expect(bmc.sessions.size).toBe(0);
  await bmc.close();
});

const set = (path: string, properties: Record<string, unknown>): void => {
  bmc.resources.set(path, {...bmc.resources.get(path), ...properties});
};
const inserts = ({method, path}: Asked): boolean => method === 'POST' && path.endsWith('InsertMedia');
const resets = ({path}: Asked): boolean => path.endsWith('ComputerSystem.Reset');
const ejects = ({method, path}: Asked): boolean => method === 'POST' && path.endsWith('EjectMedia');

describe.each(vendors)('%s', (vendor) => {
  const slot = slots[vendor];
  const system = systems[vendor];

  test('mounts, boots once, powers, ejects, and looks afresh in between', async () => {
    await start(vendor, 'uefi');
    if (vendor === 'supermicro-821ge-x13') {
      const eject = {'#VirtualMedia.EjectMedia': {target: `${slot}/Actions/VirtualMedia.EjectMedia`}};
      set(slot, {Actions: {...(bmc.resources.get(slot)?.['Actions'] as object), ...eject}});
      bmc.media.ejectHidden = true;
      bmc.media.nameSticks = true;
    }
    expect(await made.media()).toEqual({ok: true, value: {state: 'detached'}});
    expect(await made.power('off', signal)).toMatchObject({ok: true});
    expect(await made.insert(url, signal)).toEqual({ok: true, value: {state: 'attached', image: url}});
    expect(bmc.resources.get(slot)).toMatchObject({Image: url, Inserted: true});
    expect(await made.media()).toEqual({ok: true, value: {state: 'attached', image: url}});
    expect(await made.bootCdOnce(signal)).toMatchObject({ok: true});
    expect(bmc.resources.get(system)?.['Boot']).toMatchObject({
      BootSourceOverrideEnabled: 'Once',
      BootSourceOverrideTarget: vendor.startsWith('supermicro') ? 'UsbCd' : 'Cd',
      BootSourceOverrideMode: 'UEFI',
    });
    expect(await made.power('on', signal)).toMatchObject({ok: true});
    expect(await made.system()).toMatchObject({ok: true, value: {power: 'on'}});
    expect(await made.eject(signal)).toEqual({ok: true, value: {state: 'detached'}});
    expect(bmc.resources.get(slot)).toMatchObject({Image: null, Inserted: false});
    expect(await made.bootNormally(signal)).toMatchObject({ok: true});
    expect(bmc.resources.get(system)?.['Boot']).toMatchObject({BootSourceOverrideEnabled: 'Disabled'});
    expect(bmc.writes()).toMatchSnapshot();
  });

  test('what was in before is taken out first, whatever it claims', async () => {
    await start(vendor);
    const eject = {'#VirtualMedia.EjectMedia': {target: `${slot}/Actions/VirtualMedia.EjectMedia`}};
    const {Actions} = bmc.resources.get(slot) ?? {};
    set(slot, {
      Image: 'http://192.0.2.1/old.iso',
      Inserted: true,
      ConnectedVia: 'URI',
      ...(Actions === undefined ? {} : {Actions: {...(Actions as object), ...eject}}),
    });
    expect(await made.media()).toEqual({ok: true, value: {state: 'attached', image: 'http://192.0.2.1/old.iso'}});
    expect(await made.insert(url, signal)).toMatchObject({ok: true});
    const [first, second] = bmc.writes();
    expect(first).toMatch(/EjectMedia|"Image":null/);
    expect(second).toContain(url);
  });
});

describe('an insert', () => {
  const slot = slots['hpe-dl385-ilo5'];

  test('that the BMC answers and does not do is found out', async () => {
    await start('hpe-dl385-ilo5');
    bmc.media.insertShowsAfter = Infinity;
    expect(await made.insert(url, signal)).toMatchObject({ok: false, fault: {code: 'media.not-mounted'}});
  });

  test('that shows late is waited for', async () => {
    await start('hpe-dl385-ilo5');
    bmc.media.insertShowsAfter = 20;
    expect(await made.insert(url, signal)).toMatchObject({ok: true});
  });

  test('that shows and goes again each time is no insert', async () => {
    await start('hpe-dl385-ilo5');
    let reads = 0;
    bmc.interfere = ({method, path}) => {
      if (method !== 'GET' || path !== slot || bmc.resources.get(slot)?.['Inserted'] !== true) return undefined;
      reads++;
      if (reads % 2 === 0) set(slot, {Inserted: false, ConnectedVia: 'NotConnected'});
      return undefined;
    };
    expect(await made.insert(url, signal)).toMatchObject({ok: false, fault: {code: 'media.not-mounted'}});
  });

  test('done by a task is followed to its end', async () => {
    await start('hpe-dl385-ilo5');
    bmc.media.taskReads = 3;
    expect(await made.insert(url, signal)).toMatchObject({ok: true});
    expect(bmc.asked.filter(({path}) => path.includes('TaskMonitors'))).toHaveLength(4);
  });

  test('whose task fails says why', async () => {
    await start('hpe-dl385-ilo5');
    bmc.interfere = (asked) => {
      if (inserts(asked)) return {status: 202, headers: {location: '/redfish/v1/TaskService/Tasks/1'}};
      if (!asked.path.includes('Tasks/1')) return undefined;
      const Messages = [{MessageId: 'IDRAC.2.8.VRM0012', Message: 'Unable to mount remote share.'}];
      return {status: 200, body: {TaskState: 'Exception', TaskStatus: 'Critical', Messages}};
    };
    expect(await made.insert(url, signal)).toMatchObject({
      ok: false,
      fault: {code: 'bmc.refused', says: expect.stringContaining('Unable to mount remote share')},
    });
  });

  test('refused for what it lacks gets one thing more each time', async () => {
    await start('hpe-dl385-ilo5');
    bmc.interfere = inTurn(
      inserts,
      {status: 400, body: reply('errors/transfer_proto_required_error.json')},
      {status: 400, body: reply('errors/transfer_method_required_error.json')},
      {status: 400, body: reply('errors/credentials_required_error.json')},
    );
    expect(await made.insert(url, signal)).toMatchObject({ok: true});
    const bodies = bmc.asked.filter(inserts).map(({body}) => Object.keys(body));
    expect(bodies).toEqual([
      ['Image'],
      ['Image', 'TransferProtocolType'],
      ['Image', 'TransferProtocolType', 'TransferMethod'],
      ['Image', 'TransferProtocolType', 'TransferMethod', 'UserName', 'Password'],
    ]);
  });

  test('over a burst of 5xx, of lost answers and of a lost session comes through', async () => {
    await start('hpe-dl385-ilo5');
    bmc.interfere = inTurn(
      inserts,
      {status: 500, body: 'busy'},
      {status: 0},
      problem(503, 'GeneralError', 'The eject is still under way.'),
      problem(401, 'NoValidSession', 'Gone.'),
      problem(400, 'UnableToModifyDuringSystemPOST', 'Wait.'),
    );
    expect(await made.insert(url, signal)).toMatchObject({ok: true});
    expect(bmc.asked.filter(inserts)).toHaveLength(6);
  });

  test('into a BMC that stays broken ends, with what it said', async () => {
    await start('hpe-dl385-ilo5');
    bmc.interfere = (asked) => (inserts(asked) ? problem(500, 'InternalError', 'Broken.') : undefined);
    expect(await made.insert(url, signal)).toMatchObject({
      ok: false,
      fault: {code: 'bmc.refused', says: expect.stringContaining('Broken.'), detail: {status: 500}},
    });
    expect(bmc.asked.filter(inserts)).toHaveLength(4);
  });

  test('passes over a slot that refuses for good', async () => {
    await start('dell-r750-idrac9');
    bmc.interfere = (asked) =>
      inserts(asked) && asked.path.includes('/1/') ? problem(405, 'OperationNotAllowed', 'Not here.') : undefined;
    expect(await made.insert(url, signal)).toMatchObject({ok: true});
    expect(bmc.resources.get('/redfish/v1/Managers/iDRAC.Embedded.1/VirtualMedia/CD')).toMatchObject({Image: url});
    expect(await made.media()).toEqual({ok: true, value: {state: 'attached', image: url}});
  });

  test('is not sent where the BMC says it takes no such URL', async () => {
    bmc = await fake(certificate, recorded('hpe-dl385-ilo5'));
    set('/redfish/v1', {Vendor: undefined, Oem: {}});
    set('/redfish/v1/Systems/1', {Manufacturer: '', Oem: {}});
    set('/redfish/v1/Managers/1', {Model: 'OpenBmc', Oem: {}});
    const pins = {url: bmc.url, certificate: certificate.pin, user: new Secret(user), password: new Secret(password)};
    const connected = await connectRedfish({...pins, clock: hasty()}, signal);
    if (!connected.ok) throw new Error(connected.fault.says);
    made = connected.value;
    expect(made.profile.name).toBe('openbmc');
    expect(await made.insert(url, signal)).toMatchObject({ok: false, fault: {code: 'bmc.feature-missing'}});
    expect(bmc.writes()).toEqual([]);
  });

  test('is not sent to another host that the slot names', async () => {
    await start('hpe-dl385-ilo5');
    set(slot, {Actions: {'#VirtualMedia.InsertMedia': {target: 'https://192.0.2.9/redfish/v1/x'}}});
    expect(await made.insert(url, signal)).toMatchObject({ok: false, fault: {code: 'bmc.refused'}});
    expect(bmc.writes()).toEqual([]);
  });

  test('shown by its name alone is still known as what was inserted', async () => {
    await start('hpe-dl385-ilo5');
    bmc.interfere = ({method, path}) => {
      if (method === 'GET' && path === slot && bmc.resources.get(slot)?.['Inserted'] === true)
        set(slot, {Image: 'rebuild.iso'});
      return undefined;
    };
    expect(await made.insert(url, signal)).toEqual({ok: true, value: {state: 'attached', image: url}});
    expect(await made.media()).toEqual({ok: true, value: {state: 'attached', image: url}});
    set(slot, {Image: 'other.iso'});
    bmc.interfere = () => undefined;
    expect(await made.media()).toEqual({ok: true, value: {state: 'stale', image: 'other.iso'}});
  });

  test('ends with an abort', async () => {
    await start('hpe-dl385-ilo5');
    bmc.media.insertShowsAfter = Infinity;
    const abort = new AbortController();
    bmc.interfere = (asked) => (inserts(asked) ? (abort.abort(), undefined) : undefined);
    expect(await made.insert(url, abort.signal)).toMatchObject({ok: false, fault: {code: 'run.interrupted'}});
  });
});

describe('an eject', () => {
  test('of an empty slot may be refused by any status', async () => {
    await start('hpe-dl385-ilo5');
    for (const status of [400, 404, 409, 415]) {
      bmc.interfere = inTurn(ejects, problem(status, 'GeneralError', 'Nothing in.'));
      expect(await made.eject(signal)).toMatchObject({ok: true});
    }
  });

  test('of a full slot that is refused is a fault', async () => {
    await start('hpe-dl385-ilo5');
    set(slots['hpe-dl385-ilo5'], {Image: url, Inserted: true, ConnectedVia: 'URI'});
    bmc.interfere = (asked) => (ejects(asked) ? problem(409, 'ResourceInUse', 'In use.') : undefined);
    expect(await made.eject(signal)).toMatchObject({ok: false, fault: {code: 'bmc.refused'}});
  });

  test('that is answered and not done is a fault', async () => {
    await start('hpe-dl385-ilo5');
    bmc.media.ejectShowsAfter = Infinity;
    set(slots['hpe-dl385-ilo5'], {Image: url, Inserted: true, ConnectedVia: 'URI'});
    expect(await made.eject(signal)).toMatchObject({
      ok: false,
      fault: {says: expect.stringContaining('did not become empty')},
    });
  });

  test('empties every CD slot: another image could be booted instead', async () => {
    await start('dell-r750-idrac9');
    const second = '/redfish/v1/Systems/System.Embedded.1/VirtualMedia/2';
    set(second, {Image: 'http://192.0.2.66/evil.iso', Inserted: true, ConnectedVia: 'URI'});
    expect(await made.eject(signal)).toMatchObject({ok: true});
    expect(bmc.resources.get(second)).toMatchObject({Inserted: false});
  });
});

describe('a medium that goes by itself', () => {
  test('is read as detached', async () => {
    await start('hpe-dl385-ilo5');
    await made.insert(url, signal);
    set(slots['hpe-dl385-ilo5'], {Image: '', Inserted: false, ConnectedVia: 'NotConnected'});
    expect(await made.media()).toEqual({ok: true, value: {state: 'detached'}});
  });

  test('and leaves its claim behind is read as stale (Dell)', async () => {
    await start('dell-r750-idrac9');
    await made.insert(url, signal);
    set(slots['dell-r750-idrac9'], {ConnectedVia: 'NotConnected'});
    expect(await made.media()).toEqual({ok: true, value: {state: 'stale', image: url}});
  });

  test('a second controller finds the slot that holds something', async () => {
    await start('dell-r750-idrac9');
    set('/redfish/v1/Systems/System.Embedded.1/VirtualMedia/2', {Image: url, Inserted: true, ConnectedVia: 'URI'});
    expect(await made.media()).toEqual({ok: true, value: {state: 'attached', image: url}});
  });
});

describe('slots that are hidden (AMI)', () => {
  const manager = '/redfish/v1/Managers/1';
  const enable = `${manager}/Actions/Oem/AMIVirtualMedia.EnableRMedia`;

  async function startAmi(): Promise<void> {
    bmc = await fake(certificate, recorded('hpe-dl385-ilo5'));
    set('/redfish/v1', {Vendor: 'AMI', Oem: {}});
    set('/redfish/v1/Systems/1', {Manufacturer: '', Oem: {}});
    set(manager, {
      Model: '',
      Oem: {Ami: {VirtualMedia: {RMediaStatus: 'Disabled'}}},
      Actions: {Oem: {'#AMIVirtualMedia.EnableRMedia': {target: enable}}},
    });
    set(`${manager}/VirtualMedia`, {Members: []});
    const pins = {url: bmc.url, certificate: certificate.pin, user: new Secret(user), password: new Secret(password)};
    const connected = await connectRedfish({...pins, clock: hasty()}, signal);
    if (!connected.ok) throw new Error(connected.fault.says);
    made = connected.value;
  }

  test('are revealed, and filled with the field it demands', async () => {
    await startAmi();
    bmc.interfere = ({path}) => {
      if (path !== enable) return undefined;
      set(manager, {Oem: {Ami: {VirtualMedia: {RMediaStatus: 'Enabled'}}}});
      set(`${manager}/VirtualMedia`, {Members: [{'@odata.id': `${manager}/VirtualMedia/2`}]});
      return {status: 200, body: {error: {message: 'ok'}}};
    };
    expect(await made.insert(url, signal)).toMatchObject({ok: true});
    const [first] = bmc.writes();
    expect(first).toContain('{"RMediaState":"Enable"}');
    expect(bmc.asked.find(inserts)?.body).toEqual({Image: url, TransferProtocolType: 'HTTP'});
  });

  test('a plain look reveals nothing: it only reads', async () => {
    await startAmi();
    expect(await made.media()).toEqual({ok: true, value: {state: 'detached'}});
    expect(bmc.writes()).toEqual([]);
  });
});

test('a BMC without a slot for a CD is told', async () => {
  await start('hpe-dl385-ilo5');
  set('/redfish/v1/Managers/1/VirtualMedia', {Members: [{'@odata.id': '/redfish/v1/Managers/1/VirtualMedia/1'}]});
  expect(await made.media()).toMatchObject({ok: false, fault: {code: 'bmc.feature-missing'}});
  expect(await made.insert(url, signal)).toMatchObject({ok: false, fault: {code: 'bmc.feature-missing'}});
});

describe('the boot override', () => {
  const system = systems['lenovo-sr670v2-xcc'];

  test('goes to the settings object where the system refuses it', async () => {
    await start('lenovo-sr670v2-xcc');
    bmc.interfere = ({method, path}) =>
      method === 'PATCH' && path === system ? problem(405, 'OperationNotAllowed', 'Not here.') : undefined;
    expect(await made.bootCdOnce(signal)).toMatchObject({ok: true});
    expect(bmc.resources.get(`${system}/Pending`)?.['Boot']).toMatchObject({BootSourceOverrideTarget: 'Cd'});
  });

  test('goes without the mode where that is refused (DL160 Gen10)', async () => {
    await start('hpe-dl385-ilo5', 'bios');
    bmc.interfere = ({method, body}) =>
      method === 'PATCH' && JSON.stringify(body).includes('Mode')
        ? problem(400, 'PropertyNotWritable', 'Mode.')
        : undefined;
    const done = await made.bootCdOnce(signal);
    // Accepted, but the mode that is read back is not the one the host boots in.
    expect(done).toMatchObject({ok: false, fault: {code: 'bmc.refused'}});
  });

  test('that is accepted and forgotten is a fault', async () => {
    await start('hpe-dl385-ilo5');
    bmc.interfere = ({method}) => (method === 'PATCH' ? {status: 200, body: {}} : undefined);
    expect(await made.bootCdOnce(signal)).toMatchObject({
      ok: false,
      fault: {says: expect.stringContaining('does not show it')},
    });
  });

  test.each([
    ['weak', 'W/"4"', ['W/"4"', '"4"', '4', undefined]],
    ['strong', '"4"', ['"4"', '4', undefined]],
    ['none', '', [undefined]],
  ])('tries the forms of a %s ETag until one is taken', async (_, etag, forms) => {
    await start('hpe-dl385-ilo5');
    set('/redfish/v1/Systems/1', {'@odata.etag': etag});
    const seen: (string | undefined)[] = [];
    bmc.interfere = ({method, headers}) => {
      if (method !== 'PATCH') return undefined;
      seen.push(headers['if-match']);
      return headers['if-match'] === undefined ? undefined : problem(412, 'PreconditionFailed', 'Changed.');
    };
    expect(await made.bootCdOnce(signal)).toMatchObject({ok: true});
    expect(seen).toEqual(forms);
  });
});

describe('power', () => {
  test('already as wanted sends nothing', async () => {
    await start('hpe-dl385-ilo5');
    expect(await made.power('on', signal)).toMatchObject({ok: true});
    expect(bmc.writes()).toEqual([]);
  });

  test('is waited for', async () => {
    await start('hpe-dl385-ilo5');
    bmc.powerLag.push(25);
    expect(await made.power('off', signal)).toMatchObject({ok: true});
    expect(bmc.asked.filter(resets)).toHaveLength(1);
  });

  test('a reset that got lost is sent once more', async () => {
    await start('hpe-dl385-ilo5');
    bmc.powerLag.push(Infinity);
    expect(await made.power('off', signal)).toMatchObject({ok: true});
    expect(bmc.asked.filter(resets).map(({body}) => body)).toEqual([{ResetType: 'ForceOff'}, {ResetType: 'ForceOff'}]);
  });

  test('that never comes is a fault', async () => {
    await start('hpe-dl385-ilo5');
    bmc.powerLag.push(Infinity, Infinity);
    expect(await made.power('off', signal)).toMatchObject({ok: false, fault: {code: 'bmc.refused'}});
  });

  test('a refusal because it is so already is none', async () => {
    await start('hpe-dl385-ilo5');
    bmc.interfere = (asked) => {
      if (!resets(asked)) return undefined;
      set('/redfish/v1/Systems/1', {PowerState: 'Off'});
      return problem(409, 'PowerStateConflict', 'It is off.');
    };
    expect(await made.power('off', signal)).toMatchObject({ok: true});
  });
});
