import {spawn, type ChildProcess} from 'node:child_process';
import {once} from 'node:events';
import {mkdtemp, rm} from 'node:fs/promises';
import {join} from 'node:path';
import {DatabaseSync} from 'node:sqlite';
import {text} from 'node:stream/consumers';
import {afterAll, beforeAll, expect, test} from 'vitest';
import {hostName} from '../../src/brand.ts';
import {exit} from '../../src/exit.ts';
import {takeDown} from '../../src/lab/down.ts';
import {labAttach, type Lab} from '../../src/lab/lab.ts';
import {diskDigest} from '../../src/lab/machine/disk-file.ts';
import {eventsOf, rebuild, type Ended, type Line} from './controller.ts';
import {asked, type Asked, type Asking, type Errand, type Met} from './kill/asked.ts';
import {traces} from './kill/bmc-log.ts';
import {countsOf, must, watchRules} from './kill/counts.ts';
import {onController} from './lab-stage.ts';

// Nobody wipes or writes but the one who has the host. Shown at the disk: its digest, and what QEMU counted. One rebuild
// of the lab's machine, its controllers frozen in the wipe and in the install; each test goes on where the last has left it.

const marruuk = hostName('marruuk')!;
const project = join(import.meta.dirname, '../..');
let state: string;
let lab: Lab;
/** Every controller that was frozen: none may be left so. */
const frozen: ChildProcess[] = [];

beforeAll(async () => {
  state = await mkdtemp('/tmp/rebuild-latch-');
  process.env['REBUILD_HOME'] = state;
});
afterAll(async () => {
  for (const controller of frozen) controller.kill('SIGKILL');
  await takeDown(marruuk);
  await rm(state, {recursive: true, force: true});
});

interface Frozen {
  readonly controller: ChildProcess;
  readonly ended: Promise<Ended>;
}

/** A controller that is stopped at a line of its own. */
async function frozenAt(argv: readonly string[], at: (line: Line) => boolean): Promise<Frozen> {
  const stopped = Promise.withResolvers<ChildProcess>();
  const ended = rebuild(argv, state, (line, controller) => {
    if (frozen.includes(controller) || !at(line)) return;
    frozen.push(controller);
    controller.kill('SIGSTOP');
    stopped.resolve(controller);
  });
  const controller = await Promise.race([stopped.promise, ended]);
  if ('lines' in controller) throw new Error(`it ended before it could be frozen: ${controller.said}`);
  return {controller, ended};
}

/** What the disk holds and what reached all of them: the same before and after where nothing was done. */
async function disk() {
  const {disks, zeroed} = await countsOf(lab);
  const written = Object.entries(disks).map(([name, {writtenBytes}]) => `${name} ${writtenBytes}`);
  return {digest: await diskDigest(lab.blueprint.disks[0]!.path), written, zeroed};
}

/** A colleague on another machine: another process namespace, so that nobody can see whether the frozen one lives. */
async function colleague(argv: readonly string[]): Promise<{readonly code: number | null; readonly said: string}> {
  const other = spawn(
    'unshare',
    ['--pid', '--fork', '--mount-proc', process.execPath, join(project, 'src/bin.ts'), ...argv, '--lab', '--json'],
    {cwd: project, env: {...process.env, REBUILD_HOME: state}, stdio: ['ignore', 'pipe', 'pipe']},
  );
  const [out, err, [code]] = await Promise.all([
    text(other.stdout),
    text(other.stderr),
    once(other, 'close') as Promise<[number | null]>,
  ]);
  return {code, said: `${err}${out}`};
}

/** The newest lease: its epoch. */
function epochNow(): number {
  using journal = new DatabaseSync(join(state, 'lab/journal.sqlite'));
  return Number(journal.prepare('SELECT epoch FROM leases').get()?.['epoch']);
}

/** The frozen controller's lease runs out, as it does after two minutes, and a colleague goes on to the end of a step. */
async function takeOver(step: string): Promise<void> {
  expect((await colleague(['resume', 'marruuk', '--until', step])).said).toContain('"lease.held"');
  {
    using journal = new DatabaseSync(join(state, 'lab/journal.sqlite'));
    journal.exec("UPDATE leases SET expires = '2000-01-01T00:00:00.000Z'");
  }
  const took = await colleague(['resume', 'marruuk', '--until', step]);
  expect(took.code, took.said).toBe(exit.done);
}

