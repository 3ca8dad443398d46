import {describe, expect, test} from 'vitest';
import * as fc from 'fast-check';
import {detect} from '../../../src/device/profile/detect.ts';
import {generic} from '../../../src/device/profile/generic.ts';
import {ami} from '../../../src/device/profile/ami.ts';
import {dell} from '../../../src/device/profile/dell.ts';
import {lab} from '../../../src/device/profile/lab.ts';
import {openbmc} from '../../../src/device/profile/openbmc.ts';
import {supermicro} from '../../../src/device/profile/supermicro.ts';
import type {Field, Profile} from '../../../src/device/profile/profile.ts';
import {excerpt, parseBody} from '../../../src/device/redfish/body.ts';
import {bootPlan, holds} from '../../../src/device/redfish/boot-request.ts';
import {ifMatch} from '../../../src/device/redfish/etag.ts';
import {local, pathOfLocation} from '../../../src/device/redfish/local.ts';
import {systemFacts} from '../../../src/device/redfish/machine.ts';
import {amend, ejectRequests, insertRequest, required} from '../../../src/device/redfish/media-request.ts';
import {messages} from '../../../src/device/redfish/messages.ts';
import {patience, retryAfterMs} from '../../../src/device/redfish/patience.ts';
import {pictureOf} from '../../../src/device/redfish/picture.ts';
import {powerOf, powerRequest} from '../../../src/device/redfish/power-request.ts';
import {screenService, screenTarget} from '../../../src/device/redfish/screen-request.ts';
import {candidates, mediaState, shows, slot, type Slot} from '../../../src/device/redfish/slot.ts';
import {taskState} from '../../../src/device/redfish/task.ts';
import {fault} from '../../../src/fault.ts';
import {failed, ok} from '../../../src/result.ts';
import {recorded, reply, type Vendor} from '../replies.ts';

const url = 'http://10.9.0.2:8080/k7Qm2vXw9TzB4nRs/rebuild.iso';

/** What was recorded of one machine, as the decisions take it. */
function machine(vendor: Vendor) {
  const all = recorded(vendor);
  const named = (shape: RegExp) => [...all].filter(([path]) => shape.test(path));
  const [[path, system] = ['', {}]] = named(/\/Systems\/[^/]+$/);
  const [[, manager] = ['', {}]] = named(/\/Managers\/[^/]+$/);
  const profile = detect(all.get('/redfish/v1'), system, manager);
  // The system's slots come before the manager's, as the client reads them.
  const slots = [...named(/\/Systems\/.*VirtualMedia\/[^/]+$/), ...named(/\/Managers\/.*VirtualMedia\/[^/]+$/)]
    .toSorted(([a], [b]) => Number(b.includes('/Systems/')) - Number(a.includes('/Systems/')) || a.localeCompare(b))
    .map(([at, body]) => slot(at, body));
  return {all, path, system, profile, slots};
}

interface Expected {
  readonly profile: string;
  readonly serial: string;
  readonly slot: string;
  readonly insert: unknown;
  readonly eject: unknown;
  readonly boot: readonly unknown[];
}

