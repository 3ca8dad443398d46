import {instant} from '../brand.ts';
import {canonical, type Json} from '../json.ts';
import {genesis, linkHash, type Head} from './chain.ts';
import type {Audit, Breach, Row} from './journal.ts';
import {parseEvent} from './parse-event.ts';

type NamedHead = Head & {readonly run: string};

/**
 * Follows one run through the whole file and names the first place that does not fit: table, row and column, what was
 * expected there and what is. Undefined where the file knows no such run. `all` is every entry of the file by its row
 * number, because the entry that is missing here may stand there under another run or number.
 */
export function audit(run: string, all: readonly Row[], heads: readonly NamedHead[]): Audit | undefined {
  // What has no number that we give comes last, so that those before the place that does not fit come first.
  const rows = all.filter((row) => row.run === run).toSorted((a, b) => order(a) - order(b));
  const head = heads.find((each) => each.run === run);
  if (rows.length === 0 && head === undefined) return undefined;
  const broken = (intact: number, seq: number, says: string, where: Breach): Audit => ({
    verdict: {holds: false, seq, says, where},
    intact,
    rows,
  });

  let before: string = genesis;
  for (const [index, row] of rows.entries()) {
    const seq = index + 1;
    if (row.seq !== seq) return missing(seq, before);
    const computed = linkHash(before, row);
    if (computed !== row.hash) {
      const next = rows[index + 1];
      const witness = next
        ? (hash: string) => linkHash(hash, next) === next.hash
        : (hash: string) => head?.hash === hash;
      return changed(row, computed, index, witness);
    }
    before = row.hash;
  }
  const [first] = rows;
  const last = rows.at(-1);
  const own = first && begins(first);
  if (first && own !== undefined && own !== run)
    return broken(0, 1, `entry 1 was written for ${own}`, {
      ...entryAt(first, 'run'),
      expected: own,
      found: run,
    });
  return misnumbered() ?? headless() ?? {verdict: {holds: true, entries: rows.length}, intact: rows.length, rows};

  /** The entry is not where it must be. Its own hash tells it wherever it stands now. */
  function missing(seq: number, hashBefore: string): Audit {
    // Every run's first entry is hashed over the same beginning: it tells by itself whose it is.
    const stray = all.find(
      (row) => linkHash(hashBefore, {...row, seq}) === row.hash && (seq > 1 || begins(row) === run),
    );
    const says = `entry ${seq} is missing`;
    if (stray === undefined)
      return broken(seq - 1, seq, says, {
        table: 'entries',
        row: null,
        column: null,
        event: null,
        expected: `entry ${seq}`,
        found: 'no row that continues the chain',
      });
    return stray.run === run
      ? broken(seq - 1, seq, `${says}: it carries the number ${stray.seq}`, {
          ...entryAt(stray, 'seq'),
          expected: String(seq),
          found: String(stray.seq),
        })
      : broken(seq - 1, seq, `${says}: it carries the run ${stray.run}`, {
          ...entryAt(stray, 'run'),
          expected: run,
          found: stray.run,
        });
  }

  /** `witness`: whether what follows was hashed over this. It tells a changed entry from a changed hash. */
  function changed(row: Row, computed: string, intact: number, witness: (hash: string) => boolean): Audit {
    const {seq, hash} = row;
    if (witness(computed))
      return broken(intact, seq, `entry ${seq} was changed: its hash is not the one it was written with`, {
        ...entryAt(row, 'hash'),
        expected: computed,
        found: hash,
      });
    const column = instant(row.at) === undefined ? 'at' : isOurs(row.event) ? 'at or event' : 'event';
    return broken(intact, seq, `entry ${seq} was changed: its ${column} is not what was hashed`, {
      ...entryAt(row, column),
      expected: `sha256 ${hash}`,
      found: `sha256 ${computed}`,
    });
  }

  /** The file numbers its rows without gaps and takes none away. */
  function misnumbered(): Audit | undefined {
    const at = new Map(all.map((row) => [row.id, row.at]));
    const newest = all.at(-1)?.id;
    const lacking = (from: number, id: number): number | undefined => {
      let number = Math.max(1, from);
      while (number < id && at.has(number)) number++;
      return number < id ? number : undefined;
    };
    for (const [index, row] of rows.entries()) {
      const {id, seq} = row;
      const before = rows[index - 1]?.id ?? 0;
      // A run's last row keeps its place in the run when it is moved to the end of the file: what is missing then is its
      // old number. Once others have written behind it, it shows by the row before it, which is younger.
      const mayBeMoved = before > 0 && row === rows.at(-1) && (id === newest || (at.get(id - 1) ?? '') > row.at);
      const lacks = lacking(mayBeMoved ? before + 1 : id - 1, id);
      if (id > before && lacks === undefined) continue;
      const expected = id <= before ? `a number above ${before}` : `row ${lacks} before it`;
      const found = id <= before ? String(id) : `row ${id} after a gap`;
      return broken(rows.length, seq, `entry ${seq} is intact, but row ${id} is not where it was written`, {
        ...entryAt(row, 'id'),
        expected,
        found,
      });
    }
    return undefined;
  }

  /** The head names the newest entry, so that a tail that was cut off shows. */
  function headless(): Audit | undefined {
    const entries = rows.length;
    if (head === undefined) {
      const stray = heads.find(({hash}) => hash === last?.hash);
      const found = stray ? stray.run : 'no head';
      return broken(entries, entries, stray ? `the head carries the run ${stray.run}` : 'the head is missing', {
        ...headAt('run'),
        expected: run,
        found,
      });
    }
    if (last === undefined) return missing(1, genesis);
    if (head.seq !== entries) {
      const says =
        head.hash === last.hash
          ? `the head says entry ${head.seq} and has the hash of entry ${entries}`
          : head.seq > entries
            ? `entry ${entries + 1} is missing: the head is entry ${head.seq}`
            : `entry ${head.seq + 1} is not known to the head`;
      if (head.hash !== last.hash && head.seq === entries + 1) return missing(head.seq, last.hash);
      const seq = head.hash === last.hash ? entries : Math.min(head.seq, entries) + 1;
      return broken(entries, seq, says, {
        ...headAt('seq'),
        expected: String(entries),
        found: String(head.seq),
      });
    }
    if (head.hash === last.hash) return undefined;
    return broken(entries, entries, `the head does not name entry ${entries}`, {
      ...headAt('hash'),
      expected: last.hash,
      found: head.hash,
    });
  }
}

const entryAt = (row: Row, column: Breach['column']) =>
  ({table: 'entries', row: row.id, column, event: parseEvent(row.event)?.type ?? null}) as const;

const order = ({seq}: Row): number => (seq < 1 ? Number.MAX_SAFE_INTEGER : seq);

const headAt = (column: Breach['column']) => ({table: 'heads', row: null, column, event: null}) as const;

/** The run that an entry begins. */
function begins({event}: Row): string | undefined {
  const begun = parseEvent(event);
  return begun?.type === 'run.begun' ? begun.run : undefined;
}

/** Whether a text still is one that we could have written: canonical, and an event. */
function isOurs(text: string): boolean {
  if (parseEvent(text) === undefined) return false;
  return canonical(JSON.parse(text) as Json) === text;
}
