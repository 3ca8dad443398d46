import {closeSync, openSync, statSync, writeFileSync, writeSync} from 'node:fs';
import {dirname} from 'node:path';
import {DatabaseSync} from 'node:sqlite';
import * as fc from 'fast-check';
import {expect, test} from 'vitest';
import type {HostName, RunId} from '../../src/brand.ts';
import {systemClock} from '../../src/clock.ts';
import type {Event} from '../../src/engine/event.ts';
import {fault} from '../../src/fault.ts';
import {linkHash} from '../../src/journal/chain.ts';
import {openJournal} from '../../src/journal/sqlite.ts';
import {begun, faultOf, freshFile, host, must, opened, run, saved, standingClock, step} from './sample.ts';

test('what was appended is read back, also by another connection', async () => {
  const file = freshFile();
  const clock = standingClock();
  const journal = opened(file, clock);
  const events: Event[] = [
    begun,
    {type: 'run.resumed', by: 'lena@jump1', pid: 7},
    {type: 'step.started', step, attempt: 1},
    saved(3),
    {type: 'step.noted', step, says: 'ok', data: {}},
    {type: 'effect.sent', step, effect: 'erase'},
    {type: 'effect.found', step, effect: 'erase', verdict: 'absent'},
    {type: 'effect.settled', step, effect: 'erase'},
    {type: 'step.failed', step, fault: fault('ssh.lost', 'gone', {detail: {bytes: 7, path: ['a', null, true]}})},
    {type: 'step.done', step, proof: {says: 'read back', data: {digest: 'ff'}}},
    {type: 'step.kept', step, proof: {says: 'still', data: {}}},
    {type: 'step.lapsed', step, fault: fault('ssh.lost', 'gone')},
    {type: 'run.stopped', why: 'asked'},
  ];
  const stored = [];
  for (const event of events) stored.push(must(await journal.append(run, event)));
  const read = must(await opened(file).read(run));
  expect(read).toEqual(stored);
  expect(read.map((entry) => entry.event)).toEqual(events);
  expect(read.map((entry) => entry.seq)).toEqual(events.map((_, index) => index + 1));
  expect(must(await journal.verify(run))).toEqual({holds: true, entries: events.length});
});

test('text of any kind comes back as it was', async () => {
  const journal = opened(freshFile());
  must(await journal.append(run, begun));
  await fc.assert(
    fc.asyncProperty(fc.string({unit: 'binary'}), fc.dictionary(fc.string(), fc.jsonValue()), async (says, data) => {
      const event = {type: 'step.noted', step, says, data: JSON.parse(JSON.stringify(data))} as Event;
      const {seq} = must(await journal.append(run, event));
      expect(must(await journal.read(run))[seq - 1]?.event).toEqual(event);
    }),
    {numRuns: 50},
  );
});

test('run ids count up by host, the newest run comes first', async () => {
  const journal = opened(freshFile());
  const other = 'mpex' as HostName;
  expect(must(await journal.nextRun(host))).toBe('marruuk-1');
  for (const id of ['marruuk-1', 'mpex-1', 'marruuk-2', 'marruuk-10'] as RunId[])
    must(await journal.append(id, {...begun, run: id, host: id.startsWith('mpex') ? other : host}));
  expect(must(await journal.nextRun(host))).toBe('marruuk-11');
  expect(must(await journal.nextRun('marruuk-10' as HostName))).toBe('marruuk-10-1');
  expect(must(await journal.runs())).toEqual(['marruuk-10', 'marruuk-2', 'mpex-1', 'marruuk-1']);
  expect(must(await journal.runs(other))).toEqual(['mpex-1']);
  expect(faultOf(await journal.read('marruuk-3' as RunId))).toBe('run.missing');
  expect(faultOf(await journal.verify('marruuk-3' as RunId))).toBe('run.missing');
});

test('a run is unfinished until it is done or abandoned', async () => {
  const journal = opened(freshFile());
  expect(must(await journal.unfinished(host))).toBeUndefined();
  must(await journal.append(run, begun));
  must(await journal.append(run, {type: 'step.noted', step, says: '"type":"run.done"', data: {}}));
  must(await journal.append(run, {type: 'run.stopped', why: 'failed'}));
  expect(must(await journal.unfinished(host))).toBe(run);
  must(await journal.append(run, {type: 'run.done'}));
  expect(must(await journal.unfinished(host))).toBeUndefined();
  const second = 'marruuk-2' as RunId;
  must(await journal.append(second, {...begun, run: second}));
  expect(must(await journal.unfinished(host))).toBe(second);
  must(await journal.append(second, {type: 'run.abandoned', by: 'omar@jump2', why: 'wrong host'}));
  expect(must(await journal.unfinished(host))).toBeUndefined();
});

