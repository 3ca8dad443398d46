import {execFile} from 'node:child_process';
import {mkdtemp, readdir, rm} from 'node:fs/promises';
import {join} from 'node:path';
import {promisify} from 'node:util';
import {expect, onTestFinished, test} from 'vitest';
import {systemClock} from '../../src/clock.ts';
import {openJournal} from '../../src/journal/sqlite.ts';
import {begun, must, run, saved} from '../journal/sample.ts';

const program = join(import.meta.dirname, '../../src/bin.ts');
const root = process.getuid?.() === 0;
const readOnly = 'mount --bind "$1" "$1" && mount -o remount,ro,bind "$1" && shift && exec "$@"';

test.runIf(root)(
  'status, log and report show a run whose directory is read-only (needs root, to mount it so)',
  async () => {
    const home = await mkdtemp('/tmp/rebuild-read-only-');
    onTestFinished(() => rm(home, {recursive: true, force: true}));
    const journal = must(openJournal(join(home, 'journal.sqlite'), systemClock));
    must(await journal.append(run, begun));
    must(await journal.append(run, saved(1)));
    journal.close();
    const before = await readdir(home);
    for (const argv of [['status'], ['status', 'marruuk'], ['log', run], ['report', run]]) {
      const {stdout, stderr} = await promisify(execFile)(
        'unshare',
        ['--mount', 'sh', '-ec', readOnly, 'sh', home, process.execPath, program, ...argv],
        {env: {...process.env, REBUILD_HOME: home}},
      );
      expect(stdout, argv.join(' ')).toContain('marruuk-1');
      expect(stderr).toBe('');
    }
    expect(await readdir(home)).toEqual(before);
  },
);
