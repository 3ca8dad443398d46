import {mkdtemp, rm} from 'node:fs/promises';
import {join} from 'node:path';
import {afterAll, beforeAll, expect, test} from 'vitest';
import {hostName, sha256, type RunId} from '../../src/brand.ts';
import {systemClock} from '../../src/clock.ts';
import type {Stored} from '../../src/engine/event.ts';
import {home} from '../../src/home.ts';
import {findImage} from '../../src/image/os/stock.ts';
import {takeDown} from '../../src/lab/down.ts';
import {anySeed, chance} from '../../src/lab/fault/chance.ts';
import {openJournalReading} from '../../src/journal/sqlite-reading.ts';
import {labAttach} from '../../src/lab/lab.ts';
import type {OsImage} from '../../src/step/world/image.ts';
import {mostStreams} from '../../src/device/target/push.ts';
import {largestPiece} from '../agent-figures.ts';
import {rebuild, summaryOf, type Line} from './controller.ts';
import {countsOf, must, watchRules, type Counts} from './kill/counts.ts';
import {cutText, drawCut, dying, stepAtDeath, type Cut} from './kill/dying.ts';
import {differences} from './kill/image-on-disk.ts';

// One rebuild of the lab's machine, its controller killed again and again, at places drawn from a seed, in each of its
// steps. What became of it is asked of the disks, the BMC, the machine and the gateway.

const marruuk = hostName('marruuk')!;
const seed = Number(process.env['REBUILD_SEED'] ?? anySeed());
/** In each step; after the last, once in the checks that a resume begins with. */
const kills = Number(process.env['REBUILD_KILLS'] ?? 2);
/** The run is on record and nothing of it has been done: from here on everything is counted. */
const begun: Cut = {side: 'after', at: {nth: 1}};
/** Every chunk is on the disk and nothing else is yet: the one moment at which its whole content is known. */
const allOnDisk: Cut = {side: 'after', at: {text: '"phase":"fitting"'}};
let state: string;

beforeAll(async () => {
  // A short path: the lab's sockets live below it.
  state = await mkdtemp('/tmp/rebuild-kill-');
  process.env['REBUILD_HOME'] = state;
});
afterAll(async () => {
  await takeDown(marruuk);
  await rm(state, {recursive: true, force: true});
});

