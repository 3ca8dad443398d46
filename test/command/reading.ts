import {DatabaseSync} from 'node:sqlite';
import type {HostName, RunId} from '../../src/brand.ts';
import type {Clock} from '../../src/clock.ts';
import {systemClock} from '../../src/clock.ts';
import type {Reading} from '../../src/command/reading.ts';
import type {Stored} from '../../src/engine/event.ts';
import type {Journal} from '../../src/journal/journal.ts';
import {freshFile, opened} from '../journal/sample.ts';
import type {Story} from '../view/story.ts';
import {plainPaint} from '../../src/view/paint.ts';

export interface Desk extends Reading {
  said(): string;
  complained(): string;
}

/** Where a command reads and what it says, without a process around it. */
export function desk(journal: Journal, more: Partial<Reading> = {}): Desk {
  let [out, err] = ['', ''];
  return {
    journal,
    clock: systemClock,
    out: (text) => (out += text),
    err: (text) => (err += text),
    paint: plainPaint,
    said: () => out,
    complained: () => err,
    ...more,
  };
}

/** A clock that gives each event the moment it has in the story. */
export function replayClock(): Clock & {at: string} {
  const clock = {...systemClock, at: '', now: () => clock.at as ReturnType<Clock['now']>};
  return clock;
}

/** Writes a told run into a real journal, at the moments it was told. */
export async function keep(journal: Journal, clock: {at: string}, stored: readonly Stored[]): Promise<void> {
  const [first] = stored;
  if (first?.event.type !== 'run.begun') throw new Error('a run begins with run.begun');
  for (const {at, event} of stored) {
    clock.at = at;
    const kept = await journal.append(first.event.run, event);
    if (!kept.ok) throw new Error(kept.fault.says);
  }
}

/** A real journal that holds these runs, at twenty minutes to ten. */
export async function journalOf(...runs: Story[]) {
  const file = freshFile();
  const clock = replayClock();
  const journal = opened(file, clock);
  for (const told of runs) await keep(journal, clock, told.stored);
  clock.at = '2026-11-21T09:40:00.000Z';
  return {file, clock, journal};
}

/** What someone with the file could do: the triggers stop our own mistakes, the chain shows theirs. */
export function tamper(file: string, run: string, seq = 1, event = `replace(event, 'lena', 'omar')`): void {
  const db = new DatabaseSync(file);
  const triggers = db.prepare(`SELECT name FROM sqlite_master WHERE type = 'trigger'`).all();
  for (const {name} of triggers) db.exec(`DROP TRIGGER "${String(name)}"`);
  db.prepare(`UPDATE entries SET event = ${event} WHERE run = ? AND seq = ?`).run(run, seq);
  db.close();
}

export const marruuk = 'marruuk' as HostName;
export const third = 'marruuk-3' as RunId;
