import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {onTestFinished} from 'vitest';
import type {HostName, Instant, RunId, Sha256, StepId} from '../../src/brand.ts';
import {systemClock, type Clock} from '../../src/clock.ts';
import type {Event} from '../../src/engine/event.ts';
import type {Holder, Journal} from '../../src/journal/journal.ts';
import {openJournal} from '../../src/journal/sqlite.ts';
import type {Result} from '../../src/result.ts';

export const host = 'marruuk' as HostName;
export const run = 'marruuk-1' as RunId;
export const step = 'install' as StepId;
export const me: Holder = {who: 'lena@jump1', pid: process.pid, reason: 'run'};

export const begun: Extract<Event, {type: 'run.begun'}> = {
  type: 'run.begun',
  run,
  host,
  by: 'lena@jump1',
  rebuild: '0.1.0',
  plan: 'a'.repeat(64) as Sha256,
  runbook: 'b'.repeat(64) as Sha256,
  lab: true,
  steps: [],
  facts: {},
};
export const saved = (n: number): Event => ({type: 'step.saved', step, checkpoint: {chunks: n}});

export function freshFile(): string {
  const directory = mkdtempSync(join(tmpdir(), 'journal-'));
  onTestFinished(() => rmSync(directory, {recursive: true, force: true}));
  return join(directory, 'state', 'journal.sqlite');
}

export function opened(file: string, clock: Clock = systemClock): Journal {
  const journal = must(openJournal(file, clock));
  onTestFinished(() => journal.close());
  return journal;
}

export function must<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(`${result.fault.code}: ${result.fault.says}`);
  return result.value;
}

export function faultOf(result: Result<unknown>): string {
  if (result.ok) throw new Error('it was expected to fail');
  return result.fault.code;
}

/** A clock that stands until it is set. */
export function standingClock(): Clock & {set(at: string): void} {
  let at = '2026-11-21T09:00:00.000Z' as Instant;
  return {...systemClock, now: () => at, set: (next) => (at = next as Instant)};
}
