import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {existsSync, readdirSync, writeFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {text} from 'node:stream/consumers';
import {DatabaseSync} from 'node:sqlite';
import {expect, onTestFinished, test} from 'vitest';
import {systemClock} from '../../src/clock.ts';
import type {Journal} from '../../src/journal/journal.ts';
import {openJournalReading} from '../../src/journal/sqlite-reading.ts';
import {begun, faultOf, freshFile, host, me, must, opened, run, saved} from './sample.ts';

const root = process.getuid?.() === 0;
const child = join(import.meta.dirname, 'child', 'read.ts');

function reading(file: string): Journal {
  const journal = must(openJournalReading(file, systemClock));
  onTestFinished(() => journal.close());
  return journal;
}

/** What the child reads of `file`, with the file's directory mounted as `mounting` says. */
async function readUnder(file: string, mounting: string): Promise<unknown> {
  const script = `${mounting}; shift; exec "$@"`;
  const argv = ['--mount', 'sh', '-ec', script, 'sh', dirname(file), process.execPath, child, file, run];
  const reader = spawn('unshare', argv, {stdio: ['ignore', 'pipe', 'pipe']});
  const [out, err] = await Promise.all([text(reader.stdout), text(reader.stderr), once(reader, 'exit')]);
  expect(err).toBe('');
  return JSON.parse(out) as unknown;
}

const readOnly = 'mount --bind "$1" "$1" && mount -o remount,ro,bind "$1"';

test('reads what a writer writes, while it writes, and writes nothing itself', async () => {
  const file = freshFile();
  const writer = opened(file);
  must(await writer.append(run, begun));
  const reader = reading(file);
  must(await writer.append(run, saved(1)));
  expect(must(await reader.read(run)).map(({event}) => event)).toEqual([begun, saved(1)]);
  expect(must(await reader.verify(run))).toEqual({holds: true, entries: 2});
  expect(faultOf(await reader.append(run, saved(2)))).toBe('journal.unwritable');
  expect(faultOf(await reader.take(host, me, 1000))).toBe('journal.unwritable');
});

test('no journal is an empty one, and stays none', async () => {
  const file = freshFile();
  const reader = reading(file);
  expect(must(await reader.runs())).toEqual([]);
  expect(must(await reader.holder(host))).toBeUndefined();
  expect(faultOf(await reader.append(run, begun))).toBe('journal.unwritable');
  expect(existsSync(dirname(file))).toBe(false);
});

test('what is no journal is called that', () => {
  const file = freshFile();
  opened(file).close();
  writeFileSync(file, 'no database at all, and longer than a header '.repeat(50));
  expect(faultOf(openJournalReading(file, systemClock))).toBe('journal.broken');
  const foreign = join(dirname(file), 'foreign.sqlite');
  using db = new DatabaseSync(foreign);
  db.exec('CREATE TABLE t (a)');
  expect(faultOf(openJournalReading(foreign, systemClock))).toBe('journal.broken');
});

test.runIf(root)('a read-only file system, after a clean end (needs root, to mount one)', async () => {
  const file = freshFile();
  const writer = opened(file);
  must(await writer.append(run, begun));
  writer.close();
  expect(readdirSync(dirname(file))).toEqual(['journal.sqlite']);
  expect(await readUnder(file, readOnly)).toEqual(['run.begun']);
});

test.runIf(root)('a read-only file system, after the writer was killed (needs root, to mount one)', async () => {
  const file = freshFile();
  const writer = opened(file);
  must(await writer.append(run, begun));
  must(await writer.append(run, saved(1)));
  // What the last checkpoint did not take over is in the log alone.
  expect(readdirSync(dirname(file)).toSorted()).toEqual(['journal.sqlite', 'journal.sqlite-shm', 'journal.sqlite-wal']);
  expect(await readUnder(file, readOnly)).toEqual(['run.begun', 'step.saved']);
});

test.runIf(root)('a disk without a byte of room (needs root, to mount one)', async () => {
  const file = freshFile();
  const writer = opened(file);
  must(await writer.append(run, begun));
  writer.close();
  const full = `cp "$1/journal.sqlite" /tmp/j.$$ && mount -t tmpfs -o size=256k none "$1" && mv /tmp/j.$$ "$1/journal.sqlite"
    cat /dev/zero >"$1/filler" 2>/dev/null || :`;
  expect(await readUnder(file, full)).toEqual(['run.begun']);
});
