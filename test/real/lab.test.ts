import {mkdtemp, readFile, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterAll, afterEach, beforeAll, expect, test, vi} from 'vitest';
import {systemClock} from '../../src/clock.ts';
import {until} from '../../src/pace.ts';
import {at} from '../../src/lab/bmc/paths.ts';
import {takeDown} from '../../src/lab/down.ts';
import type {LabFault} from '../../src/lab/fault/lab-fault.ts';
import type {LabStatus} from '../../src/lab/keeper/protocol.ts';
import {labAttach, type Lab} from '../../src/lab/lab.ts';
import {six, type Station} from '../../src/lab/network/layout.ts';
import {keyFiles} from '../../src/lab/material.ts';
import {runProgram} from '../../src/lab/program.ts';
import {bareLab, consoleShows, serve} from './lab-stage.ts';
import {smallIso} from './small-iso.ts';

// Whole boots, on two cores that others may use too.
vi.setConfig({testTimeout: 600_000, hookTimeout: 120_000});

let directory: string;
let iso: string;
let lab: Lab;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'rebuild-lab-'));
  process.env['REBUILD_HOME'] = directory;
  iso = await smallIso(directory, 'RB 0.1 stage=ready');
});
afterEach(async () => {
  await takeDown(lab.host);
});
afterAll(async () => {
  await rm(directory, {recursive: true, force: true});
});

async function bmc(
  method: string,
  path: string,
  json?: object,
): Promise<{status: number; body: Record<string, unknown>}> {
  const files = keyFiles(lab.folder);
  const asked = await runProgram([
    ...lab.on('controller'),
    process.execPath,
    join(import.meta.dirname, 'ask-bmc.ts'),
    `https://${lab.blueprint.layout.management.bmc}${path}`,
    files.certificate,
    files.bmcUser,
    files.bmcPassword,
    method,
    json === undefined ? '' : JSON.stringify(json),
  ]);
  if (!asked.ok) throw new Error(asked.fault.says);
  return JSON.parse(asked.value) as {status: number; body: Record<string, unknown>};
}

async function bootFromCd(url: string): Promise<void> {
  const Boot = {BootSourceOverrideTarget: 'Cd', BootSourceOverrideEnabled: 'Once'};
  expect((await bmc('POST', at.insert, {Image: url})).status).toBe(204);
  expect((await bmc('PATCH', at.system, {Boot})).status).toBe(200);
  expect((await bmc('POST', at.reset, {ResetType: 'ForceRestart'})).status).toBe(204);
}

async function status(): Promise<LabStatus> {
  const now = await lab.control.status();
  if (!now.ok) throw new Error(now.fault.says);
  return now.value;
}

async function strike(fault: LabFault): Promise<void> {
  const struck = await lab.control.strike(fault);
  if (!struck.ok) throw new Error(struck.fault.says);
}

async function becomes(wanted: (now: LabStatus) => boolean): Promise<LabStatus | undefined> {
  const became = await until(
    async () => {
      const now = await status();
      return wanted(now) ? now : undefined;
    },
    {everyMs: 50, deadlineMs: 120_000, clock: systemClock, signal: new AbortController().signal},
  );
  return became.end === 'met' ? became.value : undefined;
}

test.each(['uefi', 'bios'] as const)(
  'the medium is lost after so many bytes, comes back, and is lost at a stage (%s)',
  async (firmware) => {
    lab = await bareLab(firmware);
    const {url, server} = await serve(lab, iso);
    const bytes = 14_000_000;
    await strike({fault: 'eject', when: {at: 'bytes', bytes}});
    await bootFromCd(url);
    expect(await consoleShows(lab, 'stage=ready')).toBe(true);
    const lost = await becomes(({effects}) => effects.drops === 1);
    expect(lost?.medium).toEqual({inserted: false, carriedBytes: bytes, line: 'whole'});
    expect((await bmc('GET', at.slot)).body).toMatchObject({Inserted: false, Image: null});
    expect(JSON.stringify((await bmc('GET', at.entries)).body)).toContain('Virtual media connection lost');
    // SeaBIOS keeps to itself that a read has failed: under it GRUB goes on, or stands still.
    if (firmware === 'uefi') expect(await consoleShows(lab, 'stage=lost')).toBe(true);

    await strike({fault: 'eject', when: {at: 'stage', stage: 'ready'}});
    await bootFromCd(url);
    const again = await becomes(({effects}) => effects.drops === 2);
    expect(again).toMatchObject({effects: {inserts: 2}, medium: {inserted: false}, waitingFaults: []});
    expect(again?.starts).toBe(2);
    server.stdin?.end();
  },
);

