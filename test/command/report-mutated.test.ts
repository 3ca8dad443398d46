import {DatabaseSync} from 'node:sqlite';
import * as fc from 'fast-check';
import {expect, onTestFinished, test} from 'vitest';
import {report, type ReportForm} from '../../src/command/report.ts';
import {journalOn} from '../../src/journal/sqlite-journal.ts';
import {crashedRun, failedRun, wholeRun} from '../view/story.ts';
import {desk, journalOf} from './reading.ts';

const runs = ['atlas-1', 'marruuk-3', 'vega-1'] as const;
const columns = {
  entries: ['id', 'run', 'seq', 'at', 'event', 'hash'],
  heads: ['run', 'seq', 'hash'],
} as const;
type Table = keyof typeof columns;

interface Cell {
  readonly table: Table;
  readonly row: number;
  readonly column: string;
  readonly run: string;
  readonly seq: number;
  readonly value: string | number;
}

/** The journal as someone with the file has it: without what stops our own mistakes. Nothing here needs to be durable. */
function unlocked(file: string): DatabaseSync {
  const db = new DatabaseSync(file);
  for (const pragma of ['synchronous = OFF', 'ignore_check_constraints = ON']) db.exec(`PRAGMA ${pragma}`);
  for (const {name} of db.prepare(`SELECT name FROM sqlite_master WHERE type = 'trigger'`).all())
    db.exec(`DROP TRIGGER "${String(name)}"`);
  return db;
}

/** Every cell of the journal that a run's record is made of. Leases are who works now, and no record. */
function cellsOf(db: DatabaseSync): readonly Cell[] {
  return (['entries', 'heads'] as const).flatMap((table) =>
    db
      .prepare(`SELECT * FROM ${table}`)
      .all()
      .flatMap((row) =>
        columns[table].map((column) => ({
          table,
          column,
          row: table === 'entries' ? Number(row['id']) : 0,
          run: String(row['run']),
          seq: Number(row['seq']),
          value: row[column] as string | number,
        })),
      ),
  );
}

/** The cell with one byte changed, as text or as an integer. */
function mutated({value}: Cell, place: number, by: number): string | number | Uint8Array {
  if (typeof value === 'number') return value ^ (by << (8 * (place % 4)));
  const bytes = Buffer.from(value);
  const at = place % bytes.length;
  bytes[at] = bytes[at]! ^ by;
  return bytes;
}

/** Puts a value into the cell. False where another row has that number already. */
function store(db: DatabaseSync, {table, column, row, run}: Cell, value: string | number | Uint8Array): boolean {
  const text = typeof value === 'object' ? 'CAST(? AS TEXT)' : '?';
  const [which, key] = table === 'entries' ? ['id = ?', row] : ['run = ?', run];
  try {
    db.prepare(`UPDATE ${table} SET ${column} = ${text} WHERE ${which}`).run(value, key);
    return true;
  } catch (error) {
    if (error instanceof Error && error.message.includes('UNIQUE constraint')) return false;
    throw error;
  }
}

test('one byte changed in any cell of any row is found and named by the report, in every form', async () => {
  const {file, journal: written, clock} = await journalOf(wholeRun('atlas-1'), failedRun(), crashedRun('vega-1'));
  written.close();
  const db = unlocked(file);
  onTestFinished(() => db.close());
  const journal = journalOn(db, file, clock);
  const cells = cellsOf(db);
  for (const table of ['entries', 'heads']) db.exec(`CREATE TEMP TABLE kept_${table} AS SELECT * FROM ${table}`);
  // Where it is the one number that no row has and that has a row before it.
  const last = cells.findLast(({table, column, run}) => table === 'entries' && column === 'id' && run === runs[0])!;
  const toTheEnd = {cell: last, place: 0, by: last.row ^ (db.prepare('SELECT id FROM entries').all().length + 1)};
  const changed = fc.record({
    cell: fc.constantFrom(...cells),
    place: fc.nat(4000),
    by: fc.integer({min: 1, max: 255}),
    form: fc.constantFrom<ReportForm>('markdown', 'json', 'html'),
  });
  const found = new Set<string>();
  await fc.assert(
    fc.asyncProperty(changed, async ({cell, place, by, form}) => {
      if (!store(db, cell, mutated(cell, place, by))) return;
      try {
        const here = desk(journal);
        // By name, however the rest of the file looks now.
        expect(await report(cell.run, {form}, here)).toBe(3);
        named(here.said(), cell, form);
        found.add(`${cell.table}.${cell.column}`);
      } finally {
        for (const table of ['entries', 'heads'])
          db.exec(`DELETE FROM ${table}; INSERT INTO ${table} SELECT * FROM kept_${table}`);
      }
    }),
    {numRuns: 500, examples: [[{...toTheEnd, form: 'json'}]]},
  );
  expect(cellsOf(db)).toEqual(cells);
  // Each column has had its turn; the seed is another every time.
  expect(found.size).toBeGreaterThanOrEqual(7);
});

/** The report says which entry, and in which table, row and column. */
function named(said: string, {table, column, row, seq}: Cell, form: ReportForm): void {
  if (form !== 'json') {
    expect(said).toMatch(/does not hold at entry \d+/);
    expect(said.replaceAll(/<[^>]*>|\s+/g, ' ')).toContain(` ${table} `);
    return;
  }
  const {chain} = JSON.parse(said) as {chain: {seq: number; where: Record<string, unknown>}};
  expect(chain.where['table']).toBe(table);
  if (table === 'heads') return expect(chain.where['column']).toBe(column);
  expect(chain.seq).toBe(seq);
  expect(String(chain.where['column'])).toContain(column === 'at' || column === 'event' ? '' : column);
  // A row that lost its number is named by the one it has now.
  if (column !== 'id') expect(chain.where['row']).toBe(row);
}

test('no byte changed: every run holds, in every form', async () => {
  const {journal} = await journalOf(wholeRun('atlas-1'), failedRun(), crashedRun('vega-1'));
  for (const run of runs)
    for (const form of ['markdown', 'json', 'html'] as const) expect(await report(run, {form}, desk(journal))).toBe(0);
});
