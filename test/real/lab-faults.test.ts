import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterAll, afterEach, beforeAll, expect, test, vi} from 'vitest';
import {systemClock} from '../../src/clock.ts';
import {makeSuspect} from '../../src/command/lab/images.ts';
import {parseLab} from '../../src/command/lab/request.ts';
import {takeDown} from '../../src/lab/down.ts';
import {labUp, type Lab} from '../../src/lab/lab.ts';
import {keyFiles} from '../../src/lab/material.ts';
import {runProgram} from '../../src/lab/program.ts';
import {until} from '../../src/pace.ts';
import {labRunbook} from '../lab/lab-runbook.ts';

// The old system's boot, on two cores that others may use too.
vi.setConfig({testTimeout: 600_000, hookTimeout: 1_200_000});

let directory: string;
let lab: Lab;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'rebuild-faults-'));
  process.env['REBUILD_HOME'] = directory;
  const up = await labUp(labRunbook(), {
    fresh: true,
    firmware: 'bios',
    suspect: makeSuspect,
    progress: () => {},
    signal: AbortSignal.timeout(1_100_000),
  });
  if (!up.ok) throw new Error(up.fault.says);
  lab = up.value;
});
afterEach(() => strike('mend'));
afterAll(async () => {
  await takeDown(lab.host);
  await rm(directory, {recursive: true, force: true});
});

/** As typed after `rebuild lab fault`. */
async function strike(words: string): Promise<void> {
  const read = parseLab(['fault', ...words.split(' ')]);
  if (!read.ok || read.value.verb !== 'fault') throw new Error(words);
  const struck = await lab.control.strike(read.value.fault);
  if (!struck.ok) throw new Error(struck.fault.says);
}

/** A command on the machine's system, by SSH from the controller; what it said, or that the connection failed. */
async function on(command: string, timeoutMs = 120_000): Promise<{readonly ok: boolean; readonly says: string}> {
  const done = await runProgram(
    [
      lab.on('controller'),
      ['ssh', '-F', 'none', '-i', keyFiles(lab.folder).suspectKey, '-o', 'IdentitiesOnly=yes', '-o', 'BatchMode=yes'],
      ['-o', 'ConnectTimeout=60', '-o', 'StrictHostKeyChecking=no', '-o', 'UserKnownHostsFile=/dev/null'],
      ['-o', 'LogLevel=ERROR', `root@${lab.blueprint.layout.lan.host}`, command],
    ].flat(),
    {timeoutMs},
  );
  return done.ok ? {ok: true, says: done.value} : {ok: false, says: done.fault.says};
}

const worlds = '/dev/disk/by-id/virtio-S3Z8NB0K498765';
const write = (mebibytes: number): string =>
  `dd if=/dev/zero of=${worlds} bs=64k count=${mebibytes * 16} oflag=direct 2>&1`;
/** Seconds that dd took. */
const took = ({says}: {readonly says: string}): number => Number(/([\d.]+) s,/.exec(says)?.[1]);

test('a disk that turns slow takes the time its pace says, and is quick again once mended', async () => {
  await strike('disk-slow 1MB --disk worlds');
  const slow = took(await on(write(8)));
  await strike('mend');
  const quick = took(await on(write(8)));
  expect(slow).toBeGreaterThan(5);
  expect(slow / quick).toBeGreaterThan(3);
});

test('a disk refuses every write, or those to one sector, reads all the same, and is healed', async () => {
  await strike('disk-errors --disk S3Z8NB0K498765');
  expect(await on(write(1))).toMatchObject({ok: false, says: expect.stringContaining('0+0 records out') as string});
  expect(await on(`dd if=${worlds} of=/dev/null bs=1M count=4 iflag=direct`)).toMatchObject({ok: true});
  await strike('mend');
  expect(await on(write(1))).toMatchObject({ok: true});
  await strike('disk-errors --disk worlds --at-byte 4MB');
  const partly = await on(`${write(8)} || true`);
  // 4 MB is in the 62nd block of 64 KiB.
  expect(partly.says).toContain('61+0 records out');
  await strike('mend');
  expect(await on(write(8))).toMatchObject({ok: true});
});

