import {afterEach, beforeEach, expect, test} from 'vitest';
import type {RedfishBmc} from '../../src/device/redfish/connect.ts';
import {bmcStage, type BmcStage} from './bmc-stage.ts';
import {screen} from './note-chassis.ts';

const {signal} = new AbortController();
let stage: BmcStage;
let bmc: RedfishBmc;

beforeEach(async () => {
  stage = await bmcStage();
  const made = await stage.connect();
  if (!made.ok) throw new Error(made.fault.says);
  bmc = made.value;
});
afterEach(() => stage.close());

const asked = '/redfish/v1/Managers/bmc/Actions/Oem/Rebuild.CaptureScreen';

test('the lab’s BMC shows its machine’s screen', async () => {
  expect(bmc.profile.name).toBe('lab');
  expect(await bmc.screen(signal)).toEqual({ok: true, value: {form: 'png', data: screen, asked}});
  expect(stage.did).toEqual(['screenshot']);
});

test('a machine that is off has none', async () => {
  await bmc.power('off', signal);
  expect(await bmc.screen(signal)).toMatchObject({ok: false, fault: {code: 'bmc.refused'}});
  expect(stage.did).not.toContain('screenshot');
});

test('it comes through the BMC’s own trouble', async () => {
  await stage.strike('bmc-500', {count: 2});
  expect(await bmc.screen(signal)).toMatchObject({ok: true});
  await stage.strike('bmc-401', {count: 1});
  expect(await bmc.screen(signal)).toMatchObject({ok: true});
});

test('it is among nothing that a look can ask for: the papers name it, and do not take it', async () => {
  const papers = await bmc.papers(signal);
  const manager = papers.ok ? papers.value.papers.find(({path}) => path.endsWith('/Managers/bmc')) : undefined;
  expect(JSON.stringify(manager?.body)).toContain(asked);
  expect(stage.did).toEqual([]);
});
