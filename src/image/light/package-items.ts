import {readFile} from 'node:fs/promises';
import {join} from 'node:path';
import {fault} from '../../fault.ts';
import {failed, ok, type Result} from '../../result.ts';
import type {Entry} from '../cpio.ts';
import {aliases, applets, loader, programs, sbinApplets} from './contents.ts';
import {librariesOf} from './libraries.ts';
import {selectModules, type ModuleGroup} from './modules.ts';
import type {Pool} from './pool.ts';

export type ItemGroup = ModuleGroup | 'programs' | 'libraries';

/** One file of the light system and the part of it that it is counted with. */
export interface Item {
  readonly group: ItemGroup;
  readonly entry: Entry;
}

/** The light system's files that come from Debian packages. */
export async function packageItems(pool: Pool, kernel: string): Promise<Result<readonly Item[]>> {
  const userland = await userlandItems(pool);
  if (!userland.ok) return userland;
  const modules = await moduleItems(pool, kernel);
  return modules.ok ? ok([...userland.value, ...modules.value]) : modules;
}

const file = (group: ItemGroup, path: string, mode: number, content: Uint8Array): Item => ({
  group,
  entry: {type: 'file', path, mode, content},
});
const link = (group: ItemGroup, path: string, target: string): Item => ({group, entry: {type: 'link', path, target}});

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
