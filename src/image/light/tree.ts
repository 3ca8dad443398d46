import {readFile, readdir} from 'node:fs/promises';
import {join} from 'node:path';
import {fault} from '../../fault.ts';
import {failed, ok, type Result} from '../../result.ts';
import type {Entry} from '../cpio.ts';
import {aliases, applets, loader, programs, sbinApplets, settings} from './contents.ts';
import {librariesOf} from './libraries.ts';
import {selectModules, type ModuleGroup} from './modules.ts';
import type {Pool} from './pool.ts';

export type TreeGroup = ModuleGroup | 'programs' | 'libraries' | 'system';

/** One file of the light system and the part of it that it is counted with. */
export interface Item {
  readonly group: TreeGroup;
  readonly entry: Entry;
}

/** Our own files: `init` and what it starts. They lie beside the code, in the built package too. */
export const systemFolder = join(import.meta.dirname, 'system');

// `/init` is the last file of the archive: a truncated one has none, and the kernel stops.
const last = 'init';

/** The host-independent part of the light system, in the order of its archive. */
export async function baseTree(pool: Pool, kernel: string): Promise<Result<readonly Item[]>> {
  const system = await systemItems();
  const userland = await userlandItems(pool);
  if (!userland.ok) return userland;
  const modules = await moduleItems(pool, kernel);
  if (!modules.ok) return modules;
  const items = [...system, ...userland.value, ...modules.value];
  const all = [...folders(items.map(({entry}) => entry.path)), ...items];
  return ok(all.sort((a, b) => order(a.entry.path, b.entry.path)));
}

const order = (a: string, b: string): number =>
  a === last ? 1 : b === last ? -1 : Buffer.compare(Buffer.from(a), Buffer.from(b));

const file = (group: TreeGroup, path: string, mode: number, content: Uint8Array): Item => ({
  group,
  entry: {type: 'file', path, mode, content},
});
const link = (group: TreeGroup, path: string, target: string): Item => ({group, entry: {type: 'link', path, target}});

const mode = (path: string): number => (path === 'etc/shadow' ? 0o600 : 0o644);

async function systemItems(): Promise<readonly Item[]> {
  const names = (await readdir(systemFolder)).filter((name) => name === last || /^target(?:-[a-z]+)?$/.test(name));
  const own = await Promise.all(
    names.map(async (name) => {
      const path = name === last ? last : `usr/lib/rebuild/${name}`;
      return file('system', path, 0o755, await readFile(join(systemFolder, name)));
    }),
  );
  return [
    ...own,
    ...Object.entries(settings).map(([path, text]) => file('system', path, mode(path), Buffer.from(text))),
    ...['bin', 'sbin', 'lib', 'lib64'].map((name) => link('system', name, `usr/${name}`)),
  ];
}

async function userlandItems(pool: Pool): Promise<Result<readonly Item[]>> {
  const read = (path: string): Promise<Buffer> => readFile(join(pool.root, path));
  const listed = await pool.run(['busybox', '--list']);
  if (!listed.ok) return listed;
  const known = new Set(listed.value.split('\n'));
  const unknown = [...applets, ...sbinApplets].filter((applet) => !known.has(applet));
  if (unknown.length > 0) return failed(fault('image.build-failed', `busybox has no ${unknown.join(', ')}`));

  const binaries = new Map<string, Buffer>();
  for (const path of ['usr/bin/busybox', ...programs]) binaries.set(path, await read(path));
  const libraries = await librariesOf(binaries.values(), pool.root);
  if (!libraries.ok) return libraries;
  return ok([
    ...[...binaries].map(([path, content]) => file('programs', path, 0o755, content)),
    ...Object.entries(aliases).map(([path, target]) => link('programs', path, target)),
    ...applets.map((applet) => link('programs', `usr/bin/${applet}`, 'busybox')),
    ...sbinApplets.map((applet) => link('programs', `usr/sbin/${applet}`, '../bin/busybox')),
    file('programs', 'etc/mke2fs.conf', 0o644, await read('etc/mke2fs.conf')),
    file('libraries', loader, 0o755, await read(loader)),
    ...[...libraries.value].map(([name, content]) => file('libraries', `usr/lib/${name}`, 0o755, content)),
  ]);
}

async function moduleItems(pool: Pool, kernel: string): Promise<Result<readonly Item[]>> {
  const folder = `usr/lib/modules/${kernel}`;
  const indexed = await pool.run(['depmod', '-b', pool.root, kernel]);
  if (!indexed.ok) return indexed;
  const text = (name: string): Promise<string> => readFile(join(pool.root, folder, name), 'utf8');
  const {modules, missing} = selectModules(await text('modules.dep'));
  if (missing.length > 0)
    return failed(fault('image.build-failed', `kernel ${kernel} has no module ${missing.join(', ')}`));

  const chosen = new Set(modules.map(({path}) => path));
  const names = new Set(modules.map(({path}) => moduleName(path)));
  // The indexes of all modules, reduced to those that are here; an alias line ends with its module.
  const dependencies = pick(await text('modules.dep'), (line) => chosen.has(line.split(':')[0] ?? ''));
  const aliasLines = pick(await text('modules.alias'), (line) => names.has(line.split(' ').at(-1) ?? ''));
  const symbols = pick(await text('modules.symbols'), (line) => names.has(line.split(' ').at(-1) ?? ''));
  return ok([
    ...(await Promise.all(
      modules.map(async ({path, group}) =>
        file(group, `${folder}/${path}`, 0o644, await readFile(join(pool.root, folder, path))),
      ),
    )),
    file('base', `${folder}/modules.dep`, 0o644, dependencies),
    file('base', `${folder}/modules.alias`, 0o644, aliasLines),
    file('base', `${folder}/modules.symbols`, 0o644, symbols),
    file('base', `${folder}/modules.builtin`, 0o644, Buffer.from(await text('modules.builtin'))),
  ]);
}

const pick = (lines: string, keep: (line: string) => boolean): Buffer =>
  Buffer.from(
    lines
      .split('\n')
      .filter(keep)
      .map((line) => `${line}\n`)
      .join(''),
  );

/** `kernel/drivers/net/virtio_net.ko` is called virtio_net, `crc32c-intel.ko` crc32c_intel. */
const moduleName = (path: string): string => (path.split('/').at(-1) ?? '').replace(/\.ko$/, '').replaceAll('-', '_');

const privateFolders = new Set(['etc/dropbear', 'etc/rebuild', 'root', 'root/.ssh']);

function folders(paths: readonly string[]): readonly Item[] {
  const empty = ['dev', 'mnt', 'proc', 'run', 'sys', 'tmp', ...privateFolders];
  const needed = new Set(empty);
  for (const path of paths)
    for (let at = path.indexOf('/'); at !== -1; at = path.indexOf('/', at + 1)) needed.add(path.slice(0, at));
  return [...needed].map((path) => {
    const mode = path === 'tmp' ? 0o1777 : privateFolders.has(path) ? 0o700 : 0o755;
    return {group: 'system', entry: {type: 'directory', path, mode}};
  });
}
