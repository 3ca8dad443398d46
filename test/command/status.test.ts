import {expect, test} from 'vitest';
import type {HostName} from '../../src/brand.ts';
import {status} from '../../src/command/status.ts';
import {crashedRun, failedRun, wholeRun} from '../view/story.ts';
import {desk, journalOf, marruuk, tamper} from './reading.ts';

test('every host with its newest run, from a real journal; a held lease means running', async () => {
  const {journal, clock} = await journalOf(
    wholeRun('atlas-1'),
    failedRun('atlas-2'),
    crashedRun('vega-1'),
    crashedRun(),
  );
  const taken = await journal.take(marruuk, {who: 'lena@jump1', pid: process.pid, reason: 'run marruuk-3'}, 60_000);
  expect(taken.ok).toBe(true);
  const here = desk(journal, {clock});
  expect(await status(undefined, here)).toBe(0);
  const rows = here
    .said()
    .split('\n')
    .map((line) => line.split(/ {2,}/).slice(0, 4).join('|'));
  expect(rows.toSorted()).toEqual([
    '',
    'HOST|RUN|STATE|STEP',
    'atlas|atlas-2|failed|5/8 install',
    'marruuk|marruuk-3|running|4/8 wipe',
    'vega|vega-1|unsure|4/8 wipe',
  ]);
});

test('one host, step by step, with who holds it', async () => {
  const {journal, clock} = await journalOf(crashedRun());
  await journal.take(marruuk, {who: 'lena@jump1', pid: process.pid, reason: 'run marruuk-3'}, 60_000);
  const here = desk(journal, {clock});
  expect(await status(marruuk, here)).toBe(0);
  expect(here.said()).toMatch(/>> {4}4 wipe/);
  expect(here.said()).toContain(`Held by lena@jump1, pid ${process.pid}, until 09:41:00Z: run marruuk-3`);
});

test('as JSON: one document with each host, its state and who holds it', async () => {
  const {journal, clock} = await journalOf(failedRun());
  const here = desk(journal, {clock, json: true});
  expect(await status(undefined, here)).toBe(0);
  expect(JSON.parse(here.said())).toMatchObject({
    type: 'status',
    hosts: [{host: 'marruuk', run: 'marruuk-3', state: 'failed', holder: null, next: 'rebuild resume marruuk'}],
  });
});

test('nothing yet, and what to type', async () => {
  const {journal, clock} = await journalOf();
  const here = desk(journal, {clock});
  expect(await status('vega' as HostName, here)).toBe(0);
  expect(here.said()).toContain('rebuild plan vega');
});

test('a record that was tampered with is named, and does not hide the other hosts', async () => {
  const {file, journal, clock} = await journalOf(wholeRun('atlas-1'), failedRun());
  tamper(file, 'marruuk-3');
  const here = desk(journal, {clock});
  expect(await status(undefined, here)).toBe(3);
  expect(here.said()).toMatch(/marruuk-3 +unreadable/);
  expect(here.said()).toMatch(/atlas-1 +done/);
  expect(here.complained()).toContain('journal.broken');
});
