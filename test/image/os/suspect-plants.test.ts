import {execFileSync} from 'node:child_process';
import {chmod, mkdir, mkdtemp, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {dirname, join} from 'node:path';
import {afterEach, beforeEach, expect, test} from 'vitest';
import {newEd25519} from '../../../src/device/ssh-key/ed25519.ts';
import {privateKeyText, publicLine} from '../../../src/device/ssh-key/openssh-key.ts';
import {linuxItems} from '../../../src/evidence/linux.ts';
import {networkFiles} from '../../../src/image/os/host-files.ts';
import {suspectFiles, suspectMark} from '../../../src/image/os/suspect-files.ts';
import {plants} from '../../../src/image/os/suspect-plants.ts';
import {Secret} from '../../../src/secret.ts';
import type {InstallFile} from '../../../src/step/world/target.ts';
import {findPlanted} from '../../real/planted.ts';

const hostKey = newEd25519();
const clientKey = publicLine(newEd25519(), 'lab');
const suspect = {
  hostname: 'marruuk',
  network: {mac: '52:54:00:00:00:20', address: '203.0.113.20/24', gateway: '203.0.113.1'},
  hostKey: {publicLine: publicLine(hostKey, 'old'), privateKey: new Secret(privateKeyText(hostKey, 'old'))},
  authorizedKey: clientKey,
  beacon: {address: '198.51.100.10', port: 80},
  neighbours: ['203.0.113.30'],
};
const {files, links} = suspectFiles(suspect);

/** What any host has, and the lab's own mark. */
const ownFiles = [
  '/etc/hostname',
  '/etc/fstab',
  suspectMark,
  '/etc/ssh/ssh_host_ed25519_key',
  '/etc/ssh/ssh_host_ed25519_key.pub',
  ...networkFiles({network: {...suspect.network, dns: []}}).map(({path}) => path),
];
const planted = files.filter(({path}) => !ownFiles.includes(path));

/** Items that are archives of files as they lie on the disk. `preload` is one of what a file names. */
const archives = ['etc', 'persistence', 'homes'].map((id) => linuxItems.find((item) => item.id === id)!);
const onDisk = plants.filter(({item}) => archives.some(({id}) => id === item));

let folder: string;
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'rebuild-plants-'))));
afterEach(() => rm(folder, {recursive: true, force: true}));

async function lay(root: string, some: readonly InstallFile[]): Promise<void> {
  for (const {path, mode, content} of some) {
    await mkdir(dirname(join(root, path)), {recursive: true});
    await writeFile(join(root, path), content);
    await chmod(join(root, path), mode);
  }
}

/** The evidence's archives of a disk with these files alone; what of the list is found in none of them. */
async function missed(name: string, some: readonly InstallFile[]): Promise<readonly string[]> {
  const [root, data] = [join(folder, name, 'root'), join(folder, name, 'data')];
  await mkdir(data, {recursive: true});
  await lay(root, some);
  for (const {id, verb} of archives) {
    const paths = verb.slice(1).map((path) => join(root, path));
    const there = paths.filter((path) => execFileSync('sh', ['-c', '[ ! -e "$0" ] || echo y', path]).length > 0);
    execFileSync(
      'tar',
      ['-c', '-f', join(data, `001-${id}.tar`), '-T', '/dev/null', '-C', root].concat(
        there.map((path) => path.slice(root.length + 1)),
      ),
    );
  }
  return (await findPlanted(data, onDisk)).missed;
}

test('the evidence of a disk with all that is planted holds all that the list says of it', async () => {
  expect(await missed('all', files)).toEqual([]);
});

test('without any one file that is planted, something of the list is missed: none is left out of it', async () => {
  expect(planted.length).toBeGreaterThan(15);
  for (const [index, {path}] of planted.entries()) {
    // Of the keys that may log in, one is the lab's own.
    const left = path.endsWith('authorized_keys')
      ? files.map((file) => (file.path === path ? {...file, content: `${clientKey}\n`} : file))
      : files.filter((file) => file.path !== path);
    expect(await missed(String(index), left), path).not.toEqual([]);
  }
});

test('every link that is planted starts a unit that is planted, or is the library on the list', async () => {
  const library = plants.find(({id}) => id === 'preload-library');
  for (const {path, to} of links) {
    if (path === `/${library?.mark}`) continue;
    expect(path).toMatch(/^\/etc\/systemd\/system\/[a-z-]+\.target\.wants\//);
    expect(planted.map((file) => file.path)).toContain(to);
  }
});

test('whatever starts and stays is on the list as what runs', () => {
  const running = plants.filter(({item}) => ['processes', 'deleted', 'network', 'run'].includes(item));
  const started = planted.flatMap(({path, content}) => {
    const start = /^ExecStart=(.*)$/m.exec(content)?.[1] ?? '';
    const stays = content.includes('Restart=always');
    // What ends by giving its place to another program is that program.
    const script = planted.find((file) => file.path === start)?.content ?? '';
    const last = /^exec (\S+)[^\n]*\n$/m.exec(script.slice(script.lastIndexOf('\nexec ') + 1))?.[1];
    return stays ? [{path, runs: last ?? start}] : [];
  });
  expect(started.map(({path}) => path.split('/').at(-1))).toEqual(
    expect.arrayContaining(['miner.service', 'beacon.service', 'share.service', 'hide.service']),
  );
  for (const {path, runs} of started)
    expect(
      running.some(({mark}) => runs.includes(mark) || mark.startsWith(runs)),
      path,
    ).toBe(true);

  for (const {path, content} of planted.filter((file) => file.path.endsWith('.socket'))) {
    const port = Number(/^ListenStream=(\d+)$/m.exec(content)?.[1]);
    const hex = `:${port.toString(16).toUpperCase().padStart(4, '0')} `;
    expect(
      running.some(({item, mark}) => item === 'network' && mark.includes(hex)),
      path,
    ).toBe(true);
  }
});

test('whatever is made once it runs is on the list: unit, process, file, memory', () => {
  const hide = planted.find(({path}) => path.endsWith('/hide'))?.content ?? '';
  const made = {
    'systemd-run': ['transient', 'transient-process'],
    "printf 'nothing": ['odd-name', 'odd-file'],
    'cp /usr/bin/sleep': ['deleted'],
    'rm -f ': ['deleted'],
    'orders=$(': ['orders'],
    exec: ['deleted'],
  };
  const ids = plants.map(({id}) => id);
  const lines = hide.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  for (const line of lines) {
    const [, needs] =
      Object.entries(made).find(([part]) => line.replace(/^\((?:sleep 2 && )?/, '').startsWith(part)) ?? [];
    expect(needs, line).toBeDefined();
    expect(ids).toEqual(expect.arrayContaining(needs ?? []));
  }
});

test('a listening port is told as Linux tells it', () => {
  const row =
    '   0: 00000000000000000000000000000000:0050 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00';
  expect(row).toContain(plants.find(({id}) => id === 'door-80')?.mark);
});

test('names on the list are each there once, and in an item that a capture takes', () => {
  expect(new Set(plants.map(({id}) => id)).size).toBe(plants.length);
  const items = linuxItems.map(({id}) => id);
  for (const {item} of plants) expect(items).toContain(item);
});
