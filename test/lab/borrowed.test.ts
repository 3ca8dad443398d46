import {existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterEach, beforeEach, expect, test, vi} from 'vitest';
import {hostName} from '../../src/brand.ts';
import {borrow, borrowing, giveBack} from '../../src/lab/borrowed.ts';
import {takeDown} from '../../src/lab/down.ts';
import {labFolder, labHosts} from '../../src/lab/folder.ts';

const marruuk = hostName('marruuk')!;
let top: string;
let theirs: string;
beforeEach(() => {
  top = mkdtempSync(join(tmpdir(), 'borrowed-'));
  vi.stubEnv('REBUILD_HOME', join(top, 'theirs'));
  const {directory, description} = labFolder(marruuk);
  mkdirSync(directory, {recursive: true});
  writeFileSync(description, '{}');
  theirs = directory;
  vi.stubEnv('REBUILD_HOME', join(top, 'mine'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(top, {recursive: true, force: true});
});

test('a lab of another home is found under this one, as the same lab', async () => {
  const before = labFolder(marruuk);
  expect(await borrow(marruuk, theirs)).toBe('borrowed');
  expect(await borrow(marruuk, theirs)).toBe('borrowed');
  expect(labFolder(marruuk)).toMatchObject({directory: theirs});
  // The tag names the network's namespaces: it is that of the home that has laid them.
  expect(labFolder(marruuk).tag).not.toBe(before.tag);
  expect(labHosts()).toEqual(['marruuk']);
  expect(await giveBack(marruuk)).toBe(theirs);
  expect(await giveBack(marruuk)).toBeUndefined();
  expect(labFolder(marruuk)).toEqual(before);
});

test('taken down here, it stays as it is where it is kept', async () => {
  await borrow(marruuk, theirs);
  expect(await takeDown(marruuk)).toEqual({ok: true, value: {was: true, borrowed: theirs}});
  expect(existsSync(theirs)).toBe(true);
  expect(labFolder(marruuk).directory).toBe(join(top, 'mine/lab/machines/marruuk'));
});

test('nothing is borrowed that is not here, is this home’s own, or would stand in place of its own', async () => {
  expect(await borrow(marruuk, join(top, 'nowhere'))).toBe('not here');
  const {directory} = labFolder(marruuk);
  expect(borrowing(marruuk, directory)).toBe('own');
  mkdirSync(directory, {recursive: true});
  expect(await borrow(marruuk, theirs)).toBe('in the way');
  expect(labFolder(marruuk).directory).toBe(directory);
});
