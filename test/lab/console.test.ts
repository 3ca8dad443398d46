import {appendFile, mkdtemp, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import * as fc from 'fast-check';
import {expect, test} from 'vitest';
import {readConsole} from '../../src/lab/console.ts';
import {PlainConsole} from '../../src/lab/plain-console.ts';

const plain = (text: string): string => {
  const made = new PlainConsole();
  return made.push(Buffer.from(text, 'latin1')) + made.end();
};

test.each([
  ['\x1b[2J\x1b[01;01HGRUB', 'GRUB'],
  ['\x1b[1;31mred\x1b[0m\r\n', 'red\n'],
  ['\x1b]0;title\x07text', 'text'],
  ['\x1b]52;c;cm0gLXJm\x1b\\after', 'after'],
  ['\x1bc\x1b(Bclean', 'clean'],
  ['a\rb\r\nc', 'a\nb\nc'],
  ['bell\x07 null\x00', 'bell\\x07 null\\x00'],
  ['\x9b31mC1', '\\x9b31mC1'],
  ['tab\tkept', 'tab\tkept'],
])('%j reads %j', (raw, expected) => {
  expect(plain(raw)).toBe(expected);
});

test('nothing that a terminal obeys comes through, wherever the bytes are cut', () => {
  const noise = fc.array(
    fc.constantFrom('\x1b', '[', ']', '0', ';', 'm', '\x07', '\\', '\r', '\n', 'a', '\x9b', 'P', ' '),
    {
      maxLength: 40,
    },
  );
  fc.assert(
    fc.property(noise, fc.nat(40), (letters, cut) => {
      const bytes = Buffer.from(letters.join(''), 'latin1');
      const made = new PlainConsole();
      const pieces = made.push(bytes.subarray(0, cut)) + made.push(bytes.subarray(cut)) + made.end();
      expect(pieces).toMatch(/^[\n\t\x20-\x7e]*$/);
      expect(pieces).toBe(plain(letters.join('')));
    }),
    {numRuns: 2_000},
  );
});

test('a followed console goes on with what is appended, and ends with the signal', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'rebuild-console-'));
  const path = join(directory, 'serial.log');
  try {
    await writeFile(path, 'first\r\n');
    const stop = new AbortController();
    const read: string[] = [];
    for await (const text of readConsole(path, {follow: true, signal: stop.signal})) {
      read.push(text);
      if (read.length === 1) await appendFile(path, 'second\r\n');
      else stop.abort();
    }
    expect(read).toEqual(['first\n', 'second\n']);
  } finally {
    await rm(directory, {recursive: true, force: true});
  }
});

test('a console that is not there is an empty one', async () => {
  const read: string[] = [];
  for await (const text of readConsole('/nowhere/serial.log', {follow: false, signal: new AbortController().signal}))
    read.push(text);
  expect(read).toEqual([]);
});
