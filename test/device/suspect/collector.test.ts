import {execFileSync, spawnSync} from 'node:child_process';
import {mkdtempSync, rmSync, symlinkSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import {collectorScript} from '../../../src/device/suspect/collector.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rebuild-collector-'));
  symlinkSync('/usr/bin/busybox', join(folder, 'busybox'));
});
afterEach(() => rmSync(folder, {recursive: true, force: true}));

/** Its functions alone, and then a line of ours, run as on a suspect. */
function run(line: string) {
  const functions = collectorScript.slice(0, collectorScript.indexOf('\nverb=$1'));
  const script = join(folder, 'b');
  writeFileSync(script, `${functions}\n${line}\n`);
  const {status, stdout, stderr} = spawnSync('/usr/bin/busybox', ['sh', script], {encoding: 'utf8'});
  return {status, stdout, stderr: stderr.trim()};
}

const says = (...lines: readonly string[]): string =>
  lines.map((line) => `echo ${JSON.stringify(line)} >&2`).join('; ');
const gone = 'tar: lost: No such file or directory';
const delayed = 'tar: error exit delayed from previous errors';

describe('a command over files that come and go', () => {
  test.each([
    ['says nothing', 'exit 0', 0, ''],
    ['misses what went away', `${says(gone, gone, delayed)}; exit 1`, 0, 'went away: 2'],
    [
      'cannot read something as well',
      `${says(gone, 'tar: a: Input/output error', delayed)}; exit 1`,
      1,
      'went away: 1\ntar: a: Input/output error',
    ],
    ['breaks off', `${says(gone, 'tar: short read')}; exit 1`, 1, 'went away: 1\ntar: short read'],
    ['ends with no word', 'exit 137', 137, ''],
    ['warns', `${says('tar: a: socket ignored')}; exit 0`, 0, ''],
    [
      'has a name that looks like our own line',
      `${says('tar: a', 'ended 0', 'b: Input/output error')}; exit 1`,
      1,
      'b: Input/output error',
    ],
    [
      'lists with an error that its pipe loses',
      `${says('find: /a: Input/output error')}; exit 0`,
      1,
      'find: /a: Input/output error',
    ],
    ['lists what went away', `${says('find: /a: No such file or directory')}; exit 1`, 0, 'went away: 1'],
  ])('that %s', (_, line, status, stderr) => {
    const ended = run(`work() { echo out; (${line}); }\nlenient work`);
    expect(ended).toEqual({status, stdout: 'out\n', stderr});
  });

  test('tells all names and times of a file system that stands still', () => {
    const ended = run(`every_file() { "$b" find ${folder} -print0; }\nbodyfile`);
    expect(ended).toMatchObject({status: 0, stderr: ''});
    expect(ended.stdout.split('\n').map((line) => line.split('|')[1])).toContain(join(folder, 'busybox'));
    expect(execFileSync('/usr/bin/busybox', ['sh', '-n', join(folder, 'b')], {encoding: 'utf8'})).toBe('');
  });
});
