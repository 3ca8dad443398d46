import {execFileSync} from 'node:child_process';
import {mkdtempSync, rmSync, truncateSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {expect, onTestFinished, test} from 'vitest';
import {readDocument, readSaved} from '../../src/command/document.ts';

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'document-'));
  onTestFinished(() => rmSync(path, {recursive: true}));
  return path;
}

test('a saved log comes as it lies there, byte for byte; a list as text', async () => {
  const file = join(folder(), 'ctl0.log');
  const bytes = Uint8Array.from([0x41, 0, 0xfe, 0x0a]);
  writeFileSync(file, bytes);
  const read = await readSaved(file);
  expect(read.ok && [...read.value]).toEqual([...bytes]);
  writeFileSync(file, 'Plätte\n');
  expect(await readDocument(file)).toEqual({ok: true, value: 'Plätte\n'});
});

test('what is no file, or too long for one, is not read, and does not hang', async () => {
  const here = folder();
  const [fifo, long] = [join(here, 'fifo'), join(here, 'long')];
  execFileSync('mkfifo', [fifo]);
  writeFileSync(long, '');
  truncateSync(long, 16 * 1024 * 1024 + 1);
  for (const path of [fifo, here, '/dev/zero', long])
    expect(await readSaved(path), path).toMatchObject({ok: false, fault: {code: 'document.unreadable'}});
  expect(await readSaved(join(here, 'none'))).toMatchObject({ok: false, fault: {code: 'document.missing'}});
});