const cases: Record<Vendor, Expected> = {
  'dell-r750-idrac9': {
    profile: 'dell',
    serial: 'X778AF6',
    slot: '/redfish/v1/Systems/System.Embedded.1/VirtualMedia/1',
    insert: {
      method: 'POST',
      reference: '/redfish/v1/Systems/System.Embedded.1/VirtualMedia/1/Actions/VirtualMedia.InsertMedia',
      body: {Image: url},
    },
    eject: [
      {
        method: 'POST',
        reference: '/redfish/v1/Systems/System.Embedded.1/VirtualMedia/1/Actions/VirtualMedia.EjectMedia',
        body: {},
      },
    ],
    boot: [
      {BootSourceOverrideTarget: 'Cd', BootSourceOverrideEnabled: 'Once'},
      {BootSourceOverrideTarget: 'Cd', BootSourceOverrideEnabled: 'Once', BootSourceOverrideMode: 'UEFI'},
    ],
  },
  'hpe-dl385-ilo5': {
    profile: 'hpe',
    serial: 'X9FA90A117',
    slot: '/redfish/v1/Managers/1/VirtualMedia/2',
    insert: {
      method: 'POST',
      reference: '/redfish/v1/Managers/1/VirtualMedia/2/Actions/VirtualMedia.InsertMedia',
      body: {Image: url},
    },
    eject: [
      {method: 'POST', reference: '/redfish/v1/Managers/1/VirtualMedia/2/Actions/VirtualMedia.EjectMedia', body: {}},
    ],
    boot: [
      {BootSourceOverrideTarget: 'Cd', BootSourceOverrideEnabled: 'Once'},
      {BootSourceOverrideTarget: 'Cd', BootSourceOverrideEnabled: 'Once', BootSourceOverrideMode: 'UEFI'},
    ],
  },
  'lenovo-sr670v2-xcc': {
    profile: 'lenovo',
    serial: 'X0E5C659',
    slot: '/redfish/v1/Systems/1/VirtualMedia/EXT1',
    insert: {
      method: 'PATCH',
      reference: '/redfish/v1/Systems/1/VirtualMedia/EXT1',
      body: {Image: url, Inserted: true},
    },
    eject: [
      {method: 'PATCH', reference: '/redfish/v1/Systems/1/VirtualMedia/EXT1', body: {Image: null, Inserted: false}},
    ],
    boot: [
      {BootSourceOverrideTarget: 'Cd', BootSourceOverrideEnabled: 'Once'},
      {BootSourceOverrideTarget: 'Cd', BootSourceOverrideEnabled: 'Once', BootSourceOverrideMode: 'UEFI'},
      // The same again on Systems/1/Pending.
      {BootSourceOverrideTarget: 'Cd', BootSourceOverrideEnabled: 'Once'},
      {BootSourceOverrideTarget: 'Cd', BootSourceOverrideEnabled: 'Once', BootSourceOverrideMode: 'UEFI'},
    ],
  },
  'supermicro-821ge-x13': {
    profile: 'supermicro',
    serial: 'X52935184C',
    slot: '/redfish/v1/Managers/1/VirtualMedia/VirtualMedia1',
    insert: {
      method: 'POST',
      reference: '/redfish/v1/Managers/1/VirtualMedia/VirtualMedia1/Actions/VirtualMedia.InsertMedia',
      body: {Image: url},
    },
    // EjectMedia is not offered while the slot is empty.
    eject: [],
    boot: [{BootSourceOverrideTarget: 'UsbCd', BootSourceOverrideEnabled: 'Once', BootSourceOverrideMode: 'UEFI'}],
  },
};

describe.each(Object.entries(cases) as [Vendor, Expected][])('%s', (vendor, expected) => {
  const {all, path, system, profile, slots} = machine(vendor);
  const [best] = candidates(profile, slots);
  if (best === undefined) throw new Error('no slot');

  test('is recognised, and its serial number is the one DMI reports', () => {
    expect(profile.name).toBe(expected.profile);
    const facts = systemFacts(profile, system);
    expect(facts).toMatchObject({ok: true, value: {serial: expected.serial, power: 'on', profile: expected.profile}});
  });

  test('the CD slot is chosen, and read as empty', () => {
    expect(best.path).toBe(expected.slot);
    expect(mediaState(profile, best)).toEqual({state: 'detached'});
  });

  test('the image is put in and out by its way', () => {
    const info = best.insertInfo === undefined ? undefined : all.get(best.insertInfo);
    const fields = new Set<Field>([...profile.insert.fields, ...required(info)]);
    expect(insertRequest(profile, best, url, fields)).toEqual(expected.insert);
    expect(ejectRequests(profile, best)).toEqual(expected.eject);
  });

  test('the next start is from its virtual CD', () => {
    const plan = bootPlan(profile, path, system, {from: 'cd', firmware: 'uefi'});
    expect(plan.is === 'writes' && plan.writes.map(({body}) => body['Boot'])).toEqual(expected.boot);
    expect(plan.is === 'writes' && plan.writes[0]).toMatchObject({method: 'PATCH', reference: path});
  });

  test('the mode comes first where it has to change', () => {
    const plan = bootPlan(profile, path, system, {from: 'cd', firmware: 'bios'});
    const first = plan.is === 'writes' ? plan.writes[0]?.body['Boot'] : undefined;
    expect(first).toMatchObject({BootSourceOverrideEnabled: 'Once', BootSourceOverrideMode: 'Legacy'});
  });

  test('no override is in force, so there is none to take back', () => {
    expect(bootPlan(profile, path, system, {from: 'disk'})).toEqual({is: 'already'});
  });

  test('it is powered off hard and on again', () => {
    const at = `${path}/Actions/ComputerSystem.Reset`;
    expect(powerRequest(system, undefined, 'off')).toEqual({
      method: 'POST',
      reference: at,
      body: {ResetType: 'ForceOff'},
    });
    expect(powerRequest(system, undefined, 'on')).toEqual({method: 'POST', reference: at, body: {ResetType: 'On'}});
  });
});

