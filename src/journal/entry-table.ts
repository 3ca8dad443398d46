import type {DatabaseSync} from 'node:sqlite';
import {runId, type RunId} from '../brand.ts';
import type {Head, Link} from './chain.ts';
import type {Row} from './journal.ts';

/** The rows of `entries` and `heads`. */
export interface EntryTable {
  /** Every run, newest first; also one whose head or whose first entry somebody took away. */
  runs(): readonly RunId[];
  head(run: RunId): Head | undefined;
  /** A run's entries from the first to the last. */
  links(run: RunId): readonly Link[];
  /** Those after entry `seq`. */
  linksAfter(run: RunId, seq: number): readonly Link[];
  /** Every entry of every run, in the order in which they were written. */
  all(): readonly Row[];
  /** Every run's head. */
  heads(): readonly (Head & {readonly run: string})[];
  /** Texts of the events that may have ended the run. */
  endings(run: RunId): readonly string[];
  /** Adds the entry and moves the head to it; the caller holds the write lock. */
  add(run: RunId, link: Link): void;
}

export function entryTable(db: DatabaseSync): EntryTable {
  const runs = db.prepare(
    `SELECT run, id FROM entries WHERE seq = 1
     UNION ALL
     SELECT run, NULL FROM heads WHERE NOT EXISTS (SELECT 1 FROM entries WHERE entries.run = heads.run AND seq = 1)
     ORDER BY id DESC`,
  );
  const head = db.prepare('SELECT seq, hash FROM heads WHERE run = ?');
  const links = db.prepare('SELECT seq, at, event, hash FROM entries WHERE run = ? ORDER BY seq');
  const linksAfter = db.prepare('SELECT seq, at, event, hash FROM entries WHERE run = ? AND seq > ? ORDER BY seq');
  const all = db.prepare('SELECT id, run, seq, at, event, hash FROM entries ORDER BY id');
  const heads = db.prepare('SELECT run, seq, hash FROM heads');
  const endings = db.prepare(
    `SELECT event FROM entries WHERE run = ? AND (event LIKE '%"run.done"%' OR event LIKE '%"run.abandoned"%')`,
  );
  const insert = db.prepare('INSERT INTO entries (run, seq, at, event, hash) VALUES (?, ?, ?, ?, ?)');
  const begin = db.prepare('INSERT INTO heads (run, seq, hash) VALUES (?, ?, ?)');
  const move = db.prepare('UPDATE heads SET seq = ?, hash = ? WHERE run = ?');
  return {
    runs: () => runs.all().flatMap((row) => runId(String(row['run'])) ?? []),
    head: (run) => head.get(run) as Head | undefined,
    links: (run) => links.all(run) as unknown as readonly Link[],
    linksAfter: (run, seq) => linksAfter.all(run, seq) as unknown as readonly Link[],
    all: () => all.all() as unknown as readonly Row[],
    heads: () => heads.all() as unknown as readonly (Head & {readonly run: string})[],
    endings: (run) => endings.all(run).map((row) => String(row['event'])),
    add: (run, {seq, at, event, hash}) => {
      insert.run(run, seq, at, event, hash);
      if (seq === 1) begin.run(run, seq, hash);
      else move.run(seq, hash, run);
    },
  };
}
