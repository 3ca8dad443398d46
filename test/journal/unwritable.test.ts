import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {chmodSync, chownSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {dirname, join} from 'node:path';
import {DatabaseSync} from 'node:sqlite';
import {text} from 'node:stream/consumers';
import {expect, onTestFinished, test} from 'vitest';
import {systemClock} from '../../src/clock.ts';
import {openJournal} from '../../src/journal/sqlite.ts';
import {begun, freshFile, must, opened, run} from './sample.ts';

const root = process.getuid?.() === 0;
const append = join(import.meta.dirname, 'child', 'append.ts');

async function output(program: string, argv: readonly string[], uid?: number): Promise<string[]> {
  const child = spawn(program, argv, {stdio: ['ignore', 'pipe', 'pipe'], ...(uid !== undefined && {uid, gid: uid})});
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  expect(err).toBe('');
  return out.trim().split('\n');
}

test('a full disk stops the run with a fault, and loses nothing that was acknowledged', async () => {
  const file = freshFile();
  const journal = opened(file);
  must(await journal.append(run, begun));
  // The limit on a file's size is the full disk that needs no mount; SIGXFSZ is ignored by Node, so write(2) fails.
  const lines = await output('prlimit', ['--fsize=400000', process.execPath, append, file, run, '100000']);
  const fault = JSON.parse(lines.at(-1)!) as {code: string; says: string};
  expect(fault.code).toBe('journal.unwritable');
  expect(fault.says).toContain(file);
  const acknowledged = lines.slice(0, -1).map((line) => Number(line.split(' ')[1]));
  expect(acknowledged.length).toBeGreaterThan(10);
  const stored = must(await journal.read(run)).flatMap(({event}) =>
    event.type === 'step.saved' ? [Number(event.checkpoint['chunks'])] : [],
  );
  expect(stored).toEqual(acknowledged);
  expect(must(await journal.verify(run))).toEqual({holds: true, entries: stored.length + 1});
  must(await journal.append(run, {type: 'run.stopped', why: 'failed'}));
});

test.runIf(root)('a file system without room (needs root, to mount one)', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'journal-'));
  onTestFinished(() => rmSync(directory, {recursive: true, force: true}));
  const script = 'mount -t tmpfs -o size=512k none "$1" && shift && exec "$@"';
  const file = join(directory, 'journal.sqlite');
  const argv = ['--mount', 'sh', '-c', script, 'sh', directory, process.execPath, append, file, run, '100000'];
  const lines = await output('unshare', argv);
  const fault = JSON.parse(lines.at(-1)!) as {code: string; says: string};
  expect(fault).toMatchObject({code: 'journal.unwritable', says: expect.stringContaining('the disk is full')});
  expect(lines.length).toBeGreaterThan(10);
});

test.runIf(root)('a read-only file system (needs root, to mount one)', async () => {
  const file = freshFile();
  const journal = opened(file);
  must(await journal.append(run, begun));
  journal.close();
  const script = 'mount --bind "$1" "$1" && mount -o remount,ro,bind "$1" && shift && exec "$@"';
  const open = join(import.meta.dirname, 'child', 'open.ts');
  const argv = ['--mount', 'sh', '-c', script, 'sh', dirname(file), process.execPath, open, file];
  const [line] = await output('unshare', argv);
  expect(JSON.parse(line!)).toMatchObject({
    code: 'journal.unwritable',
    says: `${file}: it is read-only; make it and its directory writable, or change REBUILD_HOME`,
  });
});

test.runIf(root)('a file that belongs to someone else (needs root, to become someone else)', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'journal-'));
  onTestFinished(() => rmSync(directory, {recursive: true, force: true}));
  chmodSync(directory, 0o755);
  const file = join(directory, 'journal.sqlite');
  opened(file).close();
  chownSync(file, 0, 0);
  const open = join(import.meta.dirname, 'child', 'open.ts');
  const [line] = await output(process.execPath, [open, file], 65534);
  expect(JSON.parse(line!)).toMatchObject({
    code: 'journal.unwritable',
    says: expect.stringContaining('access is denied'),
  });
});

test('a path that cannot hold a file', () => {
  const file = freshFile();
  opened(file).close();
  expect(openJournal(join(file, 'below'), systemClock)).toMatchObject({ok: false, fault: {code: 'journal.unwritable'}});
  expect(openJournal(dirname(file), systemClock)).toMatchObject({ok: false, fault: {code: 'journal.unwritable'}});
  const blocked = join(dirname(file), 'blocked');
  writeFileSync(blocked, '');
  expect(openJournal(join(blocked, 'state', 'x'), systemClock)).toMatchObject({
    ok: false,
    fault: {says: expect.stringContaining('not a directory')},
  });
});

test('a writer that keeps the lock', {timeout: 60_000}, async () => {
  const file = freshFile();
  const journal = opened(file);
  using db = new DatabaseSync(file);
  db.exec('BEGIN IMMEDIATE');
  const refused = await journal.append(run, begun);
  expect(refused).toMatchObject({
    ok: false,
    fault: {code: 'journal.unwritable', says: expect.stringContaining('locked')},
  });
  db.exec('ROLLBACK');
  must(await journal.append(run, begun));
});