test('Lenovo: slots of the remote console and of uploads are never used', () => {
  const {profile, slots} = machine('lenovo-sr670v2-xcc');
  expect(new Set(candidates(profile, slots).map(({id}) => id))).toEqual(new Set(['EXT1', 'EXT2', 'EXT3', 'EXT4']));
});

test('Lenovo: the override may also be written to its settings object', () => {
  const {profile, path, system} = machine('lenovo-sr670v2-xcc');
  const plan = bootPlan(profile, path, system, {from: 'cd'});
  expect(plan.is === 'writes' && plan.writes.map(({reference}) => reference)).toEqual([
    '/redfish/v1/Systems/1',
    '/redfish/v1/Systems/1',
    '/redfish/v1/Systems/1/Pending',
    '/redfish/v1/Systems/1/Pending',
  ]);
});

test('Dell: slot 1 of the system first, then the manager’s CD; never the removable disk', () => {
  const {profile, slots} = machine('dell-r750-idrac9');
  expect(candidates(profile, slots).map(({id}) => id)).toEqual(['1', 'CD', '2']);
});

test('Supermicro: EjectMedia is used once it is offered', () => {
  const {profile, slots} = machine('supermicro-821ge-x13');
  const target = '/redfish/v1/Managers/1/VirtualMedia/VirtualMedia1/Actions/VirtualMedia.EjectMedia';
  const [first] = slots;
  if (first === undefined) throw new Error('no slot');
  expect(ejectRequests(profile, {...first, ejectTarget: target})).toEqual([
    {method: 'POST', reference: target, body: {}},
  ]);
});

const shownBy = (properties: Record<string, unknown>, profile: Profile = generic) =>
  mediaState(profile, slot('/redfish/v1/Managers/1/VirtualMedia/Cd', properties));

