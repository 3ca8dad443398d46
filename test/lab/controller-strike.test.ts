import {fork, spawnSync, type ChildProcess} from 'node:child_process';
import {once} from 'node:events';
import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {expect, onTestFinished, test} from 'vitest';
import {systemClock} from '../../src/clock.ts';
import {chance} from '../../src/lab/fault/chance.ts';
import {controllerActs} from '../../src/lab/fault/controller-strike.ts';
import {runWatch} from '../../src/lab/fault/run-watch.ts';
import {layoutFor} from '../../src/lab/network/layout.ts';
import {namespaceNetwork} from '../../src/lab/network/namespaces.ts';
import {runProgram} from '../../src/lab/program.ts';
import {chooseNetwork} from '../../src/lab/userspace/choice.ts';
import {begun, freshFile, host, must, opened, run, saved} from '../journal/sample.ts';
import {labRunbook} from './lab-runbook.ts';

const layout = must(layoutFor(labRunbook().network));
const draws = chance(1);
const when = {at: 'now'} as const;

function acting(file: string) {
  const watch = runWatch(file, host, systemClock);
  return {
    watch,
    acts: controllerActs({
      run: watch,
      journal: file,
      layout,
      network: namespaceNetwork('rb-none'),
      userspace: true,
    }),
  };
}

/** A process that works on the host, and what comes of each of its writes. */
async function controller(file: string) {
  const child: ChildProcess = fork(join(import.meta.dirname, 'child/controller.ts'), [file, host], {execArgv: []});
  onTestFinished(() => void child.kill('SIGKILL'));
  const came: string[] = [];
  child.on('message', (what) => void came.push(what as string));
  /** The next outcome that is another than `unlike`. */
  const next = async (unlike: string): Promise<string> => {
    const from = came.length;
    for (;;) {
      const found = came.slice(from).find((what) => what !== unlike);
      if (found !== undefined) return found;
      await once(child, 'message');
    }
  };
  await once(child, 'message');
  return {child, came, next};
}

test('the process that holds the lease is killed, and no other', async () => {
  const file = freshFile();
  await opened(file).append(run, begun);
  const {acts} = acting(file);
  expect(await acts['controller-kill']({fault: 'controller-kill', when}, draws)).toMatchObject({
    ok: false,
    fault: {says: 'nobody works on the host now'},
  });
  const {child} = await controller(file);
  const ended = once(child, 'exit');
  expect(await acts['controller-kill']({fault: 'controller-kill', when}, draws)).toMatchObject({ok: true});
  expect(await ended).toEqual([null, 'SIGKILL']);
});

test('it is killed at the event that was named, counted from the order', async () => {
  const file = freshFile();
  const journal = opened(file);
  await journal.append(run, begun);
  for (let n = 0; n < 5; n++) await journal.append(run, saved(n));
  const {watch} = acting(file);
  const {signal} = new AbortController();
  const reached = watch.event({at: 'event', event: 'step.saved', step: 'install', nth: 3}, signal);
  let struck = false;
  void reached.then(() => (struck = true));
  const other = watch.event({at: 'event', event: 'step.saved', step: 'wipe', nth: 1}, AbortSignal.timeout(2_000));
  await systemClock.sleep(100);
  for (const n of [5, 6]) {
    await journal.append(run, saved(n));
    await systemClock.sleep(60);
    expect(struck).toBe(false);
  }
  await journal.append(run, saved(7));
  expect(await reached).toBe(true);
  expect(await other).toBe(false);
});

test('a journal that is not there yet is watched for its first event', async () => {
  const file = freshFile();
  const {watch} = acting(file);
  const reached = watch.event({at: 'event', event: 'run.begun', nth: 1}, AbortSignal.timeout(10_000));
  await systemClock.sleep(30);
  await opened(file).append(run, begun);
  expect(await reached).toBe(true);
});

test('a stopped controller does nothing until it goes on', async () => {
  const file = freshFile();
  await opened(file).append(run, begun);
  const {acts} = acting(file);
  const {child, came} = await controller(file);
  const stopped = must(await acts['controller-stop']({fault: 'controller-stop', forSeconds: 60, when}, draws));
  // What it had sent before is still on its way.
  await systemClock.sleep(200);
  const before = came.length;
  await systemClock.sleep(300);
  expect(came).toHaveLength(before);
  await stopped?.();
  await once(child, 'message');
});

test('on a full disk each write is refused as unwritable, and goes through once there is room', async () => {
  const file = freshFile();
  await opened(file).append(run, begun);
  const {acts} = acting(file);
  const {next} = await controller(file);
  const full = must(await acts['journal-full']({fault: 'journal-full', when}, draws));
  expect(await next('ok')).toBe('journal.unwritable');
  await full?.();
  expect(await next('journal.unwritable')).toBe('ok');
});

/** Only root may set the immutable flag, and not on every file system. */
function takesImmutableFlag(): boolean {
  const directory = mkdtempSync(join(tmpdir(), 'rebuild-flag-'));
  const set = (flag: string) => spawnSync('chattr', [flag, directory]).status === 0;
  const taken = set('+i');
  if (taken) set('-i');
  rmSync(directory, {recursive: true});
  return taken;
}

test.runIf(takesImmutableFlag())(
  'a journal made read-only is refused to the process that has it open, and the next',
  async () => {
    const file = freshFile();
    const journal = opened(file);
    await journal.append(run, begun);
    const {acts} = acting(file);
    const {next} = await controller(file);
    const locked = must(await acts['journal-read-only']({fault: 'journal-read-only', when}, draws));
    expect(await next('ok')).toBe('journal.unwritable');
    expect(await journal.append(run, saved(0))).toMatchObject({ok: false, fault: {code: 'journal.unwritable'}});
    await locked?.();
    expect(await next('journal.unwritable')).toBe('ok');
  },
);

test('without namespaces the controller’s address is not the lab’s to change', async () => {
  const {acts} = acting(freshFile());
  expect(
    await acts['controller-address']({fault: 'controller-address', address: '10.9.0.7', when}, draws),
  ).toMatchObject({ok: false, fault: {code: 'lab.failed'}});
});

const namespaces = chooseNetwork();

test.runIf(namespaces.ok && namespaces.value === 'namespaces')(
  'in a network of its own the controller has another address until that is mended, and its way out all along',
  async () => {
    const network = namespaceNetwork(`rb-address-${process.pid}`);
    onTestFinished(async () => void (await network.remove()));
    must(await network.lay(layout));
    const file = freshFile();
    const acts = controllerActs({
      run: runWatch(file, host, systemClock),
      journal: file,
      layout,
      network,
      userspace: false,
    });
    const told = async (...argv: readonly string[]) => must(await runProgram([...network.on('controller'), ...argv]));
    const {controller: old, gateway} = layout.management;
    const address = '10.9.0.77';
    const mend = must(await acts['controller-address']({fault: 'controller-address', address, when}, draws));
    expect(await told('ip', '-brief', '-4', 'address', 'show', 'mgmt0')).toMatch(/ 10\.9\.0\.77\/24\s*$/);
    expect(await told('ip', 'route', 'get', '198.51.100.10')).toContain(`via ${gateway} dev mgmt0 src ${address}`);
    await mend?.();
    expect(await told('ip', 'route', 'get', '198.51.100.10')).toContain(`via ${gateway} dev mgmt0 src ${old}`);
  },
);