test(`killed ${kills} times in each step, at places drawn from seed ${seed}, it ends as if nothing had happened`, async () => {
  process.stdout.write(`seed ${seed}: REBUILD_SEED=${seed} repeats it\n`);
  const draw = chance(seed, 'kills');
  const died: Record<string, number> = {};
  const sit = async (argv: readonly string[], cut: Cut, see?: (line: Line) => Promise<void>): Promise<void> => {
    const ended = await dying(argv, state, cut, see);
    const where = stepAtDeath(await events());
    process.stdout.write(`  ${cutText(cut)}: ${ended.signal ?? `ended with ${ended.code}`}, in ${where}\n`);
    expect(ended.signal, `${ended.said}${JSON.stringify(ended.lines.slice(-3))}`).toBe('SIGKILL');
    died[where] = (died[where] ?? 0) + 1;
  };

  await sit(['run', 'marruuk', '--confirm', 'marruuk'], begun);
  const lab = must(await labAttach(marruuk));
  const before = await countsOf(lab);
  const rules = watchRules(lab);
  const image = await imageOfRun();
  const steps = await headings();
  let wiped: Counts | undefined;
  let written: Counts | undefined;
  const see = async (line: Line): Promise<void> => {
    if (line.type === 'step.done' && line.step === 'wipe') wiped = await countsOf(lab);
  };

  for (const step of steps) {
    for (let time = 0; time < kills; time++) await sit(['resume', 'marruuk'], drawCut(draw, step), see);
    if (step !== 'install') continue;
    await sit(['resume', 'marruuk'], allOnDisk, see);
    const [system] = lab.blueprint.disks;
    const latchAt = Math.floor((system!.sizeBytes - 2 * 1_048_576) / 4096) * 4096;
    expect(await differences(system!.path, image, latchAt)).toEqual([]);
    written = await countsOf(lab);
  }
  const {['between steps']: between = 0, ...inSteps} = died;
  const inEach = Object.fromEntries(steps.map((step) => [step, kills + (step === 'install' ? 1 : 0)]));
  expect(inSteps).toEqual(inEach);
  await sit(['resume', 'marruuk'], {side: 'before', at: {nth: Math.floor(draw.between(2, 6))}}, see);
  const ended = await rebuild(['resume', 'marruuk'], state, see);
  expect(ended.code, ended.said).toBe(0);

  const summary = summaryOf(ended);
  expect(summary).toMatchObject({result: 'done'});
  expect(summary.steps.map(({state: is}) => is)).toEqual(summary.steps.map(() => 'done'));

  const after = await countsOf(lab);
  rules.end();
  const [system, worlds] = lab.blueprint.disks;
  const {sizeBytes} = system!;
  process.stdout.write(
    `${JSON.stringify({seed, died, between, before, wiped, written, after, rules: rules.changes()})}\n`,
  );
  if (!wiped || !written) throw new Error('the wipe or the install was never seen done');

  // Formatted once, whole, and then blanked once: a second erase of either kind is as large again.
  const formatted = after.zeroed.formattedBytes - before.zeroed.formattedBytes;
  expect(formatted).toBeGreaterThan(sizeBytes - tailBytes);
  expect(formatted).toBeLessThanOrEqual(sizeBytes);
  const filled = after.zeroed.filledBytes - before.zeroed.filledBytes;
  expect(filled).toBeGreaterThan(sizeBytes - tailBytes);
  expect(filled).toBeLessThan(sizeBytes + sizeBytes / 8);

  // Counted at the disk: no chunk was written twice.
  const raw = image.chunks.reduce((sum, {length}) => sum + length, 0);
  const toDisk = written.disks['system']!.writtenBytes - wiped.disks['system']!.writtenBytes;
  expect(toDisk).toBeGreaterThan(image.packedBytes);
  expect(toDisk).toBeLessThanOrEqual(raw + slackBytes);
  // Counted at the gateway: what was in flight at a kill crossed the line again, one piece a stream, and nothing else did.
  const overLine = written.lineBytes - wiped.lineBytes;
  const deaths = inEach['install']!;
  expect(overLine).toBeGreaterThan(image.packedBytes);
  expect(overLine).toBeLessThan(image.packedBytes * framing + deaths * mostStreams * largestPiece);
  expect(after.disks['worlds']).toEqual(before.disks['worlds']);
  expect(worlds).toMatchObject({keep: true});
  expect(await lab.keptDisks()).toEqual({worlds: 'untouched'});

  // Counted at the BMC. A controller that dies while the machine starts cannot serve it the medium: it is mounted and the
  // machine is started once more.
  const inBoot = died['boot']!;
  const since = (what: 'inserts' | 'drops' | 'resets'): number => after.effects[what] - before.effects[what];
  expect(since('inserts')).toBeGreaterThanOrEqual(1);
  expect(since('inserts')).toBeLessThanOrEqual(1 + died['mount']! + inBoot);
  expect(since('drops')).toBe(0);
  // The light system and the new one.
  const starts = after.starts - before.starts;
  expect(starts).toBeGreaterThanOrEqual(2);
  expect(starts).toBeLessThanOrEqual(2 + inBoot);
  // Each start is a reset; so is the old system's end, the light one's, and what is begun anew in a boot.
  expect(since('resets')).toBeLessThanOrEqual(starts + 2 + inBoot);
  // The gateway's rules were changed for the quarantine and for the restored host. A change that its controller did not
  // live to confirm is loaded again, or the gateway would take it back.
  expect(rules.changes()).toBeGreaterThanOrEqual(2);
  expect(rules.changes()).toBeLessThanOrEqual(2 + died['isolate']! + died['network']!);
  expect((await events()).flatMap(({event}) => (event.type === 'effect.sent' ? [event.effect] : []))).toContain(
    `wipe:${system!.serial}`,
  );
}, 1_500_000);

/** QEMU zeroes what is left beside a whole block of its own as a request by itself. */
const tailBytes = 1 << 20;
/** The latch, a record of 4 KiB, and whole blocks at a chunk's end. */
const slackBytes = 64 << 10;
/** TCP, IP and SSH around what is sent, with the checks of each sitting. */
const framing = 1.06;

/** The run's events, from the journal: what was printed may lack its last line. */
async function events(): Promise<readonly Stored[]> {
  const journal = must(openJournalReading(join(state, 'lab/journal.sqlite'), systemClock));
  const stored = must(await journal.read('marruuk-1' as RunId));
  journal.close();
  return stored;
}

async function runBegun() {
  const [first] = await events();
  if (first?.event.type !== 'run.begun') throw new Error('the run has not begun');
  return first.event;
}

const headings = async (): Promise<readonly string[]> => (await runBegun()).steps.map(({id}) => id);

async function imageOfRun(): Promise<OsImage> {
  const fact = (await runBegun()).facts['image'];
  const digest = typeof fact === 'string' ? sha256(fact) : undefined;
  if (digest === undefined) throw new Error('the run names no image');
  return must(await findImage(home(), digest)).image;
}
