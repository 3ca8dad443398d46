import {createHash} from 'node:crypto';
import {mkdtemp, readdir, readFile, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import type {RunId} from '../../src/brand.ts';
import {readCustody, type Custody} from '../../src/evidence/custody.ts';
import {shortIn} from '../../src/evidence/outcome.ts';
import {fault} from '../../src/fault.ts';
import {failed, ok} from '../../src/result.ts';
import {evidenceCapture} from '../../src/step/evidence-capture.ts';
import {outsideItems, takeOutside} from '../../src/step/evidence/outside.ts';
import {brokenIn} from '../../src/step/evidence/standing.ts';
import type {World} from '../../src/step/world.ts';
import type {Sealed, Vault} from '../../src/step/world/evidence.ts';
import {VirtualClock} from '../simulator/clock.ts';
import {evidenceIn} from '../simulator/evidence.ts';
import {Machine} from '../simulator/machine.ts';
import {runbook} from '../simulator/runbook.ts';
import {handOf} from './hand.ts';

const run = 'marruuk-1' as RunId;
const asked = '/redfish/v1/Managers/bmc/Actions/Oem/Rebuild.CaptureScreen';
const png = {form: 'png', data: Buffer.from('89504e470d0a1a0a00', 'hex'), asked} as const;
const jpg = {form: 'jpg', data: Buffer.from('ffd8ffe000', 'hex'), asked} as const;

let folder: string;
let machine: Machine;
let touched: string[];
let world: World;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rebuild-outside-'));
  const clock = new VirtualClock();
  machine = new Machine(runbook, clock);
  touched = [];
  machine.before = (what) => void touched.push(what);
  world = {
    ...machine.world(),
    evidence: evidenceIn(folder, clock),
    earlier: () => undefined,
    forgone: () => false,
  };
});
afterEach(() => rm(folder, {recursive: true, force: true}));

const data = (): string => join(folder, 'evidence', run, 'flash');

async function custody(): Promise<readonly Custody[]> {
  const records = readCustody(await readFile(join(data(), 'custody.jsonl'), 'utf8'));
  if ('brokenAt' in records) throw new Error(`the chain breaks at ${records.brokenAt}`);
  return records;
}

async function take(told = handOf()) {
  const vault = await world.evidence.open('flash');
  if (!vault.ok) throw new Error(vault.fault.says);
  const taken = await takeOutside(world, vault.value, false, told.hand);
  return {taken, told: told.told, vault: vault.value};
}

async function sealed(vault: Vault): Promise<Sealed> {
  const sealed = await vault.seal();
  if (!sealed.ok) throw new Error(JSON.stringify(sealed));
  return sealed.value;
}

describe('the screen that a BMC shows', () => {
  test.each([png, jpg])('is an item of its own, the first, called after what it is ($form)', async (shown) => {
    machine.screen = ok(shown);
    const {taken, told, vault} = await take();
    expect(taken).toEqual({ok: true, value: undefined});
    const records = await custody();
    expect(records.map(({id}) => id)).toEqual(['001-screen', '002-bmc', '003-gateway']);
    const file = `001-screen.${shown.form}`;
    expect(records[0]).toMatchObject({
      what: 'the host’s screen, as the BMC shows it',
      source: runbook.bmc.url,
      method: {over: 'redfish', argv: ['POST', asked]},
      tool: {name: 'rebuild'},
      file,
      bytes: shown.data.length,
      sha256: createHash('sha256').update(shown.data).digest('hex'),
      complete: true,
    });
    expect(await readFile(join(data(), file))).toEqual(shown.data);
    expect(told.notes).toEqual([]);
    const {items, records: kept} = await sealed(vault);
    expect({items, short: shortIn(kept)}).toEqual({items: 3, short: []});
  });

  test('is not taken again by a later attempt', async () => {
    machine.screen = ok(png);
    await take();
    machine.screen = ok(jpg);
    expect((await take()).taken.ok).toBe(true);
    expect((await custody()).map(({id}) => id)).toEqual(['001-screen', '002-bmc', '003-gateway']);
    expect(touched).toEqual(['bmc.screen']);
  });
});