test('one run cannot be begun twice', async () => {
  const journal = opened(freshFile());
  must(await journal.append(run, begun));
  expect(faultOf(await journal.append(run, begun))).toBe('run.unfinished');
  expect(must(await journal.read(run))).toHaveLength(1);
});

test('an event that could not be read again is a bug, and is not written', async () => {
  const journal = opened(freshFile());
  must(await journal.append(run, begun));
  await expect(journal.append(run, {type: 'step.begun'} as unknown as Event)).rejects.toThrow('not an event');
  expect(must(await journal.verify(run))).toEqual({holds: true, entries: 1});
});

test('file, write-ahead log and shared memory belong to the operator alone', async () => {
  const file = freshFile();
  must(await opened(file).append(run, begun));
  const modes = [file, `${file}-wal`, `${file}-shm`].map((path) => statSync(path).mode & 0o777);
  expect(modes).toEqual([0o600, 0o600, 0o600]);
  expect(statSync(dirname(file)).mode & 0o777).toBe(0o700);
});

test('every commit waits for the disk', () => {
  const file = freshFile();
  opened(file);
  using db = new DatabaseSync(file);
  expect(db.prepare('PRAGMA journal_mode').get()).toEqual({journal_mode: 'wal'});
  const strict = db.prepare("SELECT name FROM pragma_table_list WHERE schema = 'main' AND strict = 1 ORDER BY name");
  expect(strict.all().map((row) => row['name'])).toEqual(['entries', 'heads', 'leases']);
});

test.each([
  ["UPDATE entries SET event = '{}' WHERE seq = 1", 'append only'],
  ['DELETE FROM entries WHERE seq = 2', 'append only'],
  ["REPLACE INTO entries SELECT id, run, seq, at, '{}', hash FROM entries WHERE seq = 1", 'append only'],
  ["REPLACE INTO entries SELECT 1, run, 3, at, '{}', hash FROM entries WHERE seq = 1", 'append only'],
  ['INSERT INTO entries (run, seq, at, event, hash) SELECT run, 7, at, event, hash FROM entries', 'append only'],
  ['UPDATE heads SET seq = seq', 'forward only'],
  ['DELETE FROM heads', 'forward only'],
  ['REPLACE INTO heads SELECT * FROM heads', 'begin at 1'],
])('SQL cannot rewrite history: %s', async (statement, says) => {
  const file = freshFile();
  const journal = opened(file);
  must(await journal.append(run, begun));
  must(await journal.append(run, saved(1)));
  using db = new DatabaseSync(file);
  expect(() => db.exec(statement)).toThrow(says);
  expect(must(await journal.verify(run))).toEqual({holds: true, entries: 2});
});

/** Changes rows as someone would who owns the file: the triggers are dropped first. */
function tamper(file: string, statement: string, ...values: (string | number | null)[]): void {
  using db = new DatabaseSync(file);
  for (const name of ['entries_append', 'entries_keep', 'entries_stay', 'heads_stay', 'heads_forward'])
    db.exec(`DROP TRIGGER ${name}`);
  db.prepare(statement).run(...values);
}

test.each([
  ["UPDATE entries SET event = replace(event, '2', '3') WHERE seq = 3", 3],
  ["UPDATE entries SET at = replace(at, '2026', '2025') WHERE seq = 2", 2],
  ["UPDATE entries SET event = 'no json' WHERE seq = 4", 4],
  ["UPDATE entries SET event = CAST(x'ff00fe' AS TEXT) WHERE seq = 1", 1],
  ["UPDATE entries SET run = 'marruuk-9' WHERE seq = 4", 4],
  ['UPDATE entries SET seq = 9 WHERE seq = 2', 2],
  ['DELETE FROM entries WHERE seq = 3', 3],
  ['DELETE FROM entries WHERE seq = 4', 4],
  ['DELETE FROM entries', 1],
  ['DELETE FROM heads', 4],
])('what was tampered with is named and does not crash: %s', async (statement, seq) => {
  const file = freshFile();
  const first = opened(file);
  must(await first.append(run, begun));
  for (let n = 1; n <= 3; n += 1) must(await first.append(run, saved(n)));
  tamper(file, statement);
  const journal = opened(file);
  expect(must(await journal.verify(run))).toMatchObject({holds: false, seq});
  const read = await journal.read(run);
  expect(read).toMatchObject({ok: false, fault: {code: 'journal.broken', detail: {seq}}});
  expect((await journal.runs()).ok).toBe(true);
  expect((await journal.unfinished(host)).ok).toBe(true);
});