describe('what a slot shows', () => {
  test.each([
    ['attached', {Inserted: true, ConnectedVia: 'URI', Image: url}, generic],
    ['attached by the console’s own word (OpenBMC)', {Inserted: true, ConnectedVia: 'Applet', Image: url}, openbmc],
    ['attached without ConnectedVia', {Inserted: true, Image: url}, generic],
    ['attached without Inserted', {ConnectedVia: 'URI', Image: url}, generic],
    ['attached, only the name told', {Inserted: true, ConnectedVia: 'URI', Image: null, ImageName: url}, generic],
  ])('%s', (_, properties, profile) => {
    expect(shownBy(properties, profile)).toEqual({state: 'attached', image: url});
  });

  test.each([
    ['an old claim (Dell)', {Inserted: true, ConnectedVia: 'NotConnected', Image: url}],
    ['connected, but nothing in (XCC lags)', {Inserted: false, ConnectedVia: 'URI', Image: url}],
  ])('stale: %s', (_, properties) => {
    expect(shownBy(properties)).toEqual({state: 'stale', image: url});
  });

  test.each([
    ['null', {Inserted: false, ConnectedVia: 'NotConnected', Image: null}, generic],
    ['"" (HPE)', {Inserted: false, ConnectedVia: 'NotConnected', Image: ''}, generic],
    ['"None" (AMI)', {ConnectedVia: 'NotConnected', Image: 'None'}, ami],
    ['left out (OpenBMC)', {Inserted: false, ConnectedVia: 'NotConnected'}, openbmc],
    [
      'a name that stayed (Supermicro)',
      {Inserted: false, ConnectedVia: 'NotConnected', ImageName: 'x.iso'},
      supermicro,
    ],
    ['an empty object', {}, generic],
  ])('detached: %s', (_, properties, profile) => {
    expect(shownBy(properties, profile)).toEqual({state: 'detached'});
  });

  test('Supermicro: what ConnectedVia says counts, whatever Inserted claims', () => {
    expect(shownBy({Inserted: true, ConnectedVia: 'NotConnected', Image: url}, supermicro)).toEqual({
      state: 'detached',
    });
  });

  test.each([
    [url, true],
    ['', true],
    ['http://10.9.0.2/k7Qm2vXw9TzB4nRs/rebuild.iso', true],
    ['rebuild.iso', true],
    ['/k7Qm2vXw9TzB4nRs/rebuild.iso', true],
    ['http://10.9.0.66:8080/k7Qm2vXw9TzB4nRs/rebuild.iso', false],
    ['http://10.9.0.2:8080/another/rebuild.iso', false],
    ['other.iso', false],
    ['http://[', false],
  ])('the image %j can be ours: %j', (shown, ours) => {
    expect(shows(url, shown)).toBe(ours);
  });
});

const slotNamed = (id: string, types?: readonly string[]): Slot =>
  slot(`/redfish/v1/Managers/1/VirtualMedia/${id}`, {
    Id: id,
    MediaTypes: types,
    Actions: {'#VirtualMedia.InsertMedia': {target: '/redfish/v1/x'}},
  });

describe('slots without MediaTypes', () => {
  test('go by their name', () => {
    const all = [
      slotNamed('HD1'),
      slotNamed('CD1'),
      slotNamed('usb', ['USBStick']),
      slotNamed('0', ['DVD']),
      slotNamed('cd2', []),
    ];
    expect(candidates(generic, all).map(({id}) => id)).toEqual(['CD1', '0', 'cd2']);
  });

  test('that offer neither action nor PATCH are of no use', () => {
    const bare = slot('/redfish/v1/Managers/1/VirtualMedia/CD1', {Id: 'CD1'});
    expect(candidates(generic, [bare])).toEqual([]);
    expect(candidates(generic, [slot(bare.path, {Id: 'CD1'}, 'GET, HEAD, PATCH')])).toHaveLength(1);
  });
});

describe('a refused insert', () => {
  const none = new Set<Field>();
  const after = (file: string, fields: ReadonlySet<Field> = none) =>
    amend(fields, messages(reply(`errors/${file}.json`)));

  test.each([
    ['transfer_proto_required_error', ['TransferProtocolType']],
    ['transfer_proto_required_error2', ['TransferProtocolType']],
    ['transfer_method_required_error', ['TransferMethod']],
    ['credentials_required_error', ['UserName', 'Password']],
  ])('%s names what was missing', (file, fields) => {
    expect([...(after(file) ?? [])]).toEqual(fields);
  });

  test('one field a try, and none twice', () => {
    const first = after('transfer_proto_required_error') ?? none;
    expect([...(after('transfer_method_required_error', first) ?? [])]).toEqual([
      'TransferProtocolType',
      'TransferMethod',
    ]);
    expect(after('transfer_proto_required_error', first)).toBeUndefined();
  });

  test('a refusal about something else is final', () => {
    expect(after('error_single_ext_info')).toBeUndefined();
    expect(after('session_error')).toBeUndefined();
  });

  test('a field that is unwanted is left out (Supermicro X11)', () => {
    const says = 'The property Inserted is not in the list of valid properties for the resource.';
    const body = {
      error: {
        '@Message.ExtendedInfo': [{MessageId: 'Base.1.4.PropertyUnknown', Message: says, MessageArgs: ['Inserted']}],
      },
    };
    expect([...(amend(new Set<Field>(['Inserted', 'TransferMethod']), messages(body)) ?? [])]).toEqual([
      'TransferMethod',
    ]);
    expect(amend(none, messages(body))).toBeUndefined();
  });

  test('the fields say what the URL says', () => {
    const {profile, slots} = machine('hpe-dl385-ilo5');
    const [best] = candidates(profile, slots);
    if (best === undefined) throw new Error('no slot');
    const fields: ReadonlySet<Field> = new Set<Field>([
      'TransferProtocolType',
      'TransferMethod',
      'UserName',
      'Password',
      'WriteProtected',
      'MediaType',
    ]);
    expect(insertRequest(profile, best, url.replace('http', 'https'), fields)?.body).toEqual({
      Image: url.replace('http', 'https'),
      TransferProtocolType: 'HTTPS',
      TransferMethod: 'Stream',
      UserName: 'none',
      Password: 'none',
      WriteProtected: true,
      MediaType: 'CD',
    });
  });
});