describe('a BMC that shows no screen', () => {
  test('is on record as that, once, and nothing of the evidence is missing for it', async () => {
    const {taken, told} = await take();
    expect(taken).toEqual({ok: true, value: undefined});
    const again = await take();
    const records = await custody();
    expect(records.map(({id}) => id)).toEqual(['skipped-screen', '001-bmc', '002-gateway']);
    expect(records[0]).toMatchObject({
      complete: false,
      lack: 'absent',
      reason: 'bmc.screen-not-shown',
      method: {over: 'redfish', argv: []},
      bytes: 0,
    });
    expect(records[0]).not.toHaveProperty('file');
    expect([...told.notes, ...again.told.notes]).toEqual([]);
    const {items, records: kept} = await sealed(again.vault);
    expect(items).toBe(2);
    expect(brokenIn(outsideItems, kept)).toEqual([]);
  });

  test.each([
    ['bmc.refused', 'error'],
    ['bmc.screen-unreadable', 'error'],
    ['bmc.unreachable', 'lost'],
  ] as const)(
    'because of %s is on record as not whole (%s); the rest is taken, and a later attempt asks again',
    async (code, lack) => {
      machine.screen = failed(fault(code, 'words of the BMC'));
      const {taken, told} = await take();
      expect(taken).toEqual({ok: true, value: undefined});
      const records = await custody();
      expect(records.map(({id, complete}) => [id, complete])).toEqual([
        ['skipped-screen', false],
        ['001-bmc', true],
        ['002-gateway', true],
      ]);
      expect(records[0]).toMatchObject({lack, reason: code});
      expect(brokenIn(outsideItems, records)).toEqual([{item: 'screen', is: 'short', lack, reason: code}]);
      expect(await readFile(join(data(), 'custody.jsonl'), 'utf8')).not.toContain('words of the BMC');
      expect(told.notes).toEqual([]);
      machine.screen = ok(png);
      const again = await take();
      expect((await custody()).at(-1)).toMatchObject({id: '003-screen', complete: true});
      expect(shortIn((await sealed(again.vault)).records)).toEqual([]);
    },
  );
});

test('an interruption leaves nothing on record as taken', async () => {
  const abort = new AbortController();
  machine.before = () => abort.abort();
  machine.screen = failed(fault('run.interrupted', 'interrupted while the BMC was asked'));
  const {taken} = await take(handOf({signal: abort.signal}));
  expect(taken).toMatchObject({ok: false, fault: {code: 'run.interrupted'}});
  expect(await readdir(data())).toEqual([]);
});

async function capture(more: object = {}) {
  const {hand, told} = handOf();
  const params = evidenceCapture.params.parse({profile: 'flash', ...more});
  return {done: await evidenceCapture.apply(world, params, hand), told};
}

describe('a whole capture', () => {
  const verified = {verdicts: [{profile: 'flash', standing: {is: 'verified'}}]};

  test('asks for the screen before anything touches the host', async () => {
    machine.screen = ok(png);
    const {suspect} = world;
    const noted = {
      ...suspect,
      enter: async (signal: AbortSignal) => {
        touched.push('suspect.enter');
        return suspect.enter(signal);
      },
    };
    world = {...world, suspect: noted};
    const {done} = await capture();
    expect(done).toMatchObject({ok: true, value: {data: {...verified, incomplete: []}}});
    expect(touched).toEqual(['bmc.screen', 'suspect.enter']);
  });

  test('is as good without a screen where the BMC has none', async () => {
    const {done, told} = await capture();
    expect(done).toMatchObject({ok: true, value: {data: {...verified, incomplete: []}}});
    expect(done.ok && done.value.says).not.toContain('not whole');
    expect(told.notes.map(({says}) => says).filter((says) => says.includes('not whole'))).toEqual([]);
    expect(told.notes.map(({says}) => says)).toContain('skipped-screen is not to be had: bmc.screen-not-shown');
  });

  test('has failed where the screen was refused three times, and stands on the name of who accepts that', async () => {
    machine.screen = failed(fault('bmc.refused', 'words of the BMC'));
    const says = expect.stringMatching(/1 of \d+ not whole: screen \(bmc\.refused\)/);
    const incomplete = {ok: false, fault: {code: 'evidence.incomplete', says}};
    expect((await capture()).done).toMatchObject(incomplete);
    expect((await capture()).done).toMatchObject(incomplete);
    const {done, told} = await capture();
    expect(done).toMatchObject({ok: false, fault: {code: 'evidence.failed', says}});
    expect(told.notes.map((note) => note.says)).toContain('skipped-screen is not whole: bmc.refused');
    expect(touched.filter((what) => what === 'bmc.screen')).toHaveLength(3);
    const accept = {by: 'lena', reason: 'it was dark'};
    const accepted = (await capture({accept})).done;
    expect(accepted).toMatchObject({ok: true, value: {data: {verdicts: [{standing: {is: 'accepted', says}}]}}});
    expect(accepted.ok && accepted.value.says).toContain('1 not whole');
  });
});
