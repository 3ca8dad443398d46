import {expect, test} from 'vitest';
import {report} from '../../src/command/report.ts';
import {read} from '../../src/view/history.ts';
import {failedRun, wholeRun} from '../view/story.ts';
import {desk, journalOf, marruuk, tamper} from './reading.ts';

test('Markdown of a run in a real journal, chain verdict in its head', async () => {
  const told = wholeRun();
  const {journal} = await journalOf(told);
  const here = desk(journal);
  expect(await report('marruuk', {}, here)).toBe(0);
  expect(here.said()).toContain(`# marruuk-3: rebuilt`);
  expect(here.said()).toContain(`journal: ${told.stored.length} events, chain ok`);
  expect(
    here
      .said()
      .split('\n')
      .every((line) => line.length < 80),
  ).toBe(true);
});

test('to a file: nothing on stdout; a file that cannot be written is said', async () => {
  const {journal} = await journalOf(wholeRun());
  const files: string[] = [];
  const here = desk(journal);
  const save = (text: string): Promise<undefined> => Promise.resolve(void files.push(text));
  expect(await report('marruuk-3', {save}, here)).toBe(0);
  expect(here.said()).toBe('');
  expect(files[0]).toContain('## Not done');
  const refused = desk(journal);
  expect(await report('marruuk-3', {save: () => Promise.resolve('EACCES')}, refused)).toBe(2);
  expect(refused.complained()).toBe('the report was not saved: EACCES\n');
});

test('as JSON: summary, chain, disks, deviations, what was not done, and every event', async () => {
  const told = failedRun();
  const {journal} = await journalOf(told);
  const here = desk(journal, {json: true});
  await report('marruuk-3', {}, here);
  const document = JSON.parse(here.said()) as {events: unknown[]};
  expect(document).toMatchObject({
    type: 'run.report',
    summary: {run: 'marruuk-3', result: 'failed'},
    chain: {holds: true, entries: told.stored.length},
    disks: [{serial: 'S3Z8NB0K412345', outcome: 'erased', method: 'write zeroes'}],
    deviations: [{kind: 'medium lost'}, {kind: 'failed', step: 'install'}],
  });
  expect(document.events).toHaveLength(read(told.stored)?.entries ?? 0);
});

test('a broken chain is said first, and the exit code is 3', async () => {
  const {file, journal} = await journalOf(wholeRun());
  tamper(file, 'marruuk-3');
  const here = desk(journal);
  expect(await report('marruuk-3', {}, here)).toBe(3);
  expect(here.said()).toMatch(/^\*\*The journal's record does not hold at entry 1: entry 1 was changed/);
  expect(here.said()).toContain('# marruuk-3: not proved');
  expect(here.complained()).toContain('journal.broken');
});

test('what the chain proves is told, and the rest is named as not proved', async () => {
  const {file, journal} = await journalOf(wholeRun());
  tamper(file, 'marruuk-3', 7, `replace(event, 'boot', 'root')`);
  const text = desk(journal);
  expect(await report('marruuk-3', {}, text)).toBe(3);
  expect(text.said()).toContain('1 isolate    9s      closed when tried');
  expect(text.said()).not.toContain('light system is up');
  expect(text.said()).toMatch(/7 {2}2026-11-21T09:18:09.200Z {2}step.interrupted/);
  const here = desk(journal, {json: true});
  expect(await report('marruuk-3', {}, here)).toBe(3);
  expect(JSON.parse(here.said())).toMatchObject({
    chain: {holds: false, seq: 7, where: {table: 'entries', row: 7, column: 'at or event', event: 'step.interrupted'}},
    events: {length: 6},
    unproved: {length: 17},
  });
});

test('a run that goes on is not called dead', async () => {
  const {journal} = await journalOf({...wholeRun(), stored: wholeRun().stored.slice(0, 9)});
  await journal.take(marruuk, {who: 'lena@jump1', pid: process.pid, reason: 'run'}, 3_600_000);
  const here = desk(journal);
  expect(await report('marruuk', {}, here)).toBe(0);
  expect(here.said()).toContain('# marruuk-3: still running');
  expect(here.said()).not.toContain('died');
});
