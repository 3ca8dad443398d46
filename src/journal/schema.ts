import type {DatabaseSync} from 'node:sqlite';
import {fault, type Fault} from '../fault.ts';

/** The layout this version writes: `PRAGMA user_version`. A newer one is refused, an older one is brought up to it. */
export const schemaVersion = 1;

/** `PRAGMA application_id`: the letters `rbld`, so that file(1) and we can tell a journal from any other database. */
export const applicationId = 0x72626c64;

/**
 * Entries only ever grow: no row can be changed, removed or replaced, and the next one must continue its run. A head
 * moves forward by one. `INSERT OR REPLACE` fires no delete trigger, so the insert trigger refuses what would replace.
 */
const layout = `
  CREATE TABLE entries (
    id    INTEGER PRIMARY KEY,
    run   TEXT NOT NULL,
    seq   INTEGER NOT NULL CHECK (seq > 0),
    at    TEXT NOT NULL,
    event TEXT NOT NULL,
    hash  TEXT NOT NULL CHECK (length(hash) = 64),
    UNIQUE (run, seq)
  ) STRICT;

  CREATE TABLE heads (
    run  TEXT PRIMARY KEY,
    seq  INTEGER NOT NULL,
    hash TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE leases (
    host     TEXT PRIMARY KEY,
    epoch    INTEGER NOT NULL,
    who      TEXT NOT NULL,
    pid      INTEGER NOT NULL,
    reason   TEXT NOT NULL,
    kernel   TEXT,
    started  TEXT,
    taken    TEXT NOT NULL,
    expires  TEXT NOT NULL,
    released INTEGER NOT NULL CHECK (released IN (0, 1))
  ) STRICT, WITHOUT ROWID;

  CREATE TRIGGER entries_append BEFORE INSERT ON entries
  WHEN NEW.seq <> 1 + coalesce((SELECT max(seq) FROM entries WHERE run = NEW.run), 0)
    OR EXISTS (SELECT 1 FROM entries WHERE id = NEW.id)
  BEGIN SELECT raise(ABORT, 'entries: append only'); END;
  CREATE TRIGGER entries_keep BEFORE UPDATE ON entries BEGIN SELECT raise(ABORT, 'entries: append only'); END;
  CREATE TRIGGER entries_stay BEFORE DELETE ON entries BEGIN SELECT raise(ABORT, 'entries: append only'); END;

  CREATE TRIGGER heads_first BEFORE INSERT ON heads
  WHEN NEW.seq <> 1 OR EXISTS (SELECT 1 FROM heads WHERE run = NEW.run)
  BEGIN SELECT raise(ABORT, 'heads: begin at 1'); END;
  CREATE TRIGGER heads_forward BEFORE UPDATE ON heads
  WHEN NEW.seq <> OLD.seq + 1 OR NEW.run <> OLD.run
  BEGIN SELECT raise(ABORT, 'heads: forward only'); END;
  CREATE TRIGGER heads_stay BEFORE DELETE ON heads BEGIN SELECT raise(ABORT, 'heads: forward only'); END;

  CREATE TRIGGER leases_grow BEFORE UPDATE ON leases WHEN NEW.epoch < OLD.epoch OR NEW.host <> OLD.host
  BEGIN SELECT raise(ABORT, 'leases: an epoch never falls'); END;
  CREATE TRIGGER leases_first BEFORE INSERT ON leases WHEN EXISTS (SELECT 1 FROM leases WHERE host = NEW.host)
  BEGIN SELECT raise(ABORT, 'leases: an epoch never falls'); END;
  CREATE TRIGGER leases_stay BEFORE DELETE ON leases BEGIN SELECT raise(ABORT, 'leases: an epoch never falls'); END;

  PRAGMA application_id = ${applicationId};
  PRAGMA user_version = ${schemaVersion};
`;

export type Layout = 'ours' | 'foreign' | 'too-new';

/** Lays out a new file, and tells what an existing one is. The caller holds the write lock when the file is empty. */
export function settleLayout(db: DatabaseSync): Layout {
  const version = pragma(db, 'user_version');
  const application = pragma(db, 'application_id');
  if (application === applicationId) return version > schemaVersion ? 'too-new' : 'ours';
  if (application !== 0 || version !== 0 || pragma(db, 'schema_version') !== 0) return 'foreign';
  db.exec(layout);
  return 'ours';
}

/** Why a file of this layout cannot be used; undefined where it can. */
export function layoutFault(file: string, layout: Layout): Fault | undefined {
  if (layout === 'too-new') return fault('journal.too-new', `${file} was written by a newer rebuild`, {detail: {file}});
  if (layout === 'foreign')
    return fault('journal.broken', `${file} is a database, but not a journal`, {detail: {file}});
  return undefined;
}

/** Whether the file holds no table yet. */
export const isBlank = (db: DatabaseSync): boolean => pragma(db, 'schema_version') === 0;

function pragma(db: DatabaseSync, name: 'user_version' | 'application_id' | 'schema_version'): number {
  return Number(db.prepare(`PRAGMA ${name}`).get()?.[name]);
}
