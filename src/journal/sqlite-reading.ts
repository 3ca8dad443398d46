import {statSync} from 'node:fs';
import {DatabaseSync} from 'node:sqlite';
import {pathToFileURL} from 'node:url';
import type {Clock} from '../clock.ts';
import {failed, ok, type Result} from '../result.ts';
import type {Journal} from './journal.ts';
import {isBlank, layoutFault, settleLayout} from './schema.ts';
import {sqliteFault} from './sqlite-fault.ts';
import {journalOn} from './sqlite-journal.ts';

/**
 * The journal for reading alone: nothing is created or written, so it opens on a full disk, on a read-only file system
 * and in a colleague's directory. Every write to it fails with `journal.unwritable`. No file is an empty journal.
 */
export function openJournalReading(file: string, clock: Clock): Result<Journal> {
  let db: DatabaseSync | undefined;
  try {
    db = open(file);
    const blank = isBlank(db);
    const wrong = blank ? undefined : layoutFault(file, settleLayout(db));
    if (wrong !== undefined) {
      db.close();
      return failed(wrong);
    }
    if (!blank) return ok(journalOn(db, file, clock));
    db.close();
    db = new DatabaseSync(':memory:');
    settleLayout(db);
    db.exec('PRAGMA query_only = ON');
    return ok(journalOn(db, file, clock));
  } catch (error) {
    if (db?.isOpen) db.close();
    const known = sqliteFault(file, error);
    if (known === undefined) throw error;
    return failed(known);
  }
}

const options = {readOnly: true, timeout: 5000, defensive: true, enableDoubleQuotedStringLiterals: false} as const;

function open(file: string): DatabaseSync {
  if (sizeOf(file) === undefined) return new DatabaseSync(':memory:');
  try {
    const db = new DatabaseSync(file, options);
    isBlank(db);
    return db;
  } catch (error) {
    // A WAL database wants its -shm file, which cannot be made here. With nothing in the log, the file alone is the
    // whole journal and nobody is writing it (https://sqlite.org/wal.html#read_only_databases).
    if ((sizeOf(`${file}-wal`) ?? 0) > 0) throw error;
    const unchanging = pathToFileURL(file);
    unchanging.searchParams.set('immutable', '1');
    return new DatabaseSync(unchanging, options);
  }
}

const sizeOf = (file: string): number | undefined => statSync(file, {throwIfNoEntry: false})?.size;
