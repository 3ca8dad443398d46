import type {DatabaseSync} from 'node:sqlite';
import type {HostName, Instant} from '../brand.ts';
import type {LeaseRecord} from './lease.ts';

/** The rows of `leases`; whoever changes one holds the write lock. */
export interface LeaseTable {
  find(host: HostName): LeaseRecord | undefined;
  put(host: HostName, record: LeaseRecord): void;
}

interface Row {
  readonly epoch: number;
  readonly who: string;
  readonly pid: number;
  readonly reason: string;
  readonly kernel: string | null;
  readonly started: string | null;
  readonly taken: Instant;
  readonly expires: Instant;
  readonly released: number;
}

export function leaseTable(db: DatabaseSync): LeaseTable {
  const find = db.prepare(
    'SELECT epoch, who, pid, reason, kernel, started, taken, expires, released FROM leases WHERE host = ?',
  );
  const insert = db.prepare(
    `INSERT INTO leases (epoch, who, pid, reason, kernel, started, taken, expires, released, host)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const update = db.prepare(
    `UPDATE leases SET epoch = ?, who = ?, pid = ?, reason = ?, kernel = ?, started = ?, taken = ?, expires = ?,
     released = ? WHERE host = ?`,
  );
  return {
    find: (host) => {
      const row = find.get(host) as unknown as Row | undefined;
      if (row === undefined) return undefined;
      const {epoch, who, pid, reason, kernel, started, taken, expires} = row;
      const mark = kernel === null || started === null ? undefined : {kernel, pid, started};
      return {epoch, holder: {who, pid, reason}, mark, taken, expires, released: row.released === 1};
    },
    put: (host, {epoch, holder, mark, taken, expires, released}) => {
      const {who, pid, reason} = holder;
      const [kernel, started] = [mark?.kernel ?? null, mark?.started ?? null];
      const row = [epoch, who, pid, reason, kernel, started, taken, expires, released ? 1 : 0, host];
      if (update.run(...row).changes === 0) insert.run(...row);
    },
  };
}
