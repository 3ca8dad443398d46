import {spawnSync} from 'node:child_process';
import {mkdtempSync, rmSync, symlinkSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterEach, beforeEach, expect, test} from 'vitest';
import {framePart} from '../../../src/device/suspect/collector/frame.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rebuild-collector-'));
  symlinkSync('/usr/bin/busybox', join(folder, 'busybox'));
});
afterEach(() => rmSync(folder, {recursive: true, force: true}));

/** A program over files as the collector runs it: its output, and whether it had all. */
function over(program: string) {
  const script = join(folder, 'b');
  const functions = framePart.replaceAll('\\${', '${');
  writeFileSync(script, `${functions}\nwork() { echo out; (${program}); }\nover work\n`);
  const {status, stdout, stderr} = spawnSync('/usr/bin/busybox', ['sh', script], {encoding: 'utf8'});
  return {whole: status === 0, stdout, stderr: stderr.trim()};
}

const says = (...lines: readonly string[]): string =>
  lines.map((line) => `echo ${JSON.stringify(line)} >&2`).join('; ');
const gone = 'tar: lost: No such file or directory';
const delayed = 'tar: error exit delayed from previous errors';

test.each([
  ['says nothing', 'exit 0', true, ''],
  ['misses what went away', `${says(gone, gone, delayed)}; exit 1`, true, ''],
  [
    'cannot read something as well',
    `${says(gone, 'tar: a: Input/output error', delayed)}; exit 1`,
    false,
    'tar: a: Input/output error',
  ],
  ['breaks off', `${says(gone, 'tar: short read')}; exit 1`, false, 'tar: short read'],
  ['is killed', 'exit 137', false, 'ended 137'],
  ['fails without a word', 'exit 1', false, ''],
  [
    'has a name that looks like our own line',
    `${says('tar: a', 'ended 0', 'b: Input/output error')}; exit 1`,
    false,
    'tar: a\nended 0\nb: Input/output error',
  ],
  ['lists what went away', `${says('find: /a: No such file or directory')}; exit 1`, true, ''],
])('a program over files that come and go, that %s', (_, program, whole, stderr) => {
  expect(over(program)).toEqual({whole, stdout: 'out\n', stderr});
});
