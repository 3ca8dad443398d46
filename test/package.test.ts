import {cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join, resolve} from 'node:path';
import {execa} from 'execa';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';

const root = resolve(import.meta.dirname, '..');
const patient = 300_000;

let place: string;
let tarball: string;
/** Paths in the tarball, without npm's `package/`. */
let packed: readonly string[];
let installed: string;

beforeAll(async () => {
  place = await mkdtemp(join(tmpdir(), 'rebuild-package-'));
  const copy = join(place, 'clone');
  await mkdir(copy);
  // A copy, so that the build neither takes `dist` away from others nor packs what an earlier one left there.
  for (const name of [
    'src',
    'runbooks',
    'test',
    'package.json',
    'package-lock.json',
    'tsconfig.json',
    'README.md',
    'LICENSE',
  ])
    await cp(join(root, name), join(copy, name), {recursive: true, filter: (path) => !path.endsWith('/node_modules')});
  await symlink(join(root, 'node_modules'), join(copy, 'node_modules'));
  const {stdout} = await npm(copy, 'pack', '--json', '--pack-destination', place);
  const told = JSON.parse(stdout.slice(stdout.search(/^\[/m))) as [{filename: string; files: {path: string}[]}];
  tarball = join(place, told[0].filename);
  packed = told[0].files.map(({path}) => path);

  installed = join(place, 'elsewhere');
  await mkdir(installed);
  // Nothing that was built or tested here is left to be found by accident.
  await rm(copy, {recursive: true});
  await npm(installed, 'init', '--yes');
  await npm(installed, 'install', '--prefer-offline', '--ignore-scripts', tarball);
}, patient);

afterAll(() => rm(place, {recursive: true, force: true}));

const npm = (cwd: string, ...args: readonly string[]) =>
  execa('npm', [...args, '--no-audit', '--no-fund', '--loglevel=error'], {cwd});

/** The installed command, as npm links it, in an operator's empty home. Only the Node that tests run with is on the way. */
async function rebuild(...args: readonly string[]) {
  const home = join(place, 'home');
  await mkdir(home, {recursive: true});
  return execa(process.execPath, [join(installed, 'node_modules/.bin/rebuild'), ...args], {
    cwd: installed,
    reject: false,
    extendEnv: false,
    env: {HOME: home, PATH: '/usr/bin:/bin', NO_COLOR: '1'},
  });
}

describe('what the package holds', () => {
  test('the program, its runbooks, and nothing of its making', () => {
    const allowed = /^(?:README\.md|LICENSE|package\.json|runbooks\/[\w.-]+\.(?:yaml|json|csv)|dist\/.+)$/;
    expect(packed.filter((path) => !allowed.test(path))).toEqual([]);
    expect(packed).toEqual(expect.arrayContaining(['dist/bin.js', 'README.md', 'LICENSE', 'runbooks/marruuk.yaml']));
    expect(packed.filter((path) => /\.(?:map|tsbuildinfo|tgz)$|\.test\.|(?<!\.d)\.ts$/.test(path))).toEqual([]);
  });

  test('every file that the light system is made of, unchanged', async () => {
    const names = (await readdir(join(root, 'src/image/light/system'))).filter((name) => !name.startsWith('.'));
    expect(names).toEqual(expect.arrayContaining(['init', 'target']));
    for (const name of names) {
      const there = await readFile(join(installed, 'node_modules/rebuild/dist/image/light/system', name));
      expect(there.equals(await readFile(join(root, 'src/image/light/system', name))), name).toBe(true);
    }
  });

  test('no path of the machine it was made on', async () => {
    for (const path of packed) {
      const text = await readFile(join(installed, 'node_modules/rebuild', path), 'utf8');
      expect(text.includes(root) || text.includes(place), path).toBe(false);
      expect(/^\/\/# sourceMappingURL=/m.test(text), path).toBe(false);
    }
  });

  test('no dependency that only its making needs', async () => {
    const {devDependencies, dependencies} = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as {
      devDependencies: Record<string, string>;
      dependencies: Record<string, string>;
    };
    const there = await readdir(join(installed, 'node_modules'));
    expect(there).toEqual(expect.arrayContaining(Object.keys(dependencies)));
    expect(Object.keys(devDependencies).filter((name) => there.includes(name))).toEqual([]);
  });
});

describe('installed elsewhere, it', () => {
  test('says how it is used', async () => {
    const {exitCode, stdout} = await rebuild('--help');
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^Usage: rebuild /);
    for (const command of ['run', 'plan', 'resume', 'status', 'report', 'check', 'explain'])
      expect(stdout).toMatch(new RegExp(`^ +${command}\\b`, 'm'));
  });

  test('finds and checks the runbook that came with it', async () => {
    const {exitCode, stdout, stderr} = await rebuild('check', 'marruuk');
    expect([exitCode, stderr]).toEqual([0, '']);
    expect(stdout).toContain('marruuk');
  });

  test('points at the mistake in a runbook, with exit code 2', async () => {
    const good = await readFile(join(root, 'runbooks/marruuk.yaml'), 'utf8');
    const file = join(installed, 'wrong.yaml');
    await writeFile(file, good.replace('promise:', 'promis:'));
    const {exitCode, stdout} = await rebuild('check', file);
    expect(exitCode).toBe(2);
    expect(stdout).toMatch(/wrong\.yaml:\d+:\d+/);
    expect(stdout).toContain('promise');
  });

  test('explains a step kind, and answers what it does not know with exit code 2', async () => {
    const known = await rebuild('explain', 'disk.wipe');
    expect(known.exitCode).toBe(0);
    expect(known.stdout).toContain('disk.wipe');
    expect((await rebuild('explain', 'disk.wash')).exitCode).toBe(2);
  });

  test('opens a journal in an empty home', async () => {
    const {exitCode, stderr} = await rebuild('status');
    expect([exitCode, stderr]).toEqual([0, '']);
  });

  test('refuses what it cannot parse with exit code 2', async () => {
    const {exitCode, stderr} = await rebuild('status', '--no-such-option');
    expect(exitCode).toBe(2);
    expect(stderr).toContain('--no-such-option');
  });
});
