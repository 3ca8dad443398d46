import {expect, test} from 'vitest';
import {log} from '../../src/command/log.ts';
import {ManualClock} from '../view/manual-clock.ts';
import {failedRun, toTheEnd, untilInstall, wholeRun} from '../view/story.ts';
import {desk, journalOf, keep, marruuk, third} from './reading.ts';

test('events as plain lines, with what a device said below its fault, escaped', async () => {
  const {journal} = await journalOf(failedRun());
  const here = desk(journal);
  expect(await log('marruuk-3', {}, here)).toBe(0);
  await expect(here.said()).toMatchFileSnapshot('golden/log-failed.txt');
  expect(here.said()).not.toContain('\u001b');
});

test('a host stands for its newest run', async () => {
  const {journal} = await journalOf(wholeRun('marruuk-1'), failedRun('marruuk-2'));
  const here = desk(journal);
  await log('marruuk', {}, here);
  expect(here.said()).toContain('marruuk-2');
  expect(here.said()).not.toContain('marruuk-1 ');
});

test('a host whose name looks like a run is found, and a run wins over it', async () => {
  const {journal} = await journalOf(wholeRun('web-1-1'));
  const here = desk(journal);
  expect(await log('web-1', {}, here)).toBe(0);
  expect(here.said()).toContain('web-1-1 run done');
});

test('one step only; a step that is not there is named with those that are', async () => {
  const {journal} = await journalOf(wholeRun());
  const here = desk(journal);
  await log('marruuk-3', {step: 'wipe'}, here);
  expect(here.said().trimEnd().split('\n')).toHaveLength(4);
  const other = desk(journal);
  expect(await log('marruuk-3', {step: 'wip'}, other)).toBe(2);
  expect(other.complained()).toContain('isolate, mount, boot, wipe');
});

test('no such run: exit 2, and the runs there are', async () => {
  const {journal} = await journalOf(wholeRun());
  const here = desk(journal);
  expect(await log('atlas', {}, here)).toBe(2);
  expect(here.complained()).toMatch(/no run or host is called atlas; there is\s+marruuk-3/);
  const program = desk(journal, {json: true});
  expect(await log('atlas', {}, program)).toBe(2);
  expect(JSON.parse(program.said())).toMatchObject({type: 'fault', code: 'run.missing'});
});

test('as JSON the lines are the events themselves', async () => {
  const told = wholeRun();
  const {journal} = await journalOf(told);
  const here = desk(journal, {json: true});
  await log('marruuk-3', {}, here);
  const lines = here.said().trimEnd().split('\n');
  expect(lines).toHaveLength(told.stored.length);
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({type: 'run.begun', run: 'marruuk-3', seq: 1});
});

test('on a terminal long lines are folded and indented', async () => {
  const {journal} = await journalOf(failedRun());
  const here = desk(journal, {columns: 80});
  await log('marruuk-3', {}, here);
  const lines = here.said().trimEnd().split('\n');
  expect(lines.every((line) => line.length < 80)).toBe(true);
  expect(lines.filter((line) => line.startsWith('2026'))).toHaveLength(failedRun().stored.length);
});

test('followed, a run is shown as it goes and left when it ends', async () => {
  const told = toTheEnd(untilInstall()).stored;
  const {journal, clock: stamp} = await journalOf();
  await keep(journal, stamp, told.slice(0, 12));
  await journal.take(marruuk, {who: 'lena@jump1', pid: process.pid, reason: 'run'}, 3_600_000);
  const clock = new ManualClock();
  const here = desk(journal, {clock});
  const following = log('marruuk-3', {follow: true}, here);
  await until(() => lineCount(here.said()) === 12);
  for (const {event} of told.slice(12)) await journal.append(third, event);
  await passing(clock, following);
  expect(await following).toBe(0);
  expect(lineCount(here.said())).toBe(told.length);
});

test('followed, a run that nobody works on any more is left with what to type', async () => {
  const {journal} = await journalOf(untilInstall().started('install'));
  const clock = new ManualClock();
  const here = desk(journal, {clock});
  const following = log('marruuk', {follow: true}, here);
  await passing(clock, following);
  expect(await following).toBe(0);
  expect(here.complained()).toBe('nobody works on marruuk-3 now: rebuild resume marruuk\n');
});

test('following ends with the signal', async () => {
  const {journal} = await journalOf(untilInstall().started('install'));
  await journal.take(marruuk, {who: 'lena@jump1', pid: process.pid, reason: 'run'}, 3_600_000);
  const stop = new AbortController();
  const following = log('marruuk', {follow: true, signal: stop.signal}, desk(journal, {clock: new ManualClock()}));
  stop.abort();
  expect(await following).toBe(130);
});

const lineCount = (text: string): number => text.split('\n').length - 1;

async function until(met: () => boolean): Promise<void> {
  while (!met()) await new Promise(setImmediate);
}

/** Lets the clock go on until the promise has settled. */
async function passing(clock: ManualClock, promise: Promise<unknown>): Promise<void> {
  const state = {settled: false};
  void promise.finally(() => (state.settled = true));
  while (!state.settled) {
    await clock.pass(0.5);
    await new Promise(setImmediate);
  }
}
