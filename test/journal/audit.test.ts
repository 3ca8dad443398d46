import {DatabaseSync} from 'node:sqlite';
import {expect, test} from 'vitest';
import type {Audit, Journal} from '../../src/journal/journal.ts';
import {begun, freshFile, must, opened, run, saved, step} from './sample.ts';
import type {HostName, Instant, RunId} from '../../src/brand.ts';
import {systemClock} from '../../src/clock.ts';

const other = 'marruuk-2' as RunId;

/** Two runs, written in turn, so that rows and entries have different numbers; a second or more between any two. */
async function written(): Promise<{file: string; journal: Journal}> {
  const file = freshFile();
  let seconds = 0;
  const now = () => new Date(Date.UTC(2026, 10, 21, 9, 0, seconds++)).toISOString() as Instant;
  const journal = opened(file, {...systemClock, now});
  must(await journal.append(run, begun));
  must(await journal.append(other, {...begun, run: other}));
  must(await journal.append(run, {type: 'step.started', step, attempt: 1}));
  must(await journal.append(run, saved(1)));
  must(await journal.append(other, saved(1)));
  must(await journal.append(run, {type: 'run.done'}));
  return {file, journal};
}

/** What someone with the file could do. */
function forge(file: string, sql: string, ...values: readonly (string | number)[]): void {
  const db = new DatabaseSync(file);
  for (const {name} of db.prepare(`SELECT name FROM sqlite_master WHERE type = 'trigger'`).all())
    db.exec(`DROP TRIGGER "${String(name)}"`);
  db.prepare(sql).run(...values);
  db.close();
}

test('a journal that nobody touched holds, run by run', async () => {
  const {journal} = await written();
  for (const [id, entries] of [
    [run, 4],
    [other, 2],
  ] as const)
    expect(must(await journal.audit(id))).toMatchObject({verdict: {holds: true, entries}, intact: entries});
});

test('the last row of a run shows where it was moved to the end, also once others have written behind it', async () => {
  const {file, journal} = await written();
  forge(file, 'UPDATE entries SET id = 7 WHERE id = 5');
  expect(where(must(await journal.audit(other)))).toBe('2: entries 7 id');
  const third = 'marruuk-3' as RunId;
  const row = 'SELECT 8, ?, seq, at, event, hash FROM entries WHERE id = 1';
  forge(file, `INSERT INTO entries (id, run, seq, at, event, hash) ${row}`, third);
  expect(where(must(await journal.audit(other)))).toBe('2: entries 7 id');
});

test('a run is not blamed for a gap in another that is not right before a row of its own', async () => {
  const {file, journal} = await written();
  must(await journal.append(other, saved(2)));
  must(await journal.append(other, saved(3)));
  must(await journal.append(run, {type: 'run.done'}));
  must(await journal.append(other, saved(4)));
  forge(file, 'DELETE FROM entries WHERE id = 7');
  expect(where(must(await journal.audit(run)))).toBe('holds');
  expect(where(must(await journal.audit(other)))).not.toBe('holds');
});

const where = ({verdict}: Audit) =>
  verdict.holds ? 'holds' : `${verdict.seq}: ${verdict.where?.table} ${verdict.where?.row} ${verdict.where?.column}`;

test.each([
  ['an event', `UPDATE entries SET event = replace(event, '1', '2') WHERE id = 4`, '3: entries 4 at or event'],
  [
    'an event to no event',
    `UPDATE entries SET event = replace(event, 'saved', 'Saved') WHERE id = 4`,
    '3: entries 4 event',
  ],
  ['a moment to no moment', `UPDATE entries SET at = replace(at, 'T', ' ') WHERE id = 4`, '3: entries 4 at'],
  ['a hash', `UPDATE entries SET hash = 'f' || substr(hash, 2, 62) || '_' WHERE id = 4`, '3: entries 4 hash'],
  [
    'the last hash',
    `UPDATE entries SET hash = replace(hash, substr(hash, 1, 1), '_') WHERE id = 6`,
    '4: entries 6 hash',
  ],
  ['a number', 'UPDATE entries SET seq = 9 WHERE id = 3', '2: entries 3 seq'],
  ['the last number', 'UPDATE entries SET seq = 5 WHERE id = 6', '4: entries 6 seq'],
  ['a run', `UPDATE entries SET run = 'marruuk-7' WHERE id = 3`, '2: entries 3 run'],
  ['the last run', `UPDATE entries SET run = 'marruuk-7' WHERE id = 6`, '4: entries 6 run'],
  ['a row number', 'UPDATE entries SET id = 44 WHERE id = 4', '3: entries 44 id'],
  ['an entry away', 'DELETE FROM entries WHERE id = 4', '3: entries null null'],
  ['the tail away', 'DELETE FROM entries WHERE id = 6', '4: entries null null'],
  ['the head back', `UPDATE heads SET seq = 3 WHERE run = 'marruuk-1'`, '4: heads null seq'],
  ['the hash of the head', `UPDATE heads SET hash = 'a' || hash WHERE run = 'marruuk-1'`, '4: heads null hash'],
  ['the run of the head', `UPDATE heads SET run = 'marruuj-1' WHERE run = 'marruuk-1'`, '4: heads null run'],
  ['the head away', `DELETE FROM heads WHERE run = 'marruuk-1'`, '4: heads null run'],
  ['the whole run away', `DELETE FROM entries WHERE run = 'marruuk-1'`, '1: entries null null'],
])('names the place of what was changed: %s', async (_, sql, place) => {
  const {file, journal} = await written();
  forge(file, sql);
  const audit = must(await journal.audit(run));
  expect(where(audit)).toBe(place);
  expect(audit.verdict).toHaveProperty('where.expected');
  // A run that lost its head or its beginning is still found by its name.
  expect(must(await journal.runs('marruuk' as HostName))).toContain(run);
});

test('says what was expected and what stands there', async () => {
  const {file, journal} = await written();
  forge(file, `UPDATE entries SET run = 'marruuk-7' WHERE id = 3`);
  expect(must(await journal.audit(run)).verdict).toEqual({
    holds: false,
    seq: 2,
    says: 'entry 2 is missing: it carries the run marruuk-7',
    where: {
      table: 'entries',
      row: 3,
      column: 'run',
      event: 'step.started',
      expected: 'marruuk-1',
      found: 'marruuk-7',
    },
  });
});

test('what came before the place is proved, and no more', async () => {
  const {file, journal} = await written();
  forge(file, `UPDATE entries SET event = replace(event, '1', '2') WHERE id = 4`);
  const {intact, rows} = must(await journal.audit(run));
  expect(intact).toBe(2);
  expect(rows).toHaveLength(4);
});

test('a run that was copied under another name is none of its own', async () => {
  const {file, journal} = await written();
  forge(file, `UPDATE entries SET run = 'vega-1' WHERE run = 'marruuk-1'`);
  forge(file, `UPDATE heads SET run = 'vega-1' WHERE run = 'marruuk-1'`);
  expect(must(await journal.audit('vega-1' as RunId)).verdict).toMatchObject({
    holds: false,
    seq: 1,
    says: 'entry 1 was written for marruuk-1',
  });
});
