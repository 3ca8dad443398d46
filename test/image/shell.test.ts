import {readdirSync} from 'node:fs';
import {readFile} from 'node:fs/promises';
import {join} from 'node:path';
import {execa} from 'execa';
import {expect, test} from 'vitest';

const root = join(import.meta.dirname, '../..');
const system = join(root, 'src/image/light/system');

const shellcheck = (...argv: readonly string[]) =>
  execa('shellcheck', ['--external-sources', ...argv], {cwd: root, reject: false});

/** One source of a stream's bytes each: `target-stream` reads the one that it is started with. */
const places = ['target-http', 'target-ssh'];

test('shellcheck has nothing to say of the light system’s scripts', async () => {
  // The agent's parts share their names, so it is checked as the one program it is; so is a stream, but for what it has
  // from its place.
  const programs = ['init', 'target', 'target-stream'].map((name) => join(system, name));
  const whole = await shellcheck(...programs);
  const parts = await shellcheck('--exclude=SC2034,SC2154', ...places.map((name) => join(system, name)));
  expect([whole.stdout, parts.stdout]).toEqual(['', '']);
  expect([whole.exitCode, parts.exitCode]).toEqual([0, 0]);
});

test('every part of the agent is read by a program that is checked', async () => {
  const read = (
    await Promise.all(['target', 'target-stream'].map((name) => readFile(join(system, name), 'utf8')))
  ).join();
  const parts = readdirSync(system).filter((name) => name.startsWith('target-') && name !== 'target-stream');
  expect(parts.filter((name) => !read.includes(`. "$here/${name}"`))).toEqual(places);
});

test('no part of the agent takes another’s function for its own: they are one program', async () => {
  const parts = readdirSync(system).filter((name) => /^target(?:-|$)/.test(name) && name !== places[0]);
  const texts = await Promise.all(parts.map((name) => readFile(join(system, name), 'utf8')));
  const names = texts.flatMap((text) => [...text.matchAll(/^([a-z_]+)\(\)/gm)].map(([, name]) => name));
  expect(names.length).toBeGreaterThan(50);
  expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
});