describe('error bodies', () => {
  test('a single object instead of a list', () => {
    expect(messages(reply('errors/error_single_ext_info.json'))[0]).toMatchObject({
      id: 'GeneralError',
      resolution: 'Redfish request contains unsupported media type. Correct the request body and resubmit.',
    });
  });

  test.each([
    [{error: {code: 'Base.1.0.GeneralError', message: 'No.'}}, {id: 'GeneralError', says: 'No.'}],
    [{error: 'just text'}, {id: '', says: 'just text'}],
    [{'@Message.ExtendedInfo': [{MessageId: 'IDRAC.2.8.SYS518', Message: 'Not ready.'}]}, {id: 'SYS518'}],
    [{TaskState: 'Exception', Messages: [{MessageId: 'IDRAC.2.8.VRM0012', Message: 'x'}]}, {id: 'VRM0012'}],
  ])('%j', (body, expected) => {
    expect(messages(body)[0]).toMatchObject(expected);
  });

  test('many and long messages are cut', () => {
    const entry = {
      MessageId: 'x'.repeat(2_000),
      Message: 'y'.repeat(4_000),
      MessageArgs: Array.from({length: 99}, () => 'a'),
    };
    const found = messages({error: {'@Message.ExtendedInfo': Array.from({length: 50}, () => entry)}});
    expect(found).toHaveLength(8);
    expect(found[0]?.says).toHaveLength(300);
    expect(found[0]?.id).toHaveLength(100);
    expect(found[0]?.about).toHaveLength(16);
  });

  test('an HTML page becomes a line', () => {
    const page = '<!doctype html><style>p{}</style><p>Service\n\u001b[31m  busy</p>';
    expect(excerpt(new TextEncoder().encode(page))).toBe('Service [31m busy');
  });
});

const answer = (status: number, body?: unknown, headers: Record<string, string> = {}) =>
  ok({status, body, plain: '', headers});
const says = (id: string) => ({error: {'@Message.ExtendedInfo': [{MessageId: id}]}});

describe('patience', () => {
  const get = {method: 'GET', path: '/redfish/v1'} as const;
  const post = {method: 'POST', path: '/redfish/v1', body: {}} as const;

  test('a read is repeated after trouble, and not for ever', () => {
    expect(patience(get, answer(500), 1)).toBe(3_000);
    expect(patience(get, failed(fault('bmc.unreachable', '')), 3)).toBe(3_000);
    expect(patience(get, answer(500), 4)).toBeUndefined();
    expect(patience(get, answer(404), 1)).toBeUndefined();
    expect(patience(get, answer(200), 1)).toBeUndefined();
  });

  test('a write is repeated only when the BMC says it did not take it', () => {
    expect(patience(post, answer(500), 1)).toBeUndefined();
    expect(patience(post, answer(503), 1)).toBeUndefined();
    expect(patience(post, failed(fault('bmc.unreachable', '')), 1)).toBeUndefined();
    expect(patience(post, answer(503, undefined, {'retry-after': '7'}), 1)).toBe(7_000);
    expect(patience(post, answer(429), 1)).toBe(5_000);
  });

  test.each(['IDRAC.2.8.SYS518', 'iLO.2.14.UnableToModifyDuringSystemPOST', 'iLO.2.14.InvalidOperationForSystemState'])(
    '%s passes by itself',
    (id) => {
      expect([1, 2, 3, 5, 7].map((tried) => patience(post, answer(400, says(id)), tried))).toEqual([
        5_000, 10_000, 20_000, 60_000, 60_000,
      ]);
      expect(patience(post, answer(400, says(id)), 8)).toBeUndefined();
    },
  );

  test.each([
    ['0', 1_000],
    ['30', 30_000],
    ['86400', 60_000],
    ['-5', undefined],
    ['Wed, 21 Oct 2026 07:28:00 GMT', undefined],
    [undefined, undefined],
  ])('Retry-After %j', (header, ms) => {
    expect(retryAfterMs(header)).toBe(ms);
  });
});

