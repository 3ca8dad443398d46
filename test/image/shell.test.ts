import {readdirSync} from 'node:fs';
import {readFile} from 'node:fs/promises';
import {join} from 'node:path';
import {execa} from 'execa';
import {expect, test} from 'vitest';

const root = join(import.meta.dirname, '../..');
const system = join(root, 'src/image/light/system');

test('shellcheck has nothing to say of the light system’s scripts', async () => {
  // The agent's parts share their names, so it is checked as the one program it is.
  const checked = await execa('shellcheck', ['--external-sources', join(system, 'init'), join(system, 'target')], {
    cwd: root,
    reject: false,
  });
  const agent = await readFile(join(system, 'target'), 'utf8');
  const parts = readdirSync(system).filter((name) => name.startsWith('target-'));
  for (const part of parts) expect(agent).toContain(part);
  expect(checked.stdout).toBe('');
  expect(checked.exitCode).toBe(0);
});

test('no part of the agent takes another’s function for its own: they are one program', async () => {
  const parts = readdirSync(system).filter((name) => name === 'target' || name.startsWith('target-'));
  const texts = await Promise.all(parts.map((name) => readFile(join(system, name), 'utf8')));
  const names = texts.flatMap((text) => [...text.matchAll(/^([a-z_]+)\(\)/gm)].map(([, name]) => name));
  expect(names.length).toBeGreaterThan(50);
  expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
});
