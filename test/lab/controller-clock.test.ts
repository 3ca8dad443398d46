import {expect, onTestFinished, test} from 'vitest';
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {systemClock, type Clock} from '../../src/clock.ts';
import {keepLease, leaseMs} from '../../src/command/sitting/lease-keeper.ts';
import {openJournal} from '../../src/journal/sqlite.ts';
import {controllerClock, setControllerClock} from '../../src/lab/controller-clock.ts';
import {freshFile, host, me, must} from '../journal/sample.ts';

const hours = 3600;

test('a controller that runs reads the wrong time of day at once, and waits as long as ever', async () => {
  const file = freshFile();
  const clock = controllerClock(file);
  const [before, ticks] = [Date.parse(clock.now()), clock.ticks()];
  setControllerClock(file, -2 * hours);
  expect(Date.parse(clock.now()) - before).toBeLessThan(-hours * 1000);
  expect(clock.ticks()).toBeGreaterThanOrEqual(ticks);
  expect(clock.ticks() - ticks).toBeLessThan(hours * 1000);
  setControllerClock(file, 0);
  expect(Date.parse(clock.now())).toBeGreaterThanOrEqual(before);
});

test.each([
  ['ahead', 5 * hours],
  ['back', -5 * hours],
])('a lease that is kept stays ours when the clock jumps %s', async (_, bySeconds) => {
  const file = freshFile();
  const clock = controllerClock(file);
  const journal = must(openJournal(file, clock));
  onTestFinished(() => journal.close());
  const lease = must(await journal.take(host, me, leaseMs));
  // The heartbeat alone is brisk: half a minute of it takes 30 ms.
  const brisk: Clock = {...clock, sleep: (ms, signal) => systemClock.sleep(ms / 1000, signal)};
  const keeper = keepLease(journal, lease, brisk);
  setControllerClock(file, bySeconds);
  const refused = await journal.take(host, {...me, who: 'omar@jump2', pid: process.pid}, leaseMs);
  expect(refused).toMatchObject({ok: false, fault: {code: 'lease.held'}});
  await systemClock.sleep(100);
  setControllerClock(file, 0);
  expect(await journal.take(host, {...me, who: 'omar@jump2'}, leaseMs)).toMatchObject({fault: {code: 'lease.held'}});
  expect(await journal.holds(lease)).toMatchObject({ok: true});
  expect(keeper.lost.aborted).toBe(false);
  await keeper.stop();
});

test('a holder that died while its clock was ahead is not waited for until then', async () => {
  const file = freshFile();
  setControllerClock(file, 90 * 24 * hours);
  const journal = must(openJournal(file, controllerClock(file)));
  onTestFinished(() => journal.close());
  const dead = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], {stdio: 'ignore'});
  await once(dead, 'spawn');
  must(await journal.take(host, {...me, pid: dead.pid!}, leaseMs));
  dead.kill('SIGKILL');
  await once(dead, 'exit');
  setControllerClock(file, 0);
  expect(await journal.take(host, me, leaseMs)).toMatchObject({ok: true, value: {takenFrom: {because: 'dead'}}});
});