test.each([
  ['W/"abc"', ['W/"abc"', '"abc"', 'abc', undefined]],
  ['"abc"', ['"abc"', 'abc', undefined]],
  ['abc', ['abc', undefined]],
  ['""', ['""', undefined]],
  ['', [undefined]],
  ['a\r\nX: y', [undefined]],
  [undefined, [undefined]],
])('If-Match for %j', (etag, ladder) => {
  expect(ifMatch(etag)).toEqual(ladder);
});

test.each([
  [202, {TaskState: 'Running'}, 'running'],
  [200, {TaskState: 'Pending'}, 'running'],
  [200, {TaskState: 'Completed', TaskStatus: 'OK'}, 'completed'],
  [200, {TaskState: 'Completed', TaskStatus: 'Warning'}, 'completed'],
  [200, {TaskState: 'Completed', TaskStatus: 'Critical'}, 'failed'],
  [200, {TaskState: 'Exception'}, 'failed'],
  [404, undefined, 'completed'],
  [204, undefined, 'completed'],
  [202, undefined, 'running'],
  [500, undefined, 'failed'],
])('a task monitor that answers %i %j is %s', (status, body, is) => {
  expect(taskState(status, body).is).toBe(is);
});

test.each([
  ['On', 'on'],
  ['Off', 'off'],
  ['PoweringOn', 'off'],
  ['PoweringOff', 'on'],
  ['Unknown', undefined],
  [undefined, undefined],
])('PowerState %j is %j', (PowerState, power) => {
  expect(powerOf({PowerState})).toBe(power);
});

test('a reset type is taken from the action info where the action has none (Supermicro)', () => {
  const {system} = machine('supermicro-821ge-x13');
  const info = {Parameters: [{Name: 'ResetType', AllowableValues: ['ForceOn', 'GracefulShutdown']}]};
  expect(powerRequest(system, info, 'on')?.body).toEqual({ResetType: 'ForceOn'});
  expect(powerRequest(system, info, 'off')).toBeUndefined();
});

const boot = (Boot: Record<string, string>) => ({Boot});

test('the override wanted is recognised', () => {
  const once = {BootSourceOverrideEnabled: 'Once', BootSourceOverrideTarget: 'Cd', BootSourceOverrideMode: 'UEFI'};
  expect(holds(generic, boot(once), {from: 'cd', firmware: 'uefi'})).toBe(true);
  expect(holds(generic, boot(once), {from: 'cd', firmware: 'bios'})).toBe(false);
  expect(holds(generic, boot({...once, BootSourceOverrideEnabled: 'Continuous'}), {from: 'cd'})).toBe(false);
  expect(holds(generic, boot({...once, BootSourceOverrideTarget: 'Hdd'}), {from: 'cd'})).toBe(false);
  expect(holds(generic, boot(once), {from: 'disk'})).toBe(false);
  expect(bootPlan(generic, '/redfish/v1/Systems/1', boot(once), {from: 'cd'})).toEqual({is: 'already'});
  // Supermicro forgets: it is sent again however right it looks.
  expect(bootPlan(supermicro, '/redfish/v1/Systems/1', boot(once), {from: 'cd'}).is).toBe('writes');
});