test('any one byte changed in the stored row is found there', async () => {
  const file = freshFile();
  const journal = opened(file);
  must(await journal.append(run, begun));
  for (let n = 1; n <= 3; n += 1) must(await journal.append(run, saved(n)));
  using db = new DatabaseSync(file);
  // Whoever can write the file is held by neither.
  db.exec('DROP TRIGGER entries_keep; PRAGMA ignore_check_constraints = ON');
  const column = fc.constantFrom('at', 'event', 'hash', 'run');
  await fc.assert(
    fc.asyncProperty(
      fc.integer({min: 1, max: 4}),
      column,
      fc.nat(),
      fc.integer({min: 1, max: 255}),
      async (seq, name, at, by) => {
        const old = db.prepare(`SELECT ${name} AS text FROM entries WHERE seq = ?`).get(seq)!['text'] as string;
        const bytes = Buffer.from(old);
        bytes[at % bytes.length]! ^= by;
        const set = db.prepare(`UPDATE entries SET ${name} = CAST(? AS TEXT) WHERE id = ?`);
        set.run(bytes, seq);
        try {
          expect(must(await journal.verify(run))).toMatchObject({holds: false, seq});
        } finally {
          set.run(Buffer.from(old), seq);
        }
      },
    ),
    {numRuns: 200, examples: [[2, 'hash', 0, 0x80]]},
  );
  expect(must(await journal.verify(run))).toEqual({holds: true, entries: 4});
});

test('an intact entry of a later version is not taken for damage', async () => {
  const file = freshFile();
  const journal = opened(file);
  must(await journal.append(run, begun));
  const head = must(await journal.read(run))[0]!;
  const link = {seq: 2, at: head.at, event: '{"type":"step.dreamt"}'};
  using db = new DatabaseSync(file);
  const hash = linkHash(head.hash, link);
  db.prepare('INSERT INTO entries (run, seq, at, event, hash) VALUES (?, ?, ?, ?, ?)').run(
    run,
    2,
    link.at,
    link.event,
    hash,
  );
  db.prepare('UPDATE heads SET seq = 2, hash = ?').run(hash);
  expect(must(await journal.verify(run))).toEqual({holds: true, entries: 2});
  expect(faultOf(await journal.read(run))).toBe('journal.too-new');
});

test('a newer layout, another database, a file that is none', () => {
  const newer = freshFile();
  opened(newer).close();
  {
    using db = new DatabaseSync(newer);
    db.exec('PRAGMA user_version = 2');
  }
  expect(faultOf(openJournal(newer, systemClock))).toBe('journal.too-new');

  const foreign = freshFile();
  opened(foreign).close();
  {
    using db = new DatabaseSync(foreign);
    db.exec('PRAGMA application_id = 7');
  }
  expect(faultOf(openJournal(foreign, systemClock))).toBe('journal.broken');

  const none = freshFile();
  opened(none).close();
  writeFileSync(none, 'this was a shopping list once\n'.repeat(200));
  expect(faultOf(openJournal(none, systemClock))).toBe('journal.broken');
});

test('a damaged page is a fault, not a crash', async () => {
  const file = freshFile();
  const journal = opened(file);
  must(await journal.append(run, begun));
  for (let n = 1; n <= 200; n += 1) must(await journal.append(run, saved(n)));
  journal.close();
  const fd = openSync(file, 'r+');
  // The first page (the layout) stays whole; every page of rows is overwritten.
  const garbage = Buffer.alloc(statSync(file).size - 8 * 4096, 0xa5);
  writeSync(fd, garbage, 0, garbage.length, 8 * 4096);
  closeSync(fd);
  const again = opened(file);
  expect(faultOf(await again.read(run))).toBe('journal.broken');
  expect(faultOf(await again.append(run, saved(1)))).toBe('journal.broken');
});