test('a cut line leaves a BMC that goes on to say it has the medium; the power goes; both are mended', async () => {
  lab = await bareLab('bios');
  const {url, server} = await serve(lab, iso);
  await bootFromCd(url);
  expect(await consoleShows(lab, 'stage=ready')).toBe(true);
  await strike({fault: 'cut', on: 'medium', when: {at: 'now'}});
  expect(await consoleShows(lab, 'stage=lost')).toBe(true);
  expect((await bmc('GET', at.slot)).body).toMatchObject({Inserted: true, Image: url});
  const screen = await lab.control.screenshot();
  expect(screen.ok && screen.value.subarray(1, 4).toString()).toBe('PNG');

  await strike({fault: 'power-loss', when: {at: 'now'}});
  expect(await becomes(({power}) => power === 'off')).toBeDefined();
  expect((await bmc('GET', at.system)).body).toMatchObject({PowerState: 'Off'});
  await bmc('POST', at.eject);
  expect((await bmc('POST', at.insert, {Image: url})).status).toBe(400);
  await strike({fault: 'mend'});
  expect((await bmc('POST', at.insert, {Image: url})).status).toBe(204);
  server.stdin?.end();
});

test('the stations are hosts of their own, and only the controller reaches the BMC', async () => {
  lab = await bareLab('uefi');
  const {management, lan, wan} = lab.blueprint.layout;
  const reaches = async (from: Station, address: string, port: number): Promise<boolean> => {
    const dial = `import('node:net').then(({connect}) => connect({host: '${address}', port: ${port}, timeout: 2000})
      .on('connect', () => process.exit(0)).on('error', () => process.exit(1)).on('timeout', () => process.exit(1)))`;
    return (await runProgram([...lab.on(from), process.execPath, '-e', dial])).ok;
  };
  expect(await reaches('controller', management.bmc, 443)).toBe(true);
  expect(await reaches('controller', management.gateway, 22)).toBe(true);
  expect(await reaches('controller', wan.outside, 22)).toBe(true);
  expect(await reaches('neighbour', wan.outside, 80)).toBe(true);
  expect(await reaches('outside', lan.neighbour, 445)).toBe(true);
  expect(await reaches('outside', management.bmc, 443)).toBe(false);
  expect(await reaches('neighbour', management.bmc, 443)).toBe(false);
  expect(await reaches('neighbour', lan.gateway, 22)).toBe(false);
  expect(await reaches('neighbour', six.wan.outside, 443)).toBe(true);
  expect(await reaches('controller', six.lan.neighbour, 445)).toBe(true);
  expect(await reaches('outside', six.management.controller, 22)).toBe(false);
  const counted = Object.entries((await status()).contacts).filter(([, from]) => Object.keys(from).length > 0);
  expect(Object.fromEntries(counted)).toEqual({
    [`[${six.wan.outside}]:443`]: {[six.lan.neighbour]: 1},
    [`[${six.lan.neighbour}]:445`]: {[six.management.controller]: 1},
    [`${wan.outside}:80`]: {[lan.neighbour]: 1},
    [`${lan.neighbour}:445`]: {[wan.outside]: 1},
  });
});

test('a keeper that is killed takes everything with it, and what is left is cleared away', async () => {
  lab = await bareLab('uefi');
  await lab.control.power('on');
  const {pid} = await status();
  const living = async (): Promise<number> => {
    const pids = await Promise.all(
      (['metal', 'gateway', 'neighbour', 'outside'] as const).map((station) =>
        runProgram(['ip', 'netns', 'pids', lab.on(station)[1]?.replace('--net=/run/netns/', '') ?? '']),
      ),
    );
    return pids.flatMap((listed) => (listed.ok ? listed.value.split('\n').filter(Boolean) : ['unknown'])).length;
  };
  // Keeper and QEMU on the metal, an SSH server on each of three, a listener on two.
  expect(await living()).toBe(7);
  process.kill(pid, 'SIGKILL');
  const alone = await until(async () => ((await living()) === 0 ? true : undefined), {
    everyMs: 50,
    deadlineMs: 10_000,
    clock: systemClock,
    signal: new AbortController().signal,
  });
  expect(alone.end).toBe('met');
  expect(await labAttach(lab.host)).toMatchObject({ok: false, fault: {code: 'lab.down'}});

  lab = await bareLab('bios');
  expect((await status()).power).toBe('off');
  expect(await takeDown(lab.host)).toEqual({ok: true, value: {was: true}});
  expect(await takeDown(lab.host)).toEqual({ok: true, value: {was: false}});
  const spaces = await readFile('/proc/self/mountinfo', 'utf8');
  expect(spaces).not.toContain(lab.blueprint.prefix);
});
