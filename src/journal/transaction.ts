import type {DatabaseSync} from 'node:sqlite';
import type {Result} from '../result.ts';

/**
 * One write transaction: the lock is taken at its beginning, so what it reads is still true when it writes.
 * A fault rolls it back. Durable when this returns.
 */
export function immediately<T>(db: DatabaseSync, work: () => Result<T>): Result<T> {
  db.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    db.exec(result.ok ? 'COMMIT' : 'ROLLBACK');
    return result;
  } finally {
    // A full disk may have ended the transaction already (https://sqlite.org/lang_transaction.html).
    if (db.isTransaction) db.exec('ROLLBACK');
  }
}

/** One read transaction: everything it reads is from one moment. */
export function consistently<T>(db: DatabaseSync, work: () => T): T {
  db.exec('BEGIN');
  try {
    return work();
  } finally {
    if (db.isTransaction) db.exec('ROLLBACK');
  }
}
