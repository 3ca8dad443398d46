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
import {eventsOf, rebuild, type Ended} from './controller.ts';
import {countsOf, must, watchRules, type Counts} from './kill/counts.ts';
import {onController} from './lab-stage.ts';
import {traces} from './kill/bmc-log.ts';

// Nobody wipes or writes but the one who has the host. Shown at the disk: its digest, and what QEMU counted.

const marruuk = hostName('marruuk')!;
const project = join(import.meta.dirname, '../..');
let state: string;
let frozen: ChildProcess | undefined;
let thawed: Promise<Ended>;
let lab: Lab;

beforeAll(async () => {
  state = await mkdtemp('/tmp/rebuild-latch-');
  process.env['REBUILD_HOME'] = state;
  const stopped = Promise.withResolvers<void>();
  thawed = rebuild(['run', 'marruuk', '--confirm', 'marruuk', '--until', 'install'], state, (line, controller) => {
    if (line.type !== 'step.saved' || line.step !== 'install' || frozen) return;
    frozen = controller;
    controller.kill('SIGSTOP');
    stopped.resolve();
  });
  await Promise.race([stopped.promise, thawed]);
  if (!frozen) throw new Error(`it ended before it could be frozen: ${(await thawed).said}`);
  lab = must(await labAttach(marruuk));
}, 1_200_000);
afterAll(async () => {
  frozen?.kill('SIGKILL');
  await takeDown(marruuk);
  await rm(state, {recursive: true, force: true});
});

/** What a disk holds and what reached it: the same before and after where nothing was done to it. */
async function disk(): Promise<{readonly digest: string} & Pick<Counts, 'disks' | 'zeroed'>> {
  const {disks, zeroed} = await countsOf(lab);
  return {digest: await diskDigest(lab.blueprint.disks[0]!.path), disks, zeroed};
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

/** The frozen controller's lease has run out, as it has after two minutes. */
function letLeaseExpire(): number {
  using journal = new DatabaseSync(join(state, 'lab/journal.sqlite'));
  journal.exec("UPDATE leases SET expires = '2000-01-01T00:00:00.000Z'");
  return Number(journal.prepare('SELECT epoch FROM leases').get()?.['epoch']);
}

async function stranger(run: string, epoch: number, ...more: readonly string[]): Promise<Record<string, string>> {
  const asking = onController(lab, [
    'env',
    `REBUILD_HOME=${state}`,
    process.execPath,
    join(import.meta.dirname, 'kill/stranger.ts'),
    run,
    String(epoch),
    ...more,
  ]);
  return JSON.parse(await text(asking.stdout!)) as Record<string, string>;
}

test('a colleague takes over from a frozen controller; thawed, it changes nothing and says why', async () => {
  expect((await colleague(['resume', 'marruuk', '--until', 'install'])).said).toContain('"lease.held"');
  const epoch = letLeaseExpire();
  const took = await colleague(['resume', 'marruuk', '--until', 'install']);
  expect(took.code, took.said).toBe(exit.done);

  const before = await disk();
  const asked = await traces(lab);
  const rules = watchRules(lab);
  frozen?.kill('SIGCONT');
  const ended = await thawed;
  expect({code: ended.code, signal: ended.signal}, ended.said).toEqual({code: exit.refused, signal: null});
  expect(ended.said.replaceAll(/\s+/g, ' ')).toContain('lease.lost');
  expect(ended.said).toContain('rebuild status marruuk --lab');
  expect(await disk()).toEqual(before);
  expect(rules.changes()).toBe(0);
  rules.end();
  // It may have looked, for which the BMC wants a session.
  const changed = (await traces(lab))
    .slice(asked.length)
    .filter(({method, path}) => method !== 'GET' && !path.includes('/SessionService/'));
  expect(changed).toEqual([]);

  const older = await stranger('marruuk-1', epoch);
  expect(older).toMatchObject({latch: 'installed', disk: 'same', ...everything('target.superseded')});
  expect(await disk()).toEqual(before);
  const {serial} = lab.blueprint.disks[0]!;
  expect(eventsOf(ended, 'effect.sent').map(({effect}) => effect)).toEqual([`wipe:${serial}`, `blank:${serial}`]);
});

test('a second boot of the ISO finds the latch, with any lease', async () => {
  const before = await disk();
  const again = await stranger('marruuk-1', 1_000_000, 'again');
  expect(again).toMatchObject({latch: 'installed', wipe: 'target.refused', write: 'target.refused', disk: 'same'});
  const after = await disk();
  expect(after.zeroed).toEqual(before.zeroed);
});

const everything = (code: string) =>
  Object.fromEntries(['wipe', 'write', 'latchSet', 'grow', 'put', 'settle'].map((verb) => [verb, code]));
