import {beforeEach, describe, expect, test} from 'vitest';
import {Killed, Machine} from '../simulator/machine.ts';
import {memoryJournal} from '../simulator/journal.ts';
import {runbook as plain, step} from '../simulator/runbook.ts';
import {sit, types, type Stand} from '../simulator/sitting.ts';
import {VirtualClock} from '../simulator/clock.ts';
import type {BmcBaseline, Runbook} from '../../src/runbook/runbook.ts';
import {bmcAudit} from '../../src/step/bmc-audit.ts';
import {bmcRotate} from '../../src/step/bmc-rotate.ts';

const baseline: BmcBaseline = {
  accounts: {rebuild: 'Administrator'},
  firmware: {BMC: '1.0.0'},
  subscriptions: [],
  directories: [],
  open: [],
};

const isolate = step('isolate', 'port.isolate');
const mount = step('mount', 'media.mount');
const boot = step('boot', 'target.boot');
const runbook: Runbook = {
  ...plain,
  bmc: {...plain.bmc, newpassword: 'env:BMC_NEW_PASSWORD', baseline},
  steps: [
    isolate,
    step('audit', 'bmc.audit', {deviations: 'mend'}),
    step('rotate', 'bmc.rotate'),
    mount,
    boot,
    step('eject', 'media.eject'),
    step('audit-again', 'bmc.audit'),
  ],
};

let stand: Stand;
const begin = (book = runbook): void => {
  const clock = new VirtualClock();
  stand = {machine: new Machine(book, clock), clock, journal: memoryJournal(clock)};
};
beforeEach(() => begin());

const mended = {
  accounts: ['rebuild'],
  sessions: [],
  subscriptions: [],
  ways: ['host-interface 1 closed', 'kcs unknown'],
  password: 'newpassword',
};

test('what is foreign goes, the way from the host is closed, the password changes, and the end is as the baseline', async () => {
  expect(await sit(stand)).toEqual({end: 'done'});
  const {access} = stand.machine;
  expect(access.end()).toEqual(mended);
  expect(access.counts).toEqual({changes: 1, failures: 0, worst: 1});
  const told = types(stand.journal.entries);
  expect(told.indexOf('rotate effect.sent')).toBeLessThan(told.indexOf('rotate effect.settled'));
  const text = JSON.stringify(stand.journal.entries);
  for (const part of [
    'account support2 (Administrator) is foreign: deleted',
    'a risk that stays: kcs cannot be closed',
  ])
    expect(text).toContain(part);
});

test('ways are closed before accounts go, and accounts before sessions', async () => {
  const did: string[] = [];
  const world = stand.machine.world();
  await sit(stand, undefined, {
    world: {
      ...world,
      bmc: {
        ...world.bmc,
        closeWay: (...values) => (did.push('way'), world.bmc.closeWay(...values)),
        removeAccount: (...values) => (did.push('account'), world.bmc.removeAccount(...values)),
        endSession: (...values) => (did.push('session'), world.bmc.endSession(...values)),
      },
    },
  });
  expect(did).toEqual(['way', 'account', 'session']);
});

test('killed before every thing and resumed: the same end, one change of the password, never two failed logins in a row', async () => {
  await sit(stand);
  const calm = {end: stand.machine.end(), events: stand.journal.entries.length};
  const points: number[] = [];
  for (let death = 1; ; death++) {
    begin();
    const first = await sit(stand, death);
    if (first !== 'killed') break;
    points.push(death);
    expect(await sit(stand), `killed before ${death}`).toEqual({end: 'done'});
    expect(stand.machine.end(), `killed before ${death}`).toEqual(calm.end);
    expect(stand.machine.access.counts.changes).toBe(1);
    expect(stand.machine.access.counts.worst).toBeLessThanOrEqual(1);
  }
  expect(points.length).toBeGreaterThan(calm.events);
});

test('killed when the BMC had the new password and nobody knew: resume finds out which holds', async () => {
  const world = stand.machine.world();
  const dying = {
    ...world,
    bmc: {
      ...world.bmc,
      changePassword: async (...values: [AbortSignal]) => {
        await world.bmc.changePassword(...values);
        throw new Killed();
      },
    },
  };
  expect(await sit(stand, undefined, {world: dying})).toBe('killed');
  expect(stand.machine.access.password).toBe('newpassword');
  expect(await sit(stand)).toEqual({end: 'done'});
  expect(stand.machine.access.counts.changes).toBe(1);
  expect(types(stand.journal.entries)).toContain('rotate effect.found');
});

