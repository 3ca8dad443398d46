import {afterEach, beforeEach, expect, test} from 'vitest';
import type {RedfishBmc} from '../../src/device/redfish/connect.ts';
import {planted} from '../../src/lab/bmc/planted.ts';
import {bmcAudit} from '../../src/step/bmc-audit.ts';
import {bmcRotate} from '../../src/step/bmc-rotate.ts';
import type {World} from '../../src/step/world.ts';
import {bmcStage, type BmcStage} from '../lab/bmc-stage.ts';
import {hasty} from '../device/hasty.ts';
import {Machine} from '../simulator/machine.ts';
import {runbook} from '../simulator/runbook.ts';
import {handOf} from './hand.ts';

// The steps over the real client and HTTPS against the lab's BMC, as an intruder has left it.

let stage: BmcStage;
let bmc: RedfishBmc;
let world: World;

beforeEach(async () => {
  stage = await bmcStage({intruded: true});
  const connected = await stage.connect();
  if (!connected.ok) throw new Error(connected.fault.says);
  bmc = connected.value;
  const book = {
    ...runbook,
    bmc: {
      ...runbook.bmc,
      certificate: stage.pin,
      newpassword: 'env:NEW',
      baseline: {
        accounts: {rebuild: 'Administrator'},
        firmware: {BMC: '1.0.0', BIOS: 'OVMF'},
        subscriptions: [],
        directories: [],
        open: [],
      },
    },
  } as const;
  world = {...new Machine(book, hasty()).world(), bmc, earlier: () => undefined, forgone: () => false};
});
afterEach(() => stage.close());

const names = (): readonly string[] => stage.standing.accounts.all().map(({name}) => name);
const users = (): readonly string[] => stage.sessions.all().map(({user}) => user);

test('everything that was planted is found, named and gone', async () => {
  expect(names()).toEqual(['rebuild', planted.account.name]);
  const refused = await bmcAudit.apply(world, {deviations: 'refuse'}, handOf().hand);
  expect(refused).toMatchObject({
    ok: false,
    fault: {
      code: 'bmc.deviates',
      detail: {
        deviations: [
          'account support2 (Administrator) is foreign',
          'support2 is logged in from 192.0.2.66 Redfish',
          'events go to https://192.0.2.66/events',
          'host-interface 1 is open to the host',
          'bootstrapping 1 is open to the host',
        ],
      },
    },
  });
  expect(names()).toContain(planted.account.name);

  const {hand, told} = handOf();
  expect(await bmcAudit.apply(world, {deviations: 'mend'}, hand)).toMatchObject({ok: true});
  expect(names()).toEqual(['rebuild']);
  expect(users()).toEqual(['rebuild']);
  expect(stage.standing.subscriptions()).toEqual([]);
  expect(stage.standing.hostInterface()).toEqual({enabled: false, bootstrapping: false});
  expect(told.notes.map(({says}) => says)).toContain('account support2 (Administrator) is foreign: deleted');
  expect(await bmcAudit.verify(world, {deviations: 'mend'})).toMatchObject({ok: true});
  expect(await bmcAudit.apply(world, {deviations: 'refuse'}, handOf().hand)).toMatchObject({ok: true});
});

test('the password changes, the old one is refused, and nobody is shut out', async () => {
  expect(await bmcRotate.apply(world, {}, handOf().hand)).toMatchObject({ok: true, value: {data: {oldRefused: true}}});
  expect(await bmcRotate.verify(world, {})).toMatchObject({ok: true});
  const {accounts} = stage.standing;
  expect(accounts.match('rebuild', 'staple battery')).toMatchObject({locked: false});
  expect(accounts.match('rebuild', 'correct horse')).toBeUndefined();
  // The intruder's session is another account's: it is ended too.
  expect(users()).toEqual(['rebuild']);
  expect(await bmc.system()).toMatchObject({ok: true});
});

test('applied again by a controller that knows nothing of it, it changes nothing and locks nothing', async () => {
  expect(await bmcRotate.apply(world, {}, handOf().hand)).toMatchObject({ok: true});
  await bmc.close();
  for (let again = 0; again < 4; again++) {
    const other = await stage.connect();
    if (!other.ok) throw new Error(other.fault.says);
    const applied = await bmcRotate.apply({...world, bmc: other.value}, {}, handOf().hand);
    expect(applied).toMatchObject({ok: true});
    await other.value.close();
  }
  const own = stage.standing.accounts.all().find(({name}) => name === 'rebuild');
  expect(own).toMatchObject({locked: false, enabled: true});
});

test('a BMC that restarts is waited for', async () => {
  await stage.strike('bmc-reboot', {forSeconds: 20, clock: 'kept'});
  const {hand} = handOf();
  expect(await bmcAudit.apply(world, {deviations: 'mend'}, hand)).toMatchObject({ok: true});
  expect(names()).toEqual(['rebuild']);
});

test('all that it links to is read for the evidence, each resource once', async () => {
  const read = await bmc.papers(new AbortController().signal);
  if (!read.ok) throw new Error(read.fault.says);
  const {papers, cut} = read.value;
  expect(cut).toBeUndefined();
  expect(papers.filter(({trouble}) => trouble !== undefined)).toEqual([]);
  const paths = papers.map(({path}) => path);
  expect(new Set(paths).size).toBe(paths.length);
  expect(paths).toEqual(expect.arrayContaining([expect.stringMatching(/AccountService\/Accounts\/.+/)]));
});