/** It goes on where it was stopped, finds that it has the host no more, and changes nothing. */
async function thaw({controller, ended}: Frozen): Promise<Ended> {
  const before = await disk();
  const requests = await traces(lab);
  const rules = watchRules(lab);
  controller.kill('SIGCONT');
  const thawed = await ended;
  expect({code: thawed.code, signal: thawed.signal}, thawed.said).toEqual({code: exit.refused, signal: null});
  expect(thawed.said.replaceAll(/\s+/g, ' ')).toContain('lease.lost');
  expect(thawed.said).toContain('rebuild status marruuk --lab');
  expect(await disk()).toEqual(before);
  expect(rules.changes()).toBe(0);
  rules.end();
  // It may have looked, for which the BMC wants a session.
  const changed = (await traces(lab))
    .slice(requests.length)
    .filter(({method, path}) => method !== 'GET' && !path.includes('/SessionService/'));
  expect(changed).toEqual([]);
  return thawed;
}

/** Somebody with the run's keys; what it met, the disk and all that reached the disks being as they were. */
async function stranger(again: boolean, ...asking: readonly Asking[]): Promise<Met> {
  const before = await disk();
  const errand: Errand = {run: 'marruuk-1', again, asking};
  const program = onController(lab, [
    'env',
    `REBUILD_HOME=${state}`,
    process.execPath,
    join(import.meta.dirname, 'kill/stranger.ts'),
    JSON.stringify(errand),
  ]);
  const met = JSON.parse(await text(program.stdout!)) as Met;
  expect(met.disk).toBe('same');
  expect(await disk()).toEqual(before);
  return met;
}

const answered = (code: string, verbs: readonly Asked[] = asked) =>
  Object.fromEntries(verbs.map((verb) => [verb, code]));
const contents = ['wipe', 'write', 'grow', 'put'] as const;

test('a colleague takes over from a controller frozen in the wipe; thawed, it changes nothing and says why', async () => {
  const first = await frozenAt(
    ['run', 'marruuk', '--confirm', 'marruuk', '--until', 'install'],
    (line) => line.type === 'effect.settled' && line.effect.startsWith('blank:'),
  );
  lab = must(await labAttach(marruuk));
  await takeOver('wipe');
  const thawed = await thaw(first);
  const {serial} = lab.blueprint.disks[0]!;
  expect(eventsOf(thawed, 'effect.sent').map(({effect}) => effect)).toEqual([`wipe:${serial}`, `blank:${serial}`]);
  expect(eventsOf(thawed, 'step.done').map(({step}) => step)).not.toContain('wipe');
}, 1_200_000);

test('after a power loss the frozen one’s lease is refused before the newer controller has spoken: the disk, wiped, knows', async () => {
  const newest = epochNow();
  const met = await stranger(true, {epoch: newest - 1, verbs: asked}, {epoch: newest, verbs: ['wipe', 'grow', 'put']});
  expect(met.latch).toBe('wiped');
  // A second boot of the ISO wipes nothing, whoever asks; there is no system to grow or to put a file into.
  expect(met.answers).toEqual([answered('target.superseded'), answered('target.refused', ['wipe', 'grow', 'put'])]);
});

test('a colleague takes over from a controller frozen in the install, and brings it to its end', async () => {
  let saves = 0;
  const second = await frozenAt(
    ['resume', 'marruuk', '--until', 'install'],
    // With the first nothing has been written yet.
    (line) => line.type === 'step.saved' && line.step === 'install' && ++saves === 2,
  );
  const older = epochNow();
  await takeOver('install');
  const thawed = await thaw(second);
  expect(eventsOf(thawed, 'effect.sent')).toEqual([]);
  const met = await stranger(false, {epoch: older, verbs: asked});
  expect(met).toMatchObject({latch: 'installed', answers: [answered('target.superseded')]});
}, 1_200_000);

test('a second boot finds the disk installed: an old lease changes nothing at all, and no lease what is on the disk', async () => {
  const newest = epochNow();
  const met = await stranger(
    true,
    {epoch: newest - 1, verbs: asked},
    {epoch: 1_000_000, verbs: [...contents, 'latchWiped']},
  );
  expect(met.latch).toBe('installed');
  // The latch is not taken back: it stays as it is, which is no change.
  expect(met.answers).toEqual([
    answered('target.superseded'),
    {...answered('target.refused', contents), latchWiped: 'done'},
  ]);
});
