import {execFileSync} from 'node:child_process';
import {createHash} from 'node:crypto';
import {chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterAll, beforeAll, expect, test} from 'vitest';
import {parseAnswers} from '../../src/device/target/answer.ts';
import {treeOf} from '../../src/device/target/tree.ts';
import {listing} from '../../src/image/os/file-list.ts';
import {withFiles} from '../../src/image/os/host-tree.ts';

const system = join(import.meta.dirname, '../../src/image/light/system');
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'rebuild-tree-'));
});
afterAll(() => rmSync(folder, {recursive: true, force: true}));

/** What the light system's agent says of a folder, by the same programs: busybox's, and its own sha256sum. */
function listed(of: string): string {
  const [bin, work] = [join(folder, 'bin'), mkdtempSync(join(folder, 'work-'))];
  mkdirSync(bin, {recursive: true});
  for (const applet of ['base64', 'cat', 'find', 'mktemp', 'stat', 'xargs']) rmSync(join(bin, applet), {force: true});
  for (const applet of ['base64', 'cat', 'find', 'mktemp', 'stat', 'xargs'])
    symlinkSync('/usr/bin/busybox', join(bin, applet));
  const script = `set -eu; LC_ALL=C; PATH=${bin}:$PATH; export LC_ALL PATH; tab='\t'; count=2; work=$2; state_root=$2; MiB=1
    . ${system}/target-answer; . ${system}/target-disk; . ${system}/target-install; list_tree "$1"`;
  return execFileSync('sh', ['-c', script, 'sh', of, work], {encoding: 'latin1'});
}

const read = (stdout: string) => {
  const answers = parseAnswers('tree', {code: 0, stderr: '', stdout: `rebuild-target\t1\n${stdout}end\n`});
  return answers.ok ? treeOf(answers.value) : answers;
};

test('of thousands of entries each is listed as itself', () => {
  const root = join(folder, 'many');
  mkdirSync(root);
  const names = Array.from({length: 6000}, (_, index) => `${'n'.repeat(1 + ((index * 37) % 120))}-${index}`);
  for (const [index, name] of names.entries())
    if (index % 3 === 0) symlinkSync(`to-${index}`, join(root, name));
    else writeFileSync(join(root, name), '');
  const tree = read(listed(root));
  if (!tree.ok) throw new Error(tree.fault.says);
  expect(tree.value.map(({path}) => path).toSorted()).toEqual(['/', ...names.map((name) => `/${name}`)].toSorted());
  expect(tree.value.filter(({type}) => type === 'link').length).toBe(2000);
  for (const {path, to} of tree.value)
    if (to !== undefined) expect(to).toBe(`to-${path.slice(path.lastIndexOf('-') + 1)}`);
});

test('every entry of a tree, with names of any bytes', () => {
  const root = join(folder, 'root');
  const names = [
    'plain',
    'with space',
    "quote's",
    'new\nline',
    'F\u0151tan\u00fa',
    '$(touch x)',
    '\u001b[2J',
    '-n',
    '*',
  ];
  mkdirSync(join(root, 'sub', 'empty'), {recursive: true});
  for (const name of names) writeFileSync(join(root, 'sub', name), `content of ${name}`);
  chmodSync(join(root, 'sub', 'plain'), 0o4755);
  symlinkSync("to 'where'", join(root, 'sub', "a link's"));
  const tree = read(listed(root));
  if (!tree.ok) throw new Error(tree.fault.says);
  const of = (path: string) => tree.value.find((entry) => entry.path === path);
  for (const name of names) {
    const sha256 = createHash('sha256').update(`content of ${name}`).digest('hex');
    expect(of(`/sub/${name}`), name).toMatchObject({type: 'file', sha256});
  }
  expect(of('/')).toMatchObject({type: 'folder'});
  expect(of('/sub/empty')).toMatchObject({type: 'folder'});
  expect(of('/sub/plain')).toMatchObject({mode: 0o4755});
  expect(of("/sub/a link's")).toMatchObject({type: 'link', to: "to 'where'"});
  expect(tree.value).toHaveLength(names.length + 4);
});

test('a link whose end has a line of its own makes the list unreadable, not wrong', () => {
  const root = join(folder, 'hostile');
  mkdirSync(root);
  symlinkSync('a\nb', join(root, 'link'));
  expect(read(listed(root))).toMatchObject({ok: false, fault: {code: 'answer.garbled'}});
});

test('lists that do not belong together are no tree', () => {
  const root = join(folder, 'small');
  mkdirSync(root);
  writeFileSync(join(root, 'file'), 'x');
  const lines = listed(root).split('\n');
  expect(read(lines.join('\n')).ok).toBe(true);
  for (const key of ['names', 'facts', 'digests', 'links'])
    expect(read(lines.filter((line) => !line.startsWith(`${key}\t`)).join('\n')).ok, key).toBe(false);
  expect(read(lines.map((line) => line.replace(/^facts\t.*/, 'facts\tAAAA')).join('\n')).ok).toBe(false);
});

test('what debugfs lists of a folder', () => {
  const text =
    '/2/040755/0/0/.//\n/2/040755/0/0/..//\n/0/000000/0/0/gone/0/\n/641/104755/0/42/a b/68496/\n/7/120777/0/0/bin/7/\n';
  expect(listing(text, '')).toMatchObject([
    {path: '/', type: 'folder'},
    {path: '/a b', type: 'file', mode: 0o4755, gid: 42, size: 68_496},
    {path: '/bin', type: 'link'},
  ]);
  expect(listing(text, '/usr').map(({path}) => path)).toEqual(['/usr/a b', '/usr/bin']);
});

test('files of ours take the place of the image’s, below folders that are there or made', () => {
  const old = {path: '/etc/hostname', type: 'file', mode: 0o600, uid: 5, gid: 5, size: 1, sha256: 'x'} as const;
  const tree = withFiles(
    [{path: '/etc', type: 'folder', mode: 0o700, uid: 0, gid: 0}, old],
    [
      {path: '/etc/hostname', mode: 0o644, content: 'marruuk\n'},
      {path: '/root/.ssh/authorized_keys', mode: 0o600, content: ''},
    ],
  );
  expect(tree.map(({path, mode}) => `${path} ${mode.toString(8)}`)).toEqual([
    '/etc 700',
    '/etc/hostname 644',
    '/root 755',
    '/root/.ssh 755',
    '/root/.ssh/authorized_keys 600',
  ]);
});
