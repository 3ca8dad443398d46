import {readFile, readdir} from 'node:fs/promises';
import {join} from 'node:path';
import type {Entry} from '../cpio.ts';
import {settings} from './contents.ts';
import {inFolders} from './folders.ts';

/** Our own files: `init` and what it starts. They lie beside the code, in the built package too. */
const folder = join(import.meta.dirname, 'system');

/**
 * What Debian does not bring. `/init` is the last file of all: where the archive was cut off there is none, and the
 * kernel stops.
 */
export async function systemEntries(): Promise<readonly Entry[]> {
  const agent = (await readdir(folder)).filter((name) => /^target(?:-[a-z]+)?$|\.awk$/.test(name)).sort();
  const files = await Promise.all(
    agent.map(async (name) => file(`usr/lib/rebuild/${name}`, 0o755, await readFile(join(folder, name)))),
  );
  for (const [path, text] of Object.entries(settings))
    files.push(file(path, path === 'etc/shadow' ? 0o600 : 0o644, Buffer.from(text)));
  const links = ['bin', 'sbin', 'lib', 'lib64'].map((name): Entry => ({
    type: 'link',
    path: name,
    target: `usr/${name}`,
  }));
  const open = ['dev', 'mnt', 'proc', 'run', 'sys'].map((path) => directory(path, 0o755));
  const closed = ['etc/dropbear', 'etc/rebuild', 'root', 'root/.ssh'].map((path) => directory(path, 0o700));
  return [
    ...inFolders([...open, directory('tmp', 0o1777), ...closed, ...links, ...files]),
    file('init', 0o755, await readFile(join(folder, 'init'))),
  ];
}

const file = (path: string, mode: number, content: Uint8Array): Entry => ({type: 'file', path, mode, content});
const directory = (path: string, mode: number): Entry => ({type: 'directory', path, mode});
