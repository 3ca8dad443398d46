import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {execa} from 'execa';
import {expect, onTestFinished, test} from 'vitest';
import {fault} from '../../src/fault.ts';
import {inRoom, saysFull} from '../../src/image/room.ts';
import {failed, ok} from '../../src/result.ts';

test.each([
  'xorriso : FAILURE : Image size 14477s exceeds free space on media 10240s',
  'zstd: error 70 : Write error : cannot write block : No space left on device',
  "E: You don't have enough free space in /var/cache/apt/archives/.",
  'tar: x: Cannot write: Disk quota exceeded',
])('%s', (words) => {
  expect(saysFull(words)).toBe(true);
});

const at = (code: string, more: object = {}) =>
  inRoom('/tmp', async () => {
    throw Object.assign(new Error(code), {code, ...more});
  });

test('a full disk is named with its place, whoever met it; any other trouble is what it was', async () => {
  expect(await at('ENOSPC')).toMatchObject({
    fault: {code: 'image.no-room', says: expect.stringMatching(/^no room for it in \/tmp: \d+ MB free$/)},
  });
  expect(await at('EDQUOT', {path: '/var/x/y'})).toMatchObject({
    fault: {says: expect.stringContaining('in /var: ')},
  });
  await expect(at('EACCES')).rejects.toThrow('EACCES');
  expect(await inRoom('/tmp', async () => failed(fault('image.no-room', 'xorriso')))).toMatchObject({
    fault: {detail: {place: '/tmp'}},
  });
  expect(await inRoom('/tmp', async () => failed(fault('image.refused', 'x')))).toMatchObject({
    fault: {code: 'image.refused'},
  });
  expect(await inRoom('/tmp', async () => ok(1))).toEqual(ok(1));
});

const child = join(import.meta.dirname, 'child', 'full-disk.ts');

// Root can mount a small disk; the program runs in a mount namespace of its own.
test.runIf(process.getuid?.() === 0)(
  'a program and Node itself on a disk that is full (needs root, to mount one)',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'room-'));
    onTestFinished(() => rmSync(folder, {recursive: true}));
    const script = 'mount -t tmpfs -o size=256k none "$1" && shift && exec "$@"';
    const {stdout} = await execa('unshare', [
      '--mount',
      'sh',
      '-c',
      script,
      'sh',
      folder,
      process.execPath,
      child,
      folder,
    ]);
    for (const line of stdout.trim().split('\n'))
      expect(JSON.parse(line)).toMatchObject({
        code: 'image.no-room',
        says: expect.stringMatching(new RegExp(`^no room for it in ${folder}: 0 MB free`)),
      });
    expect(stdout.trim().split('\n')).toHaveLength(2);
  },
);