test('a BMC without a CD among its boot targets is told, with what it offers', () => {
  const system = {Boot: {'BootSourceOverrideTarget@Redfish.AllowableValues': ['None', 'Pxe']}};
  expect(bootPlan(generic, '/redfish/v1/Systems/1', system, {from: 'cd'})).toEqual({
    is: 'impossible',
    offered: ['None', 'Pxe'],
  });
});

describe('odd and hostile JSON', () => {
  /** Resources with the right names and any content, as well as anything at all. */
  const names = [
    '@odata.id',
    'Id',
    'Image',
    'Inserted',
    'Boot',
    'Actions',
    'Parameters',
    'Members',
    'Oem',
    'error',
    '__proto__',
    'constructor',
    'MediaTypes',
    '@Message.ExtendedInfo',
    '#VirtualMedia.InsertMedia',
    'target',
    'PowerState',
    'TaskState',
    'MessageId',
    'Messages',
  ];
  const odd = fc.oneof(
    fc.jsonValue(),
    fc.letrec((tie) => ({
      value: fc.oneof(
        {depthSize: 'small'},
        fc.jsonValue({maxDepth: 1}),
        tie('object'),
        fc.array(tie('value'), {maxLength: 3}),
      ),
      object: fc.dictionary(fc.constantFrom(...names), tie('value'), {maxKeys: 6}),
    })).object,
  );

  test('never throws, and every request stays on the BMC', () => {
    fc.assert(
      fc.property(odd, odd, odd, (a, b, c) => {
        const profile = detect(a, b, c);
        const each = slot('/redfish/v1/x', a);
        candidates(profile, [each]);
        mediaState(profile, each);
        shows(url, String(each.image));
        insertRequest(profile, each, url, new Set([...profile.insert.fields, ...required(b)]));
        ejectRequests(profile, each);
        amend(new Set<Field>(), messages(c));
        systemFacts(profile, a);
        bootPlan(profile, '/redfish/v1/x', b, {from: 'cd', firmware: 'bios'});
        bootPlan(profile, '/redfish/v1/x', b, {from: 'disk'});
        powerRequest(a, b, 'off');
        for (const {screen} of [profile, dell, lab])
          if (screen) screenTarget(screen, {path: screenService(screen, {path: '/redfish/v1/x', body: a}), body: b});
        pictureOf(a);
        taskState(200, c);
        patience({method: 'GET', path: '/'}, ok({status: 500, body: a, plain: '', headers: {}}), 1);
      }),
      {numRuns: 3_000},
    );
  });

  test('a link is either a path of the BMC’s Redfish service or nothing', () => {
    const link = fc.oneof(
      fc.webUrl(),
      fc.string(),
      fc
        .tuple(
          fc.constantFrom('/', '//', '\\\\', 'https://10.0.0.1', 'https://10.0.0.1@evil/', '/redfish', '/redfish/..'),
          fc.string(),
        )
        .map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(link, (reference) => {
        for (const path of [local('https://10.0.0.1', reference), pathOfLocation('https://10.0.0.1', reference)]) {
          if (path === undefined) continue;
          expect(path).toMatch(/^\/redfish(\/|\?|$)/);
          expect(new URL(path, 'https://10.0.0.1').origin).toBe('https://10.0.0.1');
        }
      }),
      {numRuns: 2_000},
    );
  });

  test('any bytes parse to a value or to nothing', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array(),
          fc.json().map((text) => new TextEncoder().encode(text)),
        ),
        (bytes) => {
          parseBody(bytes);
          expect(excerpt(bytes).length).toBeLessThanOrEqual(200);
        },
      ),
    );
    expect(parseBody(new TextEncoder().encode('{"a":"[[[[\\"[[["}'))).toEqual({a: '[[[["[[['});
    expect(parseBody(new TextEncoder().encode('\ufeff{}'))).toEqual({});
    expect(parseBody(new TextEncoder().encode('['.repeat(65) + ']'.repeat(65)))).toBeUndefined();
  });
});
