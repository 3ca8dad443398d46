import {readdirSync} from 'node:fs';
import {join} from 'node:path';
import {execa} from 'execa';
import {expect, test} from 'vitest';

const system = join(import.meta.dirname, '../../src/image/light/system');

test('shellcheck has nothing to say of the light system’s scripts', async () => {
  const scripts = readdirSync(system).filter((name) => !name.startsWith('.'));
  expect(scripts).toContain('init');
  const checked = await execa('shellcheck', scripts, {cwd: system, reject: false});
  expect(checked.stdout).toBe('');
  expect(checked.exitCode).toBe(0);
});
