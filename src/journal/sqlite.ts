import {chmodSync, closeSync, fsyncSync, mkdirSync, openSync} from 'node:fs';
import {dirname} from 'node:path';
import {DatabaseSync} from 'node:sqlite';
import type {Clock} from '../clock.ts';
import {failed, ok, type Result} from '../result.ts';
import type {Journal} from './journal.ts';
import {isBlank, layoutFault, settleLayout, type Layout} from './schema.ts';
import {fileFault, isBusy, sqliteFault} from './sqlite-fault.ts';
import {journalOn} from './sqlite-journal.ts';
import {immediately} from './transaction.ts';

/** How long a writer waits for another one, in milliseconds. A write takes a few; more means that something hangs. */
const busyMs = 5000;

/**
 * The journal in one SQLite file, made with mode 0600 (its directory with 0700) where it does not exist.
 * WAL with synchronous=FULL: what `append` has answered is on the disk. Faults: `journal.unwritable`,
 * `journal.broken`, `journal.too-new`.
 */
export function openJournal(file: string, clock: Clock): Result<Journal> {
  try {
    createFile(file);
  } catch (error) {
    return failed(fileFault(file, error as NodeJS.ErrnoException));
  }
  let db: DatabaseSync | undefined;
  try {
    db = new DatabaseSync(file, {timeout: busyMs, defensive: true, enableDoubleQuotedStringLiterals: false});
    const wrong = layoutFault(file, prepare(db));
    if (wrong === undefined) return ok(journalOn(db, file, clock));
    db.close();
    return failed(wrong);
  } catch (error) {
    if (db?.isOpen) db.close();
    const known = sqliteFault(file, error);
    if (known === undefined) throw error;
    return failed(known);
  }
}

/** SQLite gives -wal and -shm the mode of the file itself, so it must exist with the right one before. */
function createFile(file: string): void {
  const directory = dirname(file);
  mkdirSync(directory, {recursive: true, mode: 0o700});
  closeSync(openSync(file, 'a', 0o600));
  chmodSync(file, 0o600);
  const entry = openSync(directory, 'r');
  fsyncSync(entry);
  closeSync(entry);
}

function prepare(db: DatabaseSync): Layout {
  enterWal(db);
  // macOS: fsync does not reach the platters without F_FULLFSYNC. Without effect elsewhere.
  db.exec(`PRAGMA synchronous = FULL; PRAGMA fullfsync = ON; PRAGMA checkpoint_fullfsync = ON;
           PRAGMA trusted_schema = OFF`);
  if (!isBlank(db)) return settleLayout(db);
  const made = immediately(db, () => ok(settleLayout(db)));
  return made.ok ? made.value : 'foreign';
}

/** SQLite does not wait for others in the change to WAL, so two that open a new file at once take turns here. */
function enterWal(db: DatabaseSync): void {
  const deadline = performance.now() + busyMs;
  for (;;) {
    try {
      const mode = db.prepare('PRAGMA journal_mode = WAL').get()?.['journal_mode'];
      if (mode !== 'wal') throw new Error(`SQLite keeps journal mode ${String(mode)}`);
      return;
    } catch (error) {
      if (!isBusy(error) || performance.now() > deadline) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
    }
  }
}
