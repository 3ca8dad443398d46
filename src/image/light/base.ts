import {randomBytes} from 'node:crypto';
import {mkdir, readFile, rename, rm, stat, utimes, writeFile} from 'node:fs/promises';
import {basename, dirname, join} from 'node:path';
import type {Sha256} from '../../brand.ts';
import {home, type Home} from '../../home.ts';
import {ok, type Result} from '../../result.ts';
import {cpio} from '../cpio.ts';
import {inRoom} from '../room.ts';
import {signedLoaders} from '../debian/signed-loaders.ts';
import {contentOf, sha256Of, type Content} from './content-digest.ts';
import {builderOf, foundationFiles, layFoundation, type Build, type Part} from './foundation.ts';
import {openPool, type Pool} from './pool.ts';
import {touch} from './prune.ts';
import {seal} from './seal.ts';
import {systemEntries} from './system.ts';

/** The host-independent part of the light ISO: the same for every host, and byte for byte on every machine. */
export interface LightBase {
  /** Over kernel and archive. */
  readonly digest: Sha256;
  /** Debian's name of the kernel. */
  readonly kernel: string;
  /** Over the names, versions and digests of all packages it was made from. */
  readonly lock: Sha256;
  /** Holds `baseFiles`, each with its seal beside it. */
  readonly folder: string;
  readonly content: Content;
  readonly parts: readonly Part[];
  /** The programs that assemble an ISO from it. */
  readonly builder: Pool;
}

export const baseFiles = {kernel: 'vmlinuz', archive: 'base.img'} as const;
const about = 'base.json';

/** Where light images are kept, for all states of this machine. */
export const lightCache = ({cache}: Pick<Home, 'cache'>): string => join(cache, 'light');

/** Names in the cache that a base is made of: its own folder, and that of the programs that assemble an ISO. */
export const partsOf = ({folder, builder}: Pick<LightBase, 'folder' | 'builder'>): readonly string[] => [
  basename(folder),
  basename(dirname(builder.root)),
];

/** Gives the base, from Debian packages on first use (a minute or two) and from the cache after that. */
export const buildBase = (options: Build = {}): Promise<Result<LightBase>> =>
  inRoom(join(home().cache, 'light'), () => build(options));

async function build(options: Build): Promise<Result<LightBase>> {
  const laid = await layFoundation(options);
  if (!laid.ok) return laid;
  const foundation = laid.value;
  const system = await systemEntries();
  const [kernel, packages] = await Promise.all([
    readFile(join(foundation.folder, foundationFiles.kernel)),
    readFile(join(foundation.folder, foundationFiles.archive)),
  ]);
  // The kernel unpacks one after the other and stops at the first that is damaged: then there is no `/init`.
  const own = cpio(system);
  const builder = builderOf(foundation);
  const archive = Buffer.concat([packages, Buffer.alloc((4 - (packages.length % 4)) % 4), own]);
  const digest = sha256Of(Buffer.from(`${sha256Of(kernel)}  vmlinuz\n${sha256Of(archive)}  base.img\n`));
  const folder = folderOf(digest);
  if (!(await isThere(folder))) await store(folder, {[baseFiles.kernel]: kernel, [baseFiles.archive]: archive});
  await Promise.all([folder, foundation.folder].map(touch));
  const base: LightBase = {
    digest,
    kernel: foundation.kernel,
    lock: foundation.lock,
    folder,
    content: joined(foundation.content, contentOf(system)),
    parts: [
      {name: 'kernel', files: 1, bytes: kernel.length, packedBytes: kernel.length},
      ...foundation.parts,
      {name: 'rebuild', files: system.filter(({type}) => type === 'file').length, bytes: own.length},
      {
        name: 'archive',
        files: foundation.content.files.length + system.filter(({type}) => type === 'file').length,
        bytes: foundation.parts.reduce((sum, {bytes}) => sum + bytes, own.length),
        packedBytes: archive.length,
      },
      // Nothing of them stays in RAM.
      {name: 'shim and GRUB for UEFI', files: 2, bytes: 0, packedBytes: await loaderBytes(builder)},
    ],
    builder,
  };
  await note(base);
  return ok(base);
}

const folderOf = (digest: Sha256): string => join(lightCache(home()), `base-${digest.slice(0, 32)}`);

/** What the folder's files do not say of themselves. */
async function note({folder, builder, ...rest}: LightBase): Promise<void> {
  const file = join(folder, about);
  if (await isThere(file)) return;
  const draft = `${file}.${randomBytes(4).toString('hex')}`;
  await writeFile(draft, JSON.stringify({...rest, foundation: basename(dirname(builder.root))}));
  await rename(draft, file);
}

/** A base of before, as long as it is in the cache, whatever Debian's packages are by now. */
export async function openBase(digest: Sha256): Promise<LightBase | undefined> {
  const folder = folderOf(digest);
  try {
    const {foundation, ...stored} = JSON.parse(await readFile(join(folder, about), 'utf8')) as Omit<
      LightBase,
      'folder' | 'builder'
    > & {readonly foundation: string};
    const builder = openPool(join(lightCache(home()), foundation, foundationFiles.builder));
    const files = [folder, builder.root, ...Object.values(baseFiles).map((name) => join(folder, name))];
    if (stored.digest !== digest || !(await Promise.all(files.map(isThere))).every(Boolean)) return undefined;
    await Promise.all([folder, dirname(builder.root)].map(touch));
    return {...stored, folder, builder};
  } catch {
    return undefined;
  }
}

async function loaderBytes({root}: Pool): Promise<number> {
  const sizes = await Promise.all(
    Object.values(signedLoaders).map(async ({path}) => (await stat(join(root, path))).size),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

const joined = (a: Content, b: Content): Content => ({
  files: [...a.files, ...b.files],
  links: [...a.links, ...b.links],
});

const isThere = (folder: string): Promise<boolean> =>
  stat(folder).then(
    () => true,
    () => false,
  );

const epoch = new Date(0);

async function store(folder: string, files: Readonly<Record<string, Buffer>>): Promise<void> {
  const draft = `${folder}.${randomBytes(4).toString('hex')}.new`;
  await mkdir(draft, {recursive: true});
  for (const [name, content] of Object.entries(files)) {
    for (const [path, bytes] of [
      [join(draft, name), content],
      [join(draft, `${name}.sig`), seal(content)],
    ] as const) {
      await writeFile(path, bytes);
      // The medium's file system holds this time.
      await utimes(path, epoch, epoch);
    }
  }
  // Where another process was first, its folder holds the same and this one is dropped.
  await rename(draft, folder).catch(() => rm(draft, {recursive: true, force: true}));
}
