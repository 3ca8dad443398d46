import {createHash} from 'node:crypto';
import {mkdir, mkdtemp, open, readFile, rm, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {afterAll, afterEach, beforeAll, expect, test} from 'vitest';
import {isMap, isSeq, parseDocument} from 'yaml';
import {hostName, type HostName} from '../../src/brand.ts';
import {makeInstallerIso, type InstallerIso} from '../../src/image/medium/installer.ts';
import {systemClock} from '../../src/clock.ts';
import {takeDown} from '../../src/lab/down.ts';
import type {LabFault} from '../../src/lab/fault/lab-fault.ts';
import {labAttach, type Lab} from '../../src/lab/lab.ts';
import {PlainConsole} from '../../src/lab/plain-console.ts';
import {until} from '../../src/pace.ts';
import {memoryDigest} from './guest-memory.ts';
import {eventsOf, rebuild, summaryOf} from './controller.ts';
import {chunksSaved} from './saved.ts';

// A vendor's installer of several hundred megabytes, Debian's own, on the lab's machine: brought through the light system
// to a disk over a line that breaks all the time, and straight from the virtual CD.

/** A staging alone takes minutes where the machine's processor is emulated by one that has other work. */
const limitMs = 40 * 60_000;

const mpex = hostName('mpex')!;
const saturn = hostName('saturn')!;
/** The installer's first question. */
const firstWords = 'Choose the language to be used for the installation process.';

let state: string;
let iso: InstallerIso;

beforeAll(async () => {
  // A short path: the lab's sockets live below it.
  state = await mkdtemp('/tmp/rebuild-stage-');
  process.env['REBUILD_HOME'] = state;
  const made = await makeInstallerIso(join(state, 'books/iso/installer.iso'));
  if (!made.ok) throw new Error(made.fault.says);
  iso = made.value;
});
afterEach(() => Promise.all([takeDown(mpex), takeDown(saturn)]));
afterAll(() => rm(state, {recursive: true, force: true}));

/** The example runbook beside the ISO, with this ISO's digest. */
async function book(host: HostName, change: (text: string) => string = (text) => text): Promise<string> {
  const text = await readFile(new URL(`../../runbooks/${host}.yaml`, import.meta.url), 'utf8');
  const file = join(state, 'books', `${host}.yaml`);
  await mkdir(join(state, 'books'), {recursive: true});
  await writeFile(file, change(text.replace(/sha256: [0-9a-f]{64}/, `sha256: ${iso.sha256}`)));
  return file;
}

/** The runbook without its steps of one kind. */
function without(text: string, kind: string): string {
  const document = parseDocument(text);
  const steps = document.get('steps');
  if (!isSeq(steps)) throw new Error('the runbook has no steps');
  steps.items = steps.items.filter((item) => !isMap(item) || item.get('do') !== kind);
  return String(document);
}

async function lab(host: HostName): Promise<Lab> {
  const attached = await labAttach(host);
  if (!attached.ok) throw new Error(attached.fault.says);
  return attached.value;
}

async function strike(host: HostName, fault: LabFault): Promise<void> {
  const struck = await (await lab(host)).control.strike(fault);
  if (!struck.ok) throw new Error(struck.fault.says);
}

/** Digest of so many bytes, those at the disk's beginning unless told otherwise. */
async function digestOf(path: string, bytes: number, start = 0): Promise<string> {
  const hash = createHash('sha256');
  await using file = await open(path);
  for await (const data of file.createReadStream({
    start,
    end: start + bytes - 1,
    highWaterMark: 1 << 20,
    autoClose: false,
  }))
    hash.update(data as Uint8Array);
  return hash.digest('hex');
}

/** Bytes that were written to the staging disk since the lab came up, counted by the lab. */
async function written(host: HostName): Promise<number> {
  const counts = await (await lab(host)).control.disks();
  if (!counts.ok) throw new Error(counts.fault.says);
  return counts.value['staging']?.writtenBytes ?? 0;
}

async function stagedDigest(host: HostName): Promise<string> {
  const {blueprint} = await lab(host);
  return digestOf(blueprint.disks.find(({name}) => name === 'staging')!.path, iso.bytes);
}

/** The serial console, of which only text counts, shows the words. */
async function shows(host: HostName, words: string): Promise<boolean> {
  const {folder} = await lab(host);
  const shown = await until(
    async () => {
      const bytes = await readFile(folder.serialConsole).catch(() => Buffer.alloc(0));
      return new PlainConsole().push(bytes).includes(words) ? true : undefined;
    },
    {everyMs: 1_000, deadlineMs: 20 * 60_000, clock: systemClock, signal: new AbortController().signal},
  );
  return shown.end === 'met';
}

// The latch, a record of 4 KiB, and whole blocks at the image's end.
const slackBytes = 64 << 10;

test(
  'UEFI: an ISO of hundreds of megabytes over a cable that is cut every few seconds, and its installer asks',
  async () => {
    expect(iso.bytes).toBeGreaterThan(300_000_000);
    // The old system stays on the first disk: only BootNext leads past it.
    const file = await book(mpex, (text) => text.replace('disks: [system, staging]', 'disks: [staging]'));
    const argv = ['run', 'mpex', '--runbook', file, '--firmware', 'uefi', '--confirm', 'mpex'];
    const every = {fromSeconds: 5, toSeconds: 10};
    let wiped = 0;
    const ended = await rebuild(argv, state, async (line) => {
      if (line.type === 'step.done' && line.step === 'wipe') wiped = await written(mpex);
      if (line.type === 'step.started' && line.step === 'stage')
        await strike(mpex, {fault: 'reset', on: 'host', when: {at: 'now'}, every, seed: 11});
      if (line.type === 'step.done' && line.step === 'stage') await strike(mpex, {fault: 'mend'});
    });
    expect(ended.code, ended.said).toBe(0);
    const summary = summaryOf(ended);
    expect(summary.steps.map(({id, state: is}) => `${id} ${is}`)).toEqual(
      ['isolate', 'evidence', 'mount', 'boot', 'health', 'wipe', 'stage', 'start'].map((id) => `${id} done`),
    );
    const cuts = eventsOf(ended, 'step.interrupted').filter(({cause}) => cause === 'link cut');
    expect(cuts.length).toBeGreaterThan(3);

    expect(await stagedDigest(mpex)).toBe(iso.sha256);
    // Counted at the disk: nothing was written twice.
    expect((await written(mpex)) - wiped).toBeLessThanOrEqual(iso.bytes + slackBytes);
    expect(await (await lab(mpex)).keptDisks()).toEqual({machines: 'untouched'});
    expect(await shows(mpex, firstWords)).toBe(true);
  },
  limitMs,
);

test(
  'BIOS: the controller dies in the staging, and a loader on the virtual CD finds the disk',
  async () => {
    const file = await book(mpex, (text) => text.replace('disks: [system, staging]', 'disks: [staging]'));
    const where = ['--runbook', file, '--firmware', 'bios'];
    let saved = 0;
    let wiped = 0;
    const died = await rebuild(['run', 'mpex', ...where, '--confirm', 'mpex'], state, async (line, controller) => {
      if (line.type === 'step.done' && line.step === 'wipe') wiped = await written(mpex);
      saved = Math.max(saved, chunksSaved(line, 'stage') ?? 0);
      if (saved >= 12) controller.kill('SIGKILL');
    });
    expect(died.signal, died.said).toBe('SIGKILL');
    const ended = await rebuild(['resume', 'mpex', '--runbook', file], state);
    expect(ended.code, ended.said).toBe(0);
    const stage = summaryOf(ended).steps.find(({id}) => id === 'stage')?.proof?.data;
    expect(stage?.['chunksKept']).toBeGreaterThanOrEqual(saved);

    expect(await stagedDigest(mpex)).toBe(iso.sha256);
    // Counted at the disk: nothing was written twice.
    expect((await written(mpex)) - wiped).toBeLessThanOrEqual(iso.bytes + slackBytes);
    expect(await shows(mpex, 'REBUILD loader: starting (')).toBe(true);
    expect(await shows(mpex, firstWords)).toBe(true);
  },
  limitMs,
);

/** `mpex` with its installer in another place, started by its kernel. */
const elsewhere = (staging: string, steps: (text: string) => string) => (text: string) =>
  steps(text)
    .replace(/  staging:\n    serial: \S+\n    size: \S+\n/, `  staging: ${staging}\n`)
    .concat(
      '    kernel: /install.amd/vmlinuz\n    initrd: /install.amd/initrd.gz\n',
      '    options: console=tty0 console=ttyS0,115200n8 TERM=vt102 ---\n',
    );

test(
  'a partition of a disk that is kept: the installer asks, and all else on the disk is as it was',
  async () => {
    const place = '{serial: S3Z8NB0K498766, partition: 3, size: 8GB}';
    const change = elsewhere(place, (text) => text.replace('disks: [system, staging]', 'disks: [staging]'));
    const file = await book(mpex, change);
    const ended = await rebuild(['run', 'mpex', '--runbook', file, '--firmware', 'bios', '--confirm', 'mpex'], state);
    expect(ended.code, ended.said).toBe(0);
    expect(await shows(mpex, firstWords)).toBe(true);
    const kept = await lab(mpex);
    const disk = kept.blueprint.disks.find(({name}) => name === 'machines')!;
    const [part] = disk.partitions;
    expect(await digestOf(disk.path, iso.bytes, part!.firstByte)).toBe(iso.sha256);
    expect(await kept.keptDisks()).toEqual({machines: 'untouched'});
  },
  limitMs,
);

test(
  'memory of the host: the installer asks, and the whole ISO is still there when it does',
  async () => {
    // The lab's machine has 1 GiB; the installer and the light system get what is left.
    const place = '{ram: {from: 416MiB}, size: 420MB}';
    const change = elsewhere(place, (text) => text.replace(/  # An installer that finds[^]*?staging\]\n\n/, ''));
    const file = await book(mpex, change);
    const ended = await rebuild(['run', 'mpex', '--runbook', file, '--firmware', 'bios', '--confirm', 'mpex'], state);
    expect(ended.code, ended.said).toBe(0);
    // Beside the ISO there is too little for its languages, of which it asks first.
    expect(await shows(mpex, 'This system has relatively little free memory')).toBe(true);
    const {folder} = await lab(mpex);
    expect(await memoryDigest(folder.monitor, 416 << 20, iso.bytes)).toBe(iso.sha256);
    expect(await written(mpex)).toBe(0);
  },
  limitMs,
);

test(
  'memory that the machine does not have is refused before a byte is sent',
  async () => {
    const change = elsewhere('{ram: {from: 4GiB}, size: 2GB}', (text) =>
      text.replace(/  # An installer that finds[^]*?staging\]\n\n/, ''),
    );
    const file = await book(mpex, change);
    const ended = await rebuild(['run', 'mpex', '--runbook', file, '--firmware', 'bios', '--confirm', 'mpex'], state);
    // A gate refuses it inside the run.
    expect(ended.code, ended.said).toBe(3);
    expect(summaryOf(ended).steps.find(({id}) => id === 'stage')).toMatchObject({
      state: 'failed',
      fault: {code: 'disk.not-found', says: expect.stringContaining('this machine has less memory')},
    });
  },
  limitMs,
);

test(
  'the same installer straight from the virtual CD begins anew when it is lost',
  async () => {
    // Nobody watches a suspect here.
    const file = await book(saturn, (text) => without(text, 'evidence.hold'));
    const argv = ['run', 'saturn', '--runbook', file, '--firmware', 'bios', '--confirm', 'saturn'];
    const ended = await rebuild(argv, state, async (line) => {
      if (line.type === 'step.started' && line.step === 'boot')
        await strike(saturn, {fault: 'eject', when: {at: 'bytes', bytes: 20_000_000}});
    });
    expect(ended.code, ended.said).toBe(0);
    const [lost, ...more] = eventsOf(ended, 'step.interrupted');
    expect(more).toEqual([]);
    expect(lost).toMatchObject({cause: 'medium lost', over: false});
    // The BMC's log is quoted where it had it by then.
    expect(lost?.says).toMatch(
      /^the iso went away after \d+ MB of \d+ MB(?: \(the BMC’s log: Virtual media connection lost: the remote server does not respond\.\))?; the installer begins anew$/,
    );
    const boot = summaryOf(ended).steps.find(({id}) => id === 'boot')?.proof?.data;
    expect(boot).toMatchObject({attempts: 2, mediaLosses: 1});
    expect(await shows(saturn, firstWords)).toBe(true);
  },
  limitMs,
);
