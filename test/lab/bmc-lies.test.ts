import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import type {RedfishBmc} from '../../src/device/redfish/connect.ts';
import {bmcStage, type BmcStage} from './bmc-stage.ts';

const {signal} = new AbortController();
let stage: BmcStage;
let bmc: RedfishBmc;

beforeEach(async () => {
  stage = await bmcStage();
  bmc = await connected();
});
afterEach(() => stage.close());

async function connected(): Promise<RedfishBmc> {
  const made = await stage.connect();
  if (!made.ok) throw new Error(made.fault.says);
  return made.value;
}

/** What `media.mount` and `target.boot` ask of a BMC, in their order. */
async function mountAndBoot(): Promise<void> {
  expect(await bmc.power('off', signal)).toEqual({ok: true, value: undefined});
  expect(await bmc.insert(stage.iso, signal)).toEqual({ok: true, value: {state: 'attached', image: stage.iso}});
  expect(await bmc.bootCdOnce(signal)).toEqual({ok: true, value: undefined});
  expect(await bmc.power('on', signal)).toEqual({ok: true, value: undefined});
}

const really = () => ({
  medium: stage.board.medium(),
  last: stage.did.filter((what) => what.startsWith('start')).at(-1),
  effects: stage.board.effects(),
});

test('a BMC without a fault does each thing once', async () => {
  await mountAndBoot();
  expect(really()).toEqual({
    medium: stage.iso,
    last: 'start from cd',
    effects: {inserts: 1, ejects: 0, resets: 2, drops: 0},
  });
});

describe('a BMC that has trouble of its own is borne', () => {
  test.each([
    ['a session lost in the middle', 'bmc-401', {count: 1}],
    ['sessions lost again and again', 'bmc-401', {count: 5}],
    ['a burst of 500', 'bmc-500', {count: 3}],
    ['a burst of 503', 'bmc-503', {count: 6}],
    ['500 for half a minute', 'bmc-500', {forSeconds: 30}],
    ['503 for a minute', 'bmc-503', {forSeconds: 60}],
    ['its own restart', 'bmc-reboot', {forSeconds: 90, clock: 'back'}],
  ] as const)('%s, before each thing it is asked', async (_, fault, more) => {
    const strike = () => stage.strike(fault, more as never);
    await strike();
    expect(await bmc.power('off', signal)).toEqual({ok: true, value: undefined});
    await strike();
    expect(await bmc.insert(stage.iso, signal)).toMatchObject({ok: true, value: {state: 'attached'}});
    // A restart from here on takes the medium with it.
    if (fault !== 'bmc-reboot') await strike();
    expect(await bmc.bootCdOnce(signal)).toEqual({ok: true, value: undefined});
    if (fault !== 'bmc-reboot') await strike();
    expect(await bmc.power('on', signal)).toEqual({ok: true, value: undefined});
    expect(really()).toMatchObject({medium: stage.iso, last: 'start from cd', effects: {inserts: 1}});
  });

  test('while it stays away, it is said to be away', async () => {
    await stage.strike('bmc-reboot', {forSeconds: 3600, clock: 'kept'});
    expect(await bmc.power('off', signal)).toMatchObject({ok: false, fault: {code: 'bmc.unreachable'}});
    expect(await bmc.media()).toMatchObject({ok: false, fault: {code: 'bmc.unreachable'}});
  });

  test('its restart takes the medium with it, and the next look shows so', async () => {
    await mountAndBoot();
    await stage.strike('bmc-reboot', {forSeconds: 5, clock: 'kept'});
    expect(await bmc.media()).toEqual({ok: true, value: {state: 'detached'}});
    expect(await bmc.insert(stage.iso, signal)).toMatchObject({ok: true});
    expect(really()).toMatchObject({medium: stage.iso, effects: {drops: 1}});
  });
});

describe('a BMC that lies is found out', () => {
  test('204 and no medium: it is tried once more', async () => {
    await stage.strike('bmc-no-mount', {count: 1});
    await mountAndBoot();
    expect(really()).toMatchObject({medium: stage.iso, last: 'start from cd'});
  });

  test('204 and no medium, for good: nothing is started from it', async () => {
    await stage.strike('bmc-no-mount', {count: 100});
    expect(await bmc.insert(stage.iso, signal)).toMatchObject({ok: false, fault: {code: 'media.not-mounted'}});
  });

  test('an Inserted that is stale is ejected before the medium is put in anew', async () => {
    await mountAndBoot();
    await stage.strike('bmc-stale-inserted', {});
    await stage.board.drop('gone');
    expect(await bmc.media()).toEqual({ok: true, value: {state: 'attached', image: stage.iso}});
    expect(really()).toMatchObject({medium: undefined, effects: {drops: 1}});
    expect(await bmc.insert(stage.iso, signal)).toMatchObject({ok: true});
    expect(really()).toMatchObject({medium: stage.iso, effects: {inserts: 2}});
  });

  test('a name that stays in an empty slot is no medium', async () => {
    await stage.strike('bmc-stale-name', {});
    await mountAndBoot();
    await stage.board.drop('gone');
    expect(stage.board.shown()).toEqual({image: undefined, name: 'light.iso'});
    expect(await bmc.media()).toEqual({ok: true, value: {state: 'detached'}});
    expect(await bmc.insert(stage.iso, signal)).toMatchObject({ok: true});
    expect(await bmc.eject(signal)).toEqual({ok: true, value: {state: 'detached'}});
  });

  test('a reset that is ignored is sent again, and one that always is, is said', async () => {
    await stage.strike('bmc-ignore-reset', {count: 1});
    await mountAndBoot();
    await stage.strike('bmc-ignore-reset', {count: 100});
    expect(await bmc.power('off', signal)).toMatchObject({
      ok: false,
      fault: {code: 'bmc.refused', says: expect.stringContaining('not off') as string},
    });
  });

  test('an override that is forgotten at the start is set again by the next one', async () => {
    await stage.strike('bmc-forget-boot', {count: 1});
    await mountAndBoot();
    expect(really()).toMatchObject({last: 'start from disk'});
    await mountAndBoot();
    expect(really()).toMatchObject({last: 'start from cd'});
  });

  test('a medium that a start throws out is shown as gone, and is put in again', async () => {
    await stage.strike('bmc-eject-on-reset', {count: 1});
    await mountAndBoot();
    expect(await bmc.media()).toEqual({ok: true, value: {state: 'detached'}});
    expect(stage.board.log().at(-1)).toMatchObject({says: 'Virtual media ejected by: Server_Reboot.'});
    await mountAndBoot();
    expect(really()).toMatchObject({medium: stage.iso, last: 'start from cd', effects: {drops: 1}});
  });
});

describe('a BMC whose sessions are all taken', () => {
  test('is waited for', async () => {
    await stage.strike('bmc-sessions-full', {forSeconds: 30});
    expect(await (await connected()).media()).toEqual({ok: true, value: {state: 'detached'}});
  });

  test('for good, is no wrong password', async () => {
    await stage.strike('bmc-sessions-full', {});
    expect(await stage.connect()).toMatchObject({
      ok: false,
      fault: {code: 'bmc.unreachable', says: expect.stringContaining('sessions are taken') as string},
    });
  });
});
