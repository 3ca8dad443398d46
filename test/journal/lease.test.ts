import {spawn} from 'node:child_process';
import {once} from 'node:events';
import * as fc from 'fast-check';
import {expect, onTestFinished, test} from 'vitest';
import type {HostName, Instant} from '../../src/brand.ts';
import {judge, type LeaseRecord} from '../../src/journal/lease.ts';
import {lifeOf, markProcess} from '../../src/journal/process.ts';
import {begun, faultOf, freshFile, host, me, must, opened, run, saved, standingClock} from './sample.ts';

const minute = 60_000;
const at = (ms: number): Instant => new Date(ms).toISOString() as Instant;
const other = {who: 'omar@jump2', pid: process.pid, reason: 'resume'};

/** A process that does nothing until it is killed. */
async function sleeper(): Promise<{pid: number; kill(): Promise<void>}> {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], {stdio: 'ignore'});
  await once(child, 'spawn');
  const gone = once(child, 'exit');
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL');
    await gone;
  };
  onTestFinished(kill);
  return {pid: child.pid!, kill};
}

test('the second operator is refused and told who has the host', async () => {
  const journal = opened(freshFile());
  const lease = must(await journal.take(host, me, minute));
  const refused = await journal.take(host, other, minute);
  expect(refused).toMatchObject({ok: false, fault: {code: 'lease.held', detail: {who: 'lena@jump1', reason: 'run'}}});
  expect(must(await journal.holder(host))).toMatchObject(me);
  must(await journal.take('mpex' as HostName, other, minute));
  must(await journal.release(lease));
  expect(must(await journal.holder(host))).toBeUndefined();
  expect(must(await journal.take(host, other, minute))).toEqual({host, epoch: 2, holder: other});
});

test('only the lease in force writes: fence and write are one', async () => {
  const journal = opened(freshFile());
  const old = must(await journal.take(host, me, minute));
  must(await journal.append(run, begun, old));
  must(await journal.release(old));
  expect(faultOf(await journal.append(run, saved(1), old))).toBe('lease.lost');
  const next = must(await journal.take(host, other, minute));
  expect(faultOf(await journal.append(run, saved(1), old))).toBe('lease.lost');
  expect(faultOf(await journal.renew(old, minute))).toBe('lease.lost');
  must(await journal.release(old));
  must(await journal.append(run, saved(2), next));
  expect(must(await journal.read(run)).map((entry) => entry.event)).toEqual([begun, saved(2)]);
});

test('a lease on one host does not admit to another', async () => {
  const journal = opened(freshFile());
  const lease = must(await journal.take('mpex' as HostName, me, minute));
  await expect(journal.append(run, begun, lease)).rejects.toThrow('does not admit');
});

test('an expired lease is taken over, and says from whom; one that is renewed is not', async () => {
  const clock = standingClock();
  const journal = opened(freshFile(), clock);
  // A holder whose life this machine cannot judge: its process number is out of range here.
  const far = {who: 'omar@jump2', pid: 2 ** 30, reason: 'run'};
  const lease = must(await journal.take(host, far, minute));
  clock.set('2026-11-21T09:00:59.999Z');
  expect(faultOf(await journal.take(host, me, minute))).toBe('lease.held');
  must(await journal.renew(lease, minute));
  clock.set('2026-11-21T09:01:30.000Z');
  expect(faultOf(await journal.take(host, me, minute))).toBe('lease.held');
  clock.set('2026-11-21T09:01:59.999Z');
  expect(must(await journal.holder(host))).toBeUndefined();
  expect(must(await journal.take(host, me, minute))).toEqual({
    host,
    epoch: 2,
    holder: me,
    takenFrom: {...far, since: '2026-11-21T09:00:00.000Z', because: 'expired'},
  });
});

test('a lease of a process that is dead is taken over at once', async () => {
  const journal = opened(freshFile());
  const child = await sleeper();
  const dead = {...other, pid: child.pid};
  must(await journal.take(host, dead, minute));
  expect(faultOf(await journal.take(host, me, minute))).toBe('lease.held');
  await child.kill();
  expect(must(await journal.holder(host))).toBeUndefined();
  expect(must(await journal.take(host, me, minute))).toMatchObject({
    epoch: 2,
    takenFrom: {...dead, because: 'dead'},
  });
});

test('a live process is never pushed aside, even when it renews too late', async () => {
  const clock = standingClock();
  const journal = opened(freshFile(), clock);
  const child = await sleeper();
  const slept = must(await journal.take(host, {...other, pid: child.pid}, minute));
  clock.set('2026-11-22T09:00:00.000Z');
  const refused = await journal.take(host, me, minute);
  expect(refused).toMatchObject({ok: false, fault: {code: 'lease.held'}});
  must(await journal.renew(slept, minute));
});

test('a process number given to another process is not the holder', async () => {
  const mark = markProcess(process.pid)!;
  expect(lifeOf(mark)).toBe('alive');
  expect(lifeOf({...mark, started: '1'})).toBe('dead');
  expect(lifeOf({...mark, kernel: 'another boot'})).toBe('unknown');
  const child = await sleeper();
  const its = markProcess(child.pid)!;
  await child.kill();
  expect(lifeOf(its)).toBe('dead');
  expect(markProcess(2 ** 30)).toBeUndefined();
});

test('a lease is judged free, held or lapsed, and nothing else', () => {
  const life = fc.constantFrom('alive' as const, 'dead' as const, 'unknown' as const);
  const moment = fc.integer({min: 0, max: 1e12});
  fc.assert(
    fc.property(moment, moment, life, fc.boolean(), (now, expires, life, released) => {
      const record: LeaseRecord = {
        epoch: 1,
        holder: me,
        mark: undefined,
        taken: at(0),
        expires: at(expires),
        released,
      };
      const {is} = judge(record, at(now), life);
      if (released) expect(is).toBe('free');
      else if (life === 'alive') expect(is).toBe('held');
      else if (life === 'dead') expect(is).toBe('lapsed');
      else expect(is).toBe(now < expires ? 'held' : 'lapsed');
    }),
  );
});
