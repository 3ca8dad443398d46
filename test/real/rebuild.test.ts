import {mkdtemp, rm} from 'node:fs/promises';
import {afterAll, afterEach, beforeAll, expect, test} from 'vitest';
import {hostName} from '../../src/brand.ts';
import {takeDown} from '../../src/lab/down.ts';
import type {LabFault} from '../../src/lab/fault/lab-fault.ts';
import {labAttach, type Lab} from '../../src/lab/lab.ts';
import {eventsOf, rebuild, summaryOf} from './controller.ts';
import {chunksSaved} from './saved.ts';

// The command of README, on the lab's machine: an old system that was really booted, our ISO over the BMC's virtual
// media, disks that are really erased.

const marruuk = hostName('marruuk')!;
let state: string;

beforeAll(async () => {
  // A short path: the lab's sockets live below it.
  state = await mkdtemp('/tmp/rebuild-e2e-');
  process.env['REBUILD_HOME'] = state;
});
afterEach(() => takeDown(marruuk));
afterAll(() => rm(state, {recursive: true, force: true}));

async function lab(): Promise<Lab> {
  const attached = await labAttach(marruuk);
  if (!attached.ok) throw new Error(attached.fault.says);
  return attached.value;
}

async function strike(fault: LabFault): Promise<void> {
  const struck = await (await lab()).control.strike(fault);
  if (!struck.ok) throw new Error(struck.fault.says);
}

test('UEFI: the medium goes right after the RAM system is up, and is not needed', async () => {
  const ended = await rebuild(['run', 'marruuk', '--firmware', 'uefi', '--confirm', 'marruuk'], state, async (line) => {
    if (line.type === 'step.done' && line.step === 'boot') await strike({fault: 'eject', when: {at: 'now'}});
  });
  expect(ended.code, ended.said).toBe(0);

  const summary = summaryOf(ended);
  expect(summary).toMatchObject({type: 'run.summary', host: 'marruuk', result: 'done', lab: true, mediaLosses: 0});
  expect(summary.steps.map(({id, state: is}) => `${id} ${is}`)).toEqual(
    ['isolate', 'evidence', 'mount', 'boot', 'wipe', 'install', 'eject', 'network', 'verify'].map((id) => `${id} done`),
  );
  for (const {proof, seconds} of summary.steps) {
    expect(proof?.says).toEqual(expect.any(String));
    expect(seconds).toEqual(expect.any(Number));
  }
  expect(summary.isoBytesServed).toBeGreaterThan(10_000_000);
  expect(summary.imageBytesSent).toBeGreaterThan(50_000_000);
  expect(eventsOf(ended, 'step.interrupted')).toMatchObject([
    {
      cause: 'medium lost',
      says: 'the medium went away and was not needed: the light system runs from RAM',
      seconds: 0,
      bytesAgain: 0,
    },
  ]);
  expect(summary.interruptions).toMatchObject([{cause: 'medium lost', seconds: 0, over: true}]);

  const after = await lab();
  const status = await after.control.status();
  // Once from the CD and once from the disk; the first start was the old system's.
  expect(status).toMatchObject({ok: true, value: {starts: 3, effects: {inserts: 1}}});
  expect(await after.keptDisks()).toEqual({worlds: 'untouched'});
  const network = summary.steps.find(({id}) => id === 'network')?.proof?.data;
  expect(network?.['hostKey']).not.toBe(after.suspect?.hostPin);
  expect(network?.['bootId']).not.toBe(after.suspect?.bootId);
});

test('BIOS: the medium goes under the boot loader, the controller dies in the install, and it ends well', async () => {
  let saved = 0;
  const died = await rebuild(
    ['run', 'marruuk', '--firmware', 'bios', '--confirm', 'marruuk'],
    state,
    async (line, controller) => {
      if (line.type === 'step.started' && line.step === 'boot')
        await strike({fault: 'eject', when: {at: 'bytes', bytes: 12_000_000}});
      saved = Math.max(saved, chunksSaved(line, 'install') ?? 0);
      if (saved >= 10) controller.kill('SIGKILL');
    },
  );
  expect(died.signal, died.said).toBe('SIGKILL');
  const [lost] = eventsOf(died, 'step.interrupted');
  expect(lost).toMatchObject({cause: 'medium lost', step: 'boot', over: false});
  expect(lost?.says).toMatch(/^the medium went away before the light system was up.*mounting and booting again$/);
  expect(lost?.bytesAgain).toBeGreaterThan(10_000_000);

  const ended = await rebuild(['resume', 'marruuk'], state);
  expect(ended.code, ended.said).toBe(0);
  const summary = summaryOf(ended);
  expect(summary).toMatchObject({result: 'done', mediaLosses: 1});
  expect(summary.interruptions).toMatchObject([
    {cause: 'medium lost', step: 'boot', bytesAgain: lost?.bytesAgain, attempts: 1, over: true},
    {cause: 'controller gone', step: 'install', over: true},
  ]);
  expect(summary.interruptions[0]?.seconds).toBeGreaterThan(5);
  expect(eventsOf(ended, 'step.kept').map(({step}) => step)).toEqual(['isolate', 'boot', 'wipe']);
  // Nothing is erased twice, and no chunk that was recorded is sent again.
  expect([...eventsOf(died, 'effect.sent'), ...eventsOf(ended, 'effect.sent')]).toHaveLength(1);
  const image = summary.steps.find(({id}) => id === 'install')?.proof?.data;
  expect(image?.['chunksKept']).toBeGreaterThanOrEqual(saved);

  const status = await (await lab()).control.status();
  expect(status).toMatchObject({ok: true, value: {effects: {inserts: 2}}});
  expect(await (await lab()).keptDisks()).toEqual({worlds: 'untouched'});
});