const roundTripMs = async (): Promise<number> => {
  const {lan} = lab.blueprint.layout;
  const dial = `const begun = performance.now(); require('node:net').connect(22, '${lan.host}')
    .on('connect', () => {console.log(performance.now() - begun); process.exit()})`;
  const dialled = await runProgram([...lab.on('controller'), process.execPath, '-e', dial]);
  if (!dialled.ok) throw new Error(dialled.fault.says);
  return Number(dialled.value);
};

test('the host’s own line is delayed, loses, and stands still, while connections over it come through', async () => {
  await strike('delay 300ms --on host');
  // A TCP handshake is one round trip.
  expect(await roundTripMs()).toBeGreaterThan(590);
  await strike('mend');
  await strike('loss 5 --on host --seed 3');
  expect(await on('echo through')).toEqual({ok: true, says: 'through'});
  await strike('mend');
  const [through] = await Promise.all([on('sleep 4; echo through'), strike('drop 5s --on host --at-time 2s')]);
  expect(through).toEqual({ok: true, says: 'through'});
});

test('a reset breaks the host’s connections and lets new ones be', async () => {
  const before = await on('true');
  expect(before.ok).toBe(true);
  const long = on('sleep 300');
  const {lan} = lab.blueprint.layout;
  const open = [...lab.on('controller'), 'ss', '-Htn', 'state', 'established', 'dst', lan.host];
  await until(
    async () => {
      const listed = await runProgram(open);
      return listed.ok && listed.value !== '' ? true : undefined;
    },
    {everyMs: 100, deadlineMs: 60_000, clock: systemClock, signal: new AbortController().signal},
  );
  await strike('reset --on host');
  expect(await long).toMatchObject({ok: false});
  expect(await on('echo new')).toEqual({ok: true, says: 'new'});
});

test('a cut cable has no carrier, and has one again', async () => {
  const changes = 'cat /sys/class/net/en*/carrier_changes';
  const before = Number((await on(changes)).says);
  await strike('cut --on host');
  await systemClock.sleep(1000);
  await strike('mend');
  expect(Number((await on(changes)).says) - before).toBe(2);
});

test('a frozen machine’s clock stands, and a reset starts it anew with a clock that is wrong', async () => {
  const secondsOn = async (): Promise<number> => Number((await on('date +%s.%N')).says);
  const [begun, here] = [await secondsOn(), performance.now()];
  await strike('machine-freeze 30s');
  await systemClock.sleep(30_500);
  const behind = (performance.now() - here) / 1000 - ((await secondsOn()) - begun);
  // Each reading takes seconds on a busy machine.
  expect(behind).toBeGreaterThan(10);

  const boot = (await on('cat /proc/sys/kernel/random/boot_id')).says;
  await strike('clock-jump -2d');
  await strike('machine-reset');
  const up = await until(
    async () => {
      const now = await on('cat /proc/sys/kernel/random/boot_id /sys/class/rtc/rtc0/since_epoch', 30_000);
      return now.ok && !now.says.startsWith(boot) ? now.says : undefined;
    },
    {everyMs: 1000, deadlineMs: 500_000, clock: systemClock, signal: new AbortController().signal},
  );
  expect(up.end).toBe('met');
  const [, epoch] = up.end === 'met' ? up.value.split('\n') : [];
  const days = (Date.now() / 1000 - Number(epoch)) / 86_400;
  expect(days).toBeGreaterThan(1.9);
  expect(days).toBeLessThan(2.1);
});

test('the controller has another address until that is mended', async () => {
  const addresses = async (): Promise<string> => {
    const listed = await runProgram([...lab.on('controller'), 'ip', '-brief', '-4', 'address', 'show', 'mgmt0']);
    if (!listed.ok) throw new Error(listed.fault.says);
    return listed.value;
  };
  const {controller} = lab.blueprint.layout.management;
  await strike('controller-address 10.9.0.77');
  expect(await addresses()).toMatch(/10\.9\.0\.77\/24\s*$/);
  expect(await on('echo $SSH_CLIENT')).toMatchObject({ok: true, says: expect.stringContaining('10.9.0.77') as string});
  await strike('mend');
  expect(await addresses()).toContain(controller);
  expect(await on('echo $SSH_CLIENT')).toMatchObject({ok: true, says: expect.stringContaining(controller) as string});
});
