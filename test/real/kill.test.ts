import {mkdtemp, rm} from 'node:fs/promises';
import {join} from 'node:path';
import {afterAll, beforeAll, expect, test} from 'vitest';
import {hostName, sha256, type RunId} from '../../src/brand.ts';
import {systemClock} from '../../src/clock.ts';
import {fold} from '../../src/engine/evolve.ts';
import {home} from '../../src/home.ts';
import {findImage} from '../../src/image/os/stock.ts';
import {takeDown} from '../../src/lab/down.ts';
import {anySeed, chance} from '../../src/lab/fault/chance.ts';
import {openJournalReading} from '../../src/journal/sqlite-reading.ts';
import {labAttach} from '../../src/lab/lab.ts';
import {eventsOf, rebuild, summaryOf, type Ended, type Line} from './controller.ts';
import {countsOf, must, watchRules} from './kill/counts.ts';
import {cutText, drawCut, dying, stepAtDeath, type Cut} from './kill/dying.ts';
import {differences} from './kill/image-on-disk.ts';

// One rebuild of the lab's machine, its controller killed again and again, at places drawn from a seed. What became of
// it is asked of the disks, the BMC, the machine and the gateway.

const marruuk = hostName('marruuk')!;
const seed = Number(process.env['REBUILD_SEED'] ?? anySeed());
/** In each step; the sitting after that is left to end it. */
const kills = Number(process.env['REBUILD_KILLS'] ?? 2);
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
  const first = await rebuild(['run', 'marruuk', '--confirm', 'marruuk', '--until', 'isolate'], state);
  expect(first.code, first.said).toBe(0);
  const lab = must(await labAttach(marruuk));
  const before = await countsOf(lab);
  const rules = watchRules(lab);
  const image = await imageOf(first);

  const lines: Line[] = [...first.lines];
  const died: Record<string, number> = {};
  let comparedAt: string | undefined;
  let ended = first;
  for (let step = await standing(); step.id !== undefined; step = await standing()) {
    const spared = (died[step.id] ?? 0) >= kills;
    const compare = spared && step.id === 'install' && comparedAt === undefined;
    if (spared && !compare) {
      // Only where it was killed enough may it go on, and no further: what follows gets its share.
      ended = await rebuild(['resume', 'marruuk', '--until', step.id], state);
      lines.push(...ended.lines);
      expect(ended.code, `${ended.said}${JSON.stringify(ended.lines.slice(-3))}`).toBe(0);
      continue;
    }
    const cut = compare ? allOnDisk : drawCut(draw, step.id, step.done);
    ended = await dying(['resume', 'marruuk', '--until', step.id], state, cut);
    lines.push(...ended.lines);
    const where = stepAtDeath(ended.lines);
    process.stdout.write(`  ${cutText(cut)}: ${ended.signal ?? `ended with ${ended.code}`}, in ${where}\n`);
    if (ended.signal === null) expect(ended.code, `${ended.said}${JSON.stringify(ended.lines.slice(-3))}`).toBe(0);
    else died[step.id] = (died[step.id] ?? 0) + 1;
    if (compare && ended.signal !== null) {
      const [system] = lab.blueprint.disks;
      const latchAt = Math.floor((system!.sizeBytes - 2 * 1_048_576) / 4096) * 4096;
      expect(await differences(system!.path, image, latchAt)).toEqual([]);
      comparedAt = where;
    }
  }
  if (ended.signal !== null) ended = await rebuild(['resume', 'marruuk'], state);
  expect(ended.code, ended.said).toBe(0);
  lines.push(...ended.lines);

  const summary = summaryOf(ended);
  expect(summary).toMatchObject({result: 'done'});
  expect(summary.steps.map(({state: is}) => is)).toEqual(summary.steps.map(() => 'done'));
  expect(comparedAt, 'the disk was held against the image').toBeDefined();

  const after = await countsOf(lab);
  rules.end();
  const [system, worlds] = lab.blueprint.disks;
  process.stdout.write(`${JSON.stringify({seed, died, before, after, rules: rules.changes()})}\n`);
  // Formatted once and filled with zeroes once, which QEMU counts alike: beside those, no more zeroes reached it than were
  // among what was written to it.
  const written = after.disks['system']!.writtenBytes - before.disks['system']!.writtenBytes;
  const zeroed = after.zeroedBytes - before.zeroedBytes;
  expect(zeroed).toBeGreaterThanOrEqual(2 * system!.sizeBytes);
  expect(zeroed).toBeLessThanOrEqual(2 * system!.sizeBytes + written);
  expect(after.disks['worlds']).toEqual(before.disks['worlds']);
  expect(worlds).toMatchObject({keep: true});
  expect(await lab.keptDisks()).toEqual({worlds: 'untouched'});
  // What was in flight at a kill may cross the line again, and nothing that was read back.
  const inFlight = (died['install'] ?? 0) * 5 * Math.max(...image.chunks.map(({packedLength}) => packedLength));
  expect(after.lineBytes - before.lineBytes).toBeLessThan(image.packedBytes * 1.08 + inFlight);
  // A controller that dies while the machine starts cannot serve it the medium: it is mounted and started once more.
  expect(after.effects.inserts).toBeLessThanOrEqual(1 + (died['mount'] ?? 0) + (died['boot'] ?? 0));
  expect(after.effects.drops).toBe(0);
  // The quarantine was in force before the first kill; what follows replaces it, once.
  expect(rules.changes()).toBe(1);
  expect(eventsOf({...ended, lines}, 'effect.sent').map(({effect}) => effect)).toContain(`wipe:${system!.serial}`);
}, 1_500_000);

/** The first step that is not done, and how many are: from the journal, since what was printed may lack its last line. */
async function standing(): Promise<{readonly id: string | undefined; readonly done: number}> {
  const journal = must(openJournalReading(join(state, 'lab/journal.sqlite'), systemClock));
  const stored = must(await journal.read('marruuk-1' as RunId));
  journal.close();
  const run = fold(stored);
  const steps = run.phase === 'unborn' ? [] : run.steps;
  const done = steps.filter(({status}) => status.is === 'done');
  return {id: steps.find(({status}) => status.is !== 'done')?.heading.id, done: done.length};
}

async function imageOf({lines}: Ended) {
  const begun = lines.find((line) => line.type === 'run.begun');
  const fact = begun?.type === 'run.begun' ? begun.facts['image'] : undefined;
  const digest = typeof fact === 'string' ? sha256(fact) : undefined;
  if (digest === undefined) throw new Error('the run names no image');
  return must(await findImage(home(), digest)).image;
}