/** A sitting in which something happens at the BMC while the medium is ejected. */
function meanwhile(change: () => void) {
  const world = stand.machine.world();
  const eject: typeof world.bmc.eject = async (signal) => {
    change();
    return world.bmc.eject(signal);
  };
  return sit(stand, undefined, {world: {...world, bmc: {...world.bmc, eject}}});
}

describe('the last audit', () => {
  test('a new account fails the run, and is not removed', async () => {
    const {accounts} = stand.machine.access;
    const end = await meanwhile(() =>
      accounts.push({id: '5', name: 'svc', role: 'Administrator', enabled: true, own: false}),
    );
    expect(end).toMatchObject({
      end: 'failed',
      step: 'audit-again',
      fault: {
        code: 'bmc.deviates',
        says: 'account svc (Administrator) is foreign, new since the first audit of this run',
      },
    });
    expect(accounts.map(({name}) => name)).toEqual(['rebuild', 'svc']);
  });

  test('a session of a foreign user and a subscription', async () => {
    const {access} = stand.machine;
    const end = await meanwhile(() => {
      access.sessions.push({id: '9', user: 'svc', from: '192.0.2.66', own: false});
      access.subscriptions.push({id: '9', destination: 'https://192.0.2.66/events'});
    });
    expect(end).toMatchObject({
      end: 'failed',
      fault: {detail: {deviations: ['svc is logged in from 192.0.2.66', 'events go to https://192.0.2.66/events']}},
    });
  });
});

test('what cannot be mended stops the first audit before anything is touched', async () => {
  const bmc = {...runbook.bmc, baseline: {...baseline, accounts: {...baseline.accounts, ops: 'ReadOnly'}}};
  begin({...runbook, bmc});
  expect(await sit(stand)).toMatchObject({
    end: 'failed',
    step: 'audit',
    fault: {code: 'bmc.deviates', says: 'account ops is missing'},
  });
  expect(stand.machine.access.accounts).toHaveLength(2);
  const probed = await bmcAudit.probe(
    {...stand.machine.world(), earlier: () => undefined, forgone: () => false},
    {deviations: 'mend'},
  );
  expect(probed).toMatchObject({ok: false, fault: {code: 'bmc.deviates'}});
});

test('where our own account is not listed, none is removed', async () => {
  stand.machine.access.accounts[0] = {...stand.machine.access.accounts[0]!, own: false};
  expect(await sit(stand)).toMatchObject({
    end: 'failed',
    fault: {says: expect.stringContaining('none is removed') as string},
  });
  expect(stand.machine.access.accounts).toHaveLength(2);
});

test('a BMC that takes the old password beside the new one has not been rotated', async () => {
  const world = stand.machine.world();
  const end = await sit(stand, undefined, {
    world: {...world, bmc: {...world.bmc, takes: async () => ({ok: true, value: true})}},
  });
  expect(end).toMatchObject({end: 'failed', step: 'rotate', fault: {state: 'both passwords hold'}});
});

test('the plan names what will be mended, what cannot be closed, and no session', async () => {
  const look = {...stand.machine.world(), earlier: () => undefined, forgone: () => false};
  const facts = await bmcAudit.probe(look, {deviations: 'mend'});
  if (!facts.ok) throw new Error(facts.fault.says);
  const says = bmcAudit.plan({deviations: 'mend'}, facts.value, runbook).map((effect) => effect.says);
  expect(says).toEqual([
    'end every session but this one',
    'mend: account support2 (Administrator) is foreign',
    'mend: events go to https://198.51.100.66/events',
    'mend: host-interface 1 is open to the host',
    'kcs cannot be closed',
  ]);
  const holds = await bmcRotate.probe(look, {});
  expect(holds).toEqual({ok: true, value: {holds: 'password'}});
});

test('an audit that mends has its place before the host is started', () => {
  expect(bmcAudit.check?.({deviations: 'mend'}, runbook, 1)).toEqual([]);
  expect(bmcAudit.check?.({deviations: 'mend'}, runbook, 6)).toMatchObject([{path: ['deviations']}]);
  expect(bmcAudit.check?.({deviations: 'refuse'}, runbook, 6)).toEqual([]);
});

test('a runbook without a baseline or a new secret is a mistake', () => {
  expect(bmcAudit.check?.({deviations: 'refuse'}, plain, 1)).toMatchObject([
    {says: expect.stringContaining('bmc.baseline') as string},
  ]);
  expect(bmcRotate.check?.({}, plain, 1)).toMatchObject([{says: expect.stringContaining('bmc.newpassword') as string}]);
  const same = {...plain, bmc: {...plain.bmc, newpassword: plain.bmc.password}};
  expect(bmcRotate.check?.({}, same, 1)).toMatchObject([{says: expect.stringContaining('same secret') as string}]);
});
