import {execFileSync} from 'node:child_process';
import {lstatSync, mkdtempSync, readFileSync, readlinkSync, rmSync, statSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {expect, onTestFinished, test} from 'vitest';
import {cpio, type Entry} from '../../src/image/cpio.ts';

const entries: readonly Entry[] = [
  {type: 'directory', path: 'etc', mode: 0o755},
  {type: 'file', path: 'etc/odd', mode: 0o644, content: Buffer.from('seven b')},
  {type: 'file', path: 'etc/secret', mode: 0o600, content: Buffer.alloc(0)},
  {type: 'link', path: 'bin', target: 'usr/bin'},
];

test('another reader of the format gets back what went in', () => {
  const folder = mkdtempSync(join(tmpdir(), 'cpio-'));
  onTestFinished(() => rmSync(folder, {recursive: true}));
  execFileSync('python3', ['-c', reader, folder], {input: cpio(entries)});
  expect(readFileSync(join(folder, 'etc/odd'), 'utf8')).toBe('seven b');
  expect(statSync(join(folder, 'etc/secret')).mode & 0o7777).toBe(0o600);
  expect(lstatSync(join(folder, 'bin')).isSymbolicLink()).toBe(true);
  expect(readlinkSync(join(folder, 'bin'))).toBe('usr/bin');
});

test('writes a record as the kernel documents it', () => {
  const archive = cpio([{type: 'device', path: 'null', mode: 0o666, major: 1, minor: 3}]).toString('latin1');
  const fields = (archive.slice(6, 110).match(/.{8}/g) ?? []).map((field) => parseInt(field, 16));
  //                         inode mode      uid gid links mtime size major minor rmajor rminor name check
  expect(fields).toEqual([1, 0o020666, 0, 0, 1, 0, 0, 0, 0, 1, 3, 5, 0]);
  expect(archive).toMatch(/^070701.*null\0/s);
  expect(archive).toContain('TRAILER!!!');
});

test('every record begins at a multiple of four bytes, and so does an archive behind it', () => {
  const lengths = [0, 1, 2, 3, 4, 5].map((length): Entry => {
    const content = Buffer.alloc(length, '0');
    return {type: 'file', path: 'x'.repeat(length + 1), mode: 0o600, content};
  });
  const archive = cpio(lengths);
  expect(archive.length % 4).toBe(0);
  for (let at = archive.indexOf('070701'); at !== -1; at = archive.indexOf('070701', at + 1)) expect(at % 4).toBe(0);
});

// Written from Documentation/driver-api/early-userspace/buffer-format.rst, apart from the writer under test.
const reader = `
import os, sys
data, at, root = sys.stdin.buffer.read(), 0, sys.argv[1]
while True:
    assert data[at:at + 6] == b'070701', at
    f = [int(data[at + 6 + 8 * i:at + 14 + 8 * i], 16) for i in range(13)]
    name = data[at + 110:at + 110 + f[11] - 1].decode()
    body = (at + 110 + f[11] + 3) // 4 * 4
    at = (body + f[6] + 3) // 4 * 4
    if name == 'TRAILER!!!': break
    path, content = os.path.join(root, name), data[body:body + f[6]]
    if f[1] & 0o170000 == 0o040000: os.mkdir(path)
    elif f[1] & 0o170000 == 0o120000: os.symlink(content, path)
    else:
        with open(path, 'wb') as out: out.write(content)
        os.chmod(path, f[1] & 0o7777)
`;
