import {execFileSync, spawnSync} from 'node:child_process';
import {copyFile, mkdtemp, open, readFile, readdir, rm, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {afterAll, beforeAll, expect, test} from 'vitest';
import {parseDocument} from 'yaml';
import {hostName} from '../../src/brand.ts';
import {readFlows} from '../../src/device/firewall/flows.ts';
import {files} from '../../src/device/vault/places.ts';
import {readCustody, type Custody} from '../../src/evidence/custody.ts';
import type {Plant} from '../../src/image/os/suspect-plants.ts';
import {takeDown} from '../../src/lab/down.ts';
import {diskDigest} from '../../src/lab/machine/disk-file.ts';
import type {JsonObject} from '../../src/json.ts';
import {labAttach, type Lab} from '../../src/lab/lab.ts';
import {runProgram} from '../../src/lab/program.ts';
import {rebuild, summaryOf, type Ended, type Line} from './controller.ts';
import {tell} from './incident/told.ts';
import {findPlanted} from './planted.ts';

// The lab's old system from its isolation to its erasure: what it still reaches, what the evidence holds of what
// `rebuild lab suspect` says was planted there, and that its disk is, byte for byte, what it was when its power went.

const tessa = hostName('tessa')!;
// Eight gigabytes, read by an emulated machine.
const imagingMs = 30 * 60_000;
const runbooks = new URL('../../runbooks/', import.meta.url);
let state: string;
let book: string;

beforeAll(async () => {
  // A short path: the lab's sockets live below it.
  state = await mkdtemp('/tmp/rebuild-ev-');
  process.env['REBUILD_HOME'] = state;
  book = join(state, 'tessa.yaml');
  await copyFile(new URL('tessa.indicators.csv', runbooks), join(state, 'tessa.indicators.csv'));
  await writeFile(book, await runbook());
});
afterAll(async () => {
  await takeDown(tessa);
  await rm(state, {recursive: true, force: true});
});

/**
 * All of it in one rebuild: the example that looks at everything, its RAM taken too, a hold after it, and the disk imaged
 * before it is erased.
 */
async function runbook(): Promise<string> {
  const document = parseDocument(await readFile(new URL('tessa.yaml', runbooks), 'utf8'));
  const steps = document.toJS().steps as Record<string, unknown>[];
  const at = (id: string): number => steps.findIndex((step) => step['id'] === id);
  const change = (id: string, more: object): void => void Object.assign(steps[at(id)] ?? {}, more);
  change('evidence', {profile: 'memory'});
  // An example's day is half a minute here.
  change('verify', {watch: '30s'});
  steps.splice(at('evidence') + 1, 0, {id: 'hold', do: 'evidence.hold', for: '1h', reason: 'what it still tries'});
  steps.splice(at('wipe'), 0, {id: 'image', do: 'evidence.capture', profile: 'image'});
  document.set('steps', steps);
  return String(document);
}

async function lab(): Promise<Lab> {
  const attached = await labAttach(tessa);
  if (!attached.ok) throw new Error(attached.fault.says);
  return attached.value;
}

const systemDisk = ({blueprint}: Lab): string => blueprint.disks.find(({keep}) => !keep)?.path ?? '';

/** What the lab's hosts have been asked so far, and what the gateway counted of the host. */
async function traffic() {
  const here = await lab();
  const status = await here.control.status();
  if (!status.ok) throw new Error(status.fault.says);
  const listed = await runProgram([...here.on('gateway'), 'nft', '-j', 'list', 'ruleset']);
  if (!listed.ok) throw new Error(listed.fault.says);
  const {nftables} = JSON.parse(listed.value) as {
    readonly nftables: readonly {readonly set?: JsonObject & {readonly name: string}}[];
  };
  const sets = nftables.filter(({set}) => /^(?:tried|passed)-/.test(set?.name ?? ''));
  return {contacts: status.value.contacts, flows: readFlows(sets)};
}

type Way = readonly [protocol: string, address: string, port: number];

/** Where the old system's stand-ins try to get through beside port 80. */
async function ways(): Promise<readonly Way[]> {
  const {lan, wan} = (await lab()).blueprint.layout;
  return [
    ['tcp', wan.outside, 443],
    ['udp', wan.outside, 53],
    ['tcp', lan.neighbour, 445],
  ];
}

const textOf = ([protocol, address, port]: Way): string => `${protocol}/${port} to ${address}`;

const same =
  ([protocol, address, port]: Way) =>
  (flow: {readonly protocol: string; readonly address: string; readonly port?: number}): boolean =>
    flow.protocol === protocol && flow.address === address && flow.port === port;

/** A neighbour whose place its table has forgotten is asked for by ARP first, and no answer gets through. */
const tried = (seen: Awaited<ReturnType<typeof traffic>> | undefined, way: Way): number =>
  (seen?.flows?.tried ?? [])
    .filter((flow) => same(way)(flow) || (flow.protocol === 'arp' && flow.address === way[1]))
    .reduce((sum, {packets}) => sum + packets, 0);

const proofOf = (ended: Ended, id: string) =>
  (summaryOf(ended).steps.find((step) => step.id === id)?.proof?.data ?? {}) as {
    readonly folder: string;
    readonly seal: string;
    readonly incomplete: readonly object[];
    readonly verdicts: readonly object[];
  };

test(
  'isolated, captured, held, powered off and imaged: nothing is reached, missed or changed',
  async () => {
    const seen: {
      off?: string;
      before?: Awaited<ReturnType<typeof traffic>>;
      after?: Awaited<ReturnType<typeof traffic>>;
    } = {};
    const whileHeld = async (): Promise<void> => {
      const before = await traffic();
      seen.before = before;
      // The beacon falls back from 80 to 443 to DNS, the worm tries its neighbour: each once more.
      await expect
        .poll(
          async () => {
            seen.after = await traffic();
            return (await ways()).every((way) => tried(seen.after, way) > tried(before, way));
          },
          {timeout: 180_000, interval: 2000},
        )
        .toBe(true);
      const status = await tell(['status', 'tessa', '--lab'], state);
      expect(status.text).toMatch(/held until\s+\d{4}-\d\d-\d\d/);
      // Its disks get nothing more from now on: the next that happens to it is that its power goes.
      const stood = await (await lab()).control.strike({fault: 'machine-freeze', when: {at: 'now'}});
      expect(stood.ok).toBe(true);
      seen.off = await diskDigest(systemDisk(await lab()));
      const released = await tell(['release', 'tessa', '-m', 'seen enough', '--lab'], state);
      expect(released.code).toBe(0);
    };
    const began = Date.now();
    const ended = await rebuild(
      ['run', 'tessa', '--runbook', book, '--until', 'image', '--confirm', 'tessa'],
      state,
      async (line: Line) => {
        if (line.type.startsWith('step.') && line.type !== 'step.saved' && 'step' in line)
          process.stderr.write(`${Math.round((Date.now() - began) / 1000)} s: ${line.type} ${line.step}\n`);
        if (line.type === 'step.started' && line.step === 'hold') await whileHeld();
      },
    );
    expect(ended.code, ended.said).toBe(0);
    // Byte for byte, before the wipe.
    expect(await diskDigest(systemDisk(await lab()))).toBe(seen.off);

    // The neighbour and the outside were asked before, and not since.
    const reached = Object.values(seen.before?.contacts ?? {}).flatMap((from) => Object.values(from));
    expect(reached.length).toBeGreaterThan(0);
    expect(seen.after?.contacts).toEqual(seen.before?.contacts);
    for (const way of await ways()) expect(seen.after?.flows?.passed.find(same(way)), way.join('/')).toBeUndefined();

    const held = proofOf(ended, 'hold') as unknown as {
      readonly checks: readonly JsonObject[];
      readonly refused: readonly {readonly to: string}[];
      readonly passed: readonly JsonObject[];
    };
    expect(held).toMatchObject({checks: [{check: 'isolation held', verdict: 'passed'}], passed: []});
    expect(held.refused.map(({to}) => to)).toEqual(expect.arrayContaining((await ways()).map(textOf)));

    const bin = join(import.meta.dirname, '../../src/bin.ts');
    const told = execFileSync(process.execPath, [bin, 'lab', 'suspect', 'tessa', '--json'], {encoding: 'utf8'});
    const {planted} = JSON.parse(told) as {readonly planted: readonly Plant[]};
    const evidence = proofOf(ended, 'evidence');
    expect(evidence.incomplete).toEqual([]);
    expect(evidence.verdicts).toMatchObject([{profile: 'memory', standing: {is: 'verified'}}]);
    const {found, missed} = await findPlanted(evidence.folder, planted);
    process.stderr.write(`evidence: found ${found.length} of ${planted.length} planted things\n`);
    expect(missed).toEqual([]);
    await readMemory(evidence.folder);
    await readScreen(evidence.folder);

    const image = proofOf(ended, 'image');
    expect(image.incomplete).toEqual([]);
    for (const {folder, seal} of [evidence, image]) {
      for (const {id, complete, lack, reason} of await custodyIn(folder))
        if (!complete) expect({lack, reason}, id).toMatchObject({lack: 'absent'});
      execFileSync('sha256sum', ['-c', '--quiet', join(seal, 'SHA256SUMS')], {cwd: folder});
      execFileSync(
        'sh',
        ['-c', 'ssh-keygen -Y verify -f allowed_signers -I rebuild -n rebuild-evidence -s SHA256SUMS.sig <SHA256SUMS'],
        {cwd: seal},
      );
    }
    await readImage(image.folder, seen.off ?? '');
  },
  imagingMs,
);

async function custodyIn(folder: string): Promise<readonly Custody[]> {
  const records = readCustody(await readFile(join(folder, files.custody), 'utf8'));
  if ('brokenAt' in records) throw new Error(`the chain breaks at ${records.brokenAt}`);
  return records;
}

/** The screen as the lab's BMC showed it: one whole PNG (its first chunk is IHDR, its last IEND) of a VGA screen at least. */
async function readScreen(folder: string): Promise<void> {
  const names = (await readdir(folder)).filter((name) => /^\d+-screen\./.test(name));
  expect(names).toEqual([expect.stringMatching(/\.png$/)]);
  const png = await readFile(join(folder, names[0] ?? ''));
  expect(png.subarray(0, 8).toString('hex')).toBe('89504e470d0a1a0a');
  expect(png.toString('latin1', 12, 16)).toBe('IHDR');
  expect(png.toString('latin1', png.length - 8, png.length - 4)).toBe('IEND');
  const [width, height] = [png.readUInt32BE(16), png.readUInt32BE(20)];
  expect([width >= 320, height >= 200]).toEqual([true, true]);
  // What one answer of a BMC may hold, in base64.
  expect(png.length).toBeLessThan(3 * 2 ** 20);
  process.stderr.write(`screen: ${width}x${height}, ${png.length} bytes\n`);
}

/** The dump as LiME describes it: its ranges, in order, are all the RAM of a machine with 1 GiB. */
async function readMemory(folder: string): Promise<void> {
  const packed = (await readdir(folder)).find((name) => name.endsWith('.lime.zst')) ?? '';
  const raw = join(folder, packed.replace(/\.zst$/, ''));
  execFileSync('zstd', ['-q', '-d', '--sparse', join(folder, packed)]);
  try {
    await using dump = await open(raw, 'r');
    const {size} = await dump.stat();
    const header = Buffer.alloc(32);
    let after = 0n;
    let ram = 0n;
    for (let at = 0; at < size;) {
      await dump.read(header, 0, 32, at);
      expect([header.readUInt32LE(0), header.readUInt32LE(4)]).toEqual([0x4c69_4d45, 1]);
      const [start, last] = [header.readBigUInt64LE(8), header.readBigUInt64LE(16)];
      expect(start).toBeGreaterThanOrEqual(after);
      after = last + 1n;
      ram += after - start;
      at += 32 + Number(after - start);
    }
    expect(ram).toBeGreaterThan(1000n * 2n ** 20n);
    expect(spawnSync('grep', ['-q', '-a', '-F', '-e', 'Linux version 6.', raw]).status).toBe(0);
  } finally {
    await rm(raw, {force: true});
  }
}

const typeOf = (part: string): string =>
  spawnSync('blkid', ['-p', '-s', 'TYPE', '-o', 'value', part], {encoding: 'utf8'}).stdout.trim();

/** The image with zstd, losetup and mount alone, as the bundle's own README says. */
async function readImage(folder: string, off: string): Promise<void> {
  const packed = (await readdir(folder)).find((name) => name.endsWith('.raw.zst')) ?? '';
  const raw = join(folder, packed.replace(/\.zst$/, ''));
  execFileSync('zstd', ['-q', '-d', '--sparse', join(folder, packed)]);
  const loop = execFileSync('losetup', ['-rP', '--find', '--show', raw], {encoding: 'utf8'}).trim();
  // A kernel that knows no GPT shows no partition by itself.
  execFileSync('partx', ['-u', loop]);
  const at = await mkdtemp('/tmp/rebuild-mnt-');
  try {
    expect(await diskDigest(raw)).toBe(off);
    const parts = execFileSync('lsblk', ['-nrpo', 'NAME', loop], {encoding: 'utf8'}).trim().split('\n');
    const root = parts.find((part) => typeOf(part) === 'ext4') ?? '';
    execFileSync('mount', ['-o', 'ro,noload', root, at]);
    try {
      expect(await readFile(join(at, 'etc/suspect'), 'utf8')).toContain('old system');
      expect(await readFile(join(at, 'etc/cron.d/telemetry'), 'utf8')).toContain('/usr/local/lib/telemetry/update');
    } finally {
      execFileSync('umount', [at]);
    }
  } finally {
    execFileSync('partx', ['-d', loop]);
    execFileSync('losetup', ['-d', loop]);
    await rm(raw, {force: true});
    await rm(at, {recursive: true, force: true});
  }
}

test('the same run goes on from there to its end, over an erased disk whose certificate names the evidence', async () => {
  const ended = await rebuild(['resume', 'tessa', '--runbook', book], state);
  expect(ended.code, ended.said).toBe(0);
  const summary = summaryOf(ended);
  expect(summary.result).toBe('done');
  for (const {id, state: is, seconds} of summary.steps) process.stderr.write(`${id} ${is} ${seconds ?? ''} s\n`);
  expect(summary.steps.every(({state: is}) => is === 'done')).toBe(true);
  expect(await (await lab()).keptDisks()).toEqual({worlds: 'untouched'});
  const report = await tell(['report', summary.run, '--lab'], state);
  expect(report.text).toContain('sealed');
});
