import {expect, test} from 'vitest';
import type {Sha256} from '../../src/brand.ts';
import type {BmcBaseline} from '../../src/runbook/runbook.ts';
import {deviations, firmwareDeviations, risks, type Expected} from '../../src/step/bmc/deviation.ts';
import type {BmcState} from '../../src/step/bmc/state.ts';

const pin = 'a'.repeat(64) as Sha256;
const baseline: BmcBaseline = {
  accounts: {root: 'Administrator', ops: 'ReadOnly'},
  firmware: {BMC: '11.01.01'},
  subscriptions: ['https://10.9.0.5/events'],
  directories: [],
  open: [],
};
const sound: BmcState = {
  accounts: [
    {id: '2', name: 'root', role: 'Administrator', enabled: true, own: true},
    {id: '3', name: 'ops', role: 'ReadOnly', enabled: true, own: false},
  ],
  sessions: [
    {id: '1', user: 'root', from: '', own: true},
    {id: '2', user: 'ops', from: '10.9.0.7', own: false},
  ],
  subscriptions: [{id: '1', destination: 'https://10.9.0.5/events'}],
  directories: [],
  ways: [{kind: 'kcs', name: 'kcs', state: 'closed'}],
  media: [],
  certificates: [pin],
  firmware: [{id: 'BMC', name: 'BMC', version: '11.01.01'}],
};

const says = (change: Partial<BmcState>, more: Partial<Expected> = {}): readonly string[] =>
  deviations({...sound, ...change}, {baseline, certificate: pin, mediaMayBe: false, ...more}).map((each) => each.says);

test('a BMC as its baseline says does not deviate', () => {
  expect(says({})).toEqual([]);
  expect(firmwareDeviations(sound, baseline)).toEqual([]);
});

test('accounts: foreign, of another role, missing; a shut one does no harm, our own is ours', () => {
  const [root, ops] = sound.accounts as [BmcState['accounts'][number], BmcState['accounts'][number]];
  const foreign = {id: '9', name: 'support2', role: 'Administrator', enabled: true, own: false};
  expect(says({accounts: [root, ops, foreign]})).toEqual(['account support2 (Administrator) is foreign']);
  expect(says({accounts: [root, ops, {...foreign, enabled: false}]})).toEqual([]);
  expect(says({accounts: [root, {...ops, role: 'Administrator'}]})).toEqual([
    'account ops has the role Administrator, not ReadOnly',
  ]);
  expect(says({accounts: [root]})).toEqual(['account ops is missing']);
  expect(says({accounts: [root, ops, {...foreign, own: true}]})).toEqual([]);
});

test('an account that came during the run is told apart', () => {
  const accounts = [...sound.accounts, {id: '9', name: 'svc', role: 'Operator', enabled: true, own: false}];
  expect(says({accounts}, {seen: ['root', 'ops']})).toEqual([
    'account svc (Operator) is foreign, new since the first audit of this run',
  ]);
  expect(says({accounts}, {seen: ['root', 'ops', 'svc']})).toEqual(['account svc (Operator) is foreign']);
});

test('a name that is a property of every object is no account of the baseline', () => {
  const accounts = [...sound.accounts, {id: '9', name: 'constructor', role: '', enabled: true, own: false}];
  expect(says({accounts})).toEqual(['account constructor (no role) is foreign']);
});

test('sessions, subscriptions, directories, media and certificates', () => {
  expect(says({sessions: [{id: '5', user: 'support2', from: '192.0.2.66', own: false}]})).toEqual([
    'support2 is logged in from 192.0.2.66',
  ]);
  expect(says({subscriptions: [{id: '5', destination: ''}]})).toEqual(['events go to a place it does not name']);
  expect(says({directories: ['ldap']})).toEqual(['directory ldap may vouch for users']);
  const media = [{slot: 'CD2', image: 'http://192.0.2.66/x.iso'}];
  expect(says({media})).toEqual(['virtual drive CD2 holds http://192.0.2.66/x.iso']);
  expect(says({media}, {mediaMayBe: true})).toEqual([]);
  expect(says({certificates: []})).toEqual([]);
  expect(says({certificates: ['b'.repeat(64) as Sha256]})[0]).toContain('another certificate');
});

test('a way that is open and cannot be closed is a deviation that no mending takes away', () => {
  const stays = 'by nothing known';
  const [first] = deviations(
    {...sound, ways: [{kind: 'kcs', name: 'kcs', state: 'open', stays}]},
    {baseline, certificate: pin, mediaMayBe: false},
  );
  expect(first).toEqual({says: 'kcs is open to the host'});
  const unknown = {ways: [{kind: 'kcs', name: 'kcs', state: 'unknown', stays}]} as const;
  expect(says(unknown)).toEqual([]);
  expect(risks(unknown, baseline)).toEqual(['kcs cannot be closed: by nothing known']);
  expect(risks(unknown, {open: ['kcs']})).toEqual([]);
  expect(risks(sound, baseline)).toEqual([]);
});

test('firmware by id or by name; what is not listed is named', () => {
  const firmware = [{id: 'Installed-1', name: 'BIOS', version: '1.8.2'}];
  const wanted = {...baseline, firmware: {BIOS: '1.9', CPLD: '4'}};
  expect(firmwareDeviations({firmware}, wanted).map(({says}) => says)).toEqual([
    'firmware BIOS is 1.8.2, not 1.9',
    'firmware CPLD is not listed',
  ]);
});
