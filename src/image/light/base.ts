import {randomBytes} from 'node:crypto';
import {cp, mkdir, readFile, rename, rm, utimes, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import type {Sha256} from '../../brand.ts';
import {fault} from '../../fault.ts';
import {home} from '../../home.ts';
import {failed, ok, type Result} from '../../result.ts';
import {cpio} from '../cpio.ts';
import {fetchPackages, lockDigest, lockText, type Deb} from '../debian/fetch.ts';
import {requireTools} from '../debian/tool.ts';
import {builderPackages, systemPackages} from './contents.ts';
import {contentOf, sha256Of, type Content} from './content-digest.ts';
import {remember, recall, sourcesDigest} from './base-memory.ts';
import {openPool, unpack, type Pool} from './pool.ts';
import {seal} from './seal.ts';
import {baseTree, type Item} from './tree.ts';

/** The host-independent part of the light ISO: the same for every host, and byte for byte on every machine. */
export interface LightBase {
  /** Over kernel and archive. */
  readonly digest: Sha256;
  /** Debian's name of the kernel. */
  readonly kernel: string;
  /** Over the names, versions and digests of all packages it was made from. */
  readonly lock: Sha256;
  readonly folder: string;
  readonly content: Content;
  readonly parts: readonly Part[];
}

export interface Part {
  readonly name: string;
  readonly files: number;
  /** As it lies in RAM. */
  readonly bytes: number;
  /** As it lies on the medium; parts of the archive are compressed together, so theirs is not known apart. */
  readonly packedBytes?: number;
}

export interface BuildBase {
  /** How old the answer of Debian's mirrors may be, in milliseconds; a week unless given. */
  readonly freshMs?: number;
  readonly progress?: (says: string) => void;
  readonly signal?: AbortSignal;
}

const weekMs = 7 * 24 * 3600_000;

export const baseFiles = {kernel: 'vmlinuz', archive: 'base.img', builder: 'builder', about: 'base.json'} as const;

/** Gives the base from the cache, or builds it from Debian packages: any user can, and nothing of it runs as root. */
export async function buildBase({freshMs = weekMs, progress = () => {}, signal}: BuildBase = {}): Promise<
  Result<LightBase>
> {
  const cache = join(home().cache, 'light');
  const code = await sourcesDigest();
  const known = await recall(cache, code, freshMs);
  const cached = known === undefined ? undefined : await loadBase(join(cache, known));
  if (cached) return ok(cached);

  const tools = await requireTools([
    {program: 'dpkg-deb', package: 'dpkg'},
    {program: 'tar', package: 'tar'},
  ]);
  if (!tools.ok) return tools;
  progress('fetching packages');
  const debs = await fetchPackages([...systemPackages, ...builderPackages], undefined, {
    freshMs,
    ...(signal && {signal}),
  });
  if (!debs.ok) {
    // No mirror answers: what was built before is as good as it was then.
    const older = await recall(cache, code, Infinity);
    const base = older === undefined ? undefined : await loadBase(join(cache, older));
    return base ? ok(base) : debs;
  }
  const name = sha256Of(Buffer.from(`${code}\n${lockText(debs.value)}`)).slice(0, 32);
  const base = (await loadBase(join(cache, name))) ?? (await make(debs.value, join(cache, name), progress, signal));
  if ('ok' in base) {
    if (base.ok) await remember(cache, code, name);
    return base;
  }
  await remember(cache, code, name);
  return ok(base);
}

/** A base as it lies in its folder, unless it is not whole. */
export async function loadBase(folder: string): Promise<LightBase | undefined> {
  try {
    const about = JSON.parse(await readFile(join(folder, baseFiles.about), 'utf8')) as Omit<LightBase, 'folder'>;
    const [kernel, archive] = await Promise.all([
      readFile(join(folder, baseFiles.kernel)),
      readFile(join(folder, baseFiles.archive)),
    ]);
    return baseDigest(kernel, archive) === about.digest ? {...about, folder} : undefined;
  } catch {
    return undefined;
  }
}

export const baseDigest = (kernel: Uint8Array, archive: Uint8Array): Sha256 =>
  sha256Of(Buffer.from(`${sha256Of(kernel)}  vmlinuz\n${sha256Of(archive)}  base.img\n`));

async function make(
  debs: readonly Deb[],
  folder: string,
  progress: (says: string) => void,
  signal?: AbortSignal,
): Promise<Result<LightBase>> {
  const image = debs.find(({name}) => /^linux-image-\d/.test(name));
  if (!image) return failed(fault('image.build-failed', 'no kernel package came with linux-image-amd64'));
  const kernel = image.name.slice('linux-image-'.length);
  const draft = `${folder}.${randomBytes(4).toString('hex')}.new`;
  const poolRoot = join(draft, 'pool');
  await mkdir(poolRoot, {recursive: true});
  try {
    progress('unpacking packages');
    const pool = await unpack(debs, poolRoot, signal);
    if (!pool.ok) return pool;
    progress('choosing files');
    const tree = await baseTree(pool.value, kernel);
    if (!tree.ok) return tree;
    progress('compressing');
    const archive = await compress(pool.value, draft, tree.value, signal);
    if (!archive.ok) return archive;
    const vmlinuz = await readFile(join(poolRoot, 'boot', `vmlinuz-${kernel}`));
    const about: Omit<LightBase, 'folder'> = {
      digest: baseDigest(vmlinuz, archive.value),
      kernel,
      lock: lockDigest(debs),
      content: contentOf(tree.value.map(({entry}) => entry)),
      parts: partsOf(tree.value, vmlinuz.length, archive.value.length),
    };
    await put(draft, baseFiles.kernel, vmlinuz);
    await put(draft, `${baseFiles.kernel}.sig`, seal(vmlinuz));
    await put(draft, baseFiles.archive, archive.value);
    await put(draft, `${baseFiles.archive}.sig`, seal(archive.value));
    await put(draft, 'packages.lock', Buffer.from(lockText(debs)));
    await put(draft, baseFiles.about, Buffer.from(JSON.stringify(about)));
    await keepBuilder(poolRoot, join(draft, baseFiles.builder));
    await rm(poolRoot, {recursive: true, force: true});
    // Another process may have been first: what it made is the same.
    await rm(folder, {recursive: true, force: true});
    await rename(draft, folder);
    return ok({...about, folder});
  } finally {
    await rm(draft, {recursive: true, force: true});
  }
}

async function compress(
  pool: Pool,
  draft: string,
  items: readonly Item[],
  signal?: AbortSignal,
): Promise<Result<Buffer>> {
  const plain = join(draft, 'base.cpio');
  const packed = join(draft, 'base.packed');
  await writeFile(plain, cpio(items.map(({entry}) => entry)));
  // One thread: with more, the result depends on their number.
  const argv = ['zstd', '-q', '-19', '--single-thread', '--check', plain, '-o', packed];
  const done = await pool.run(argv, {timeoutMs: 1_800_000, ...(signal && {signal})});
  if (!done.ok) return done;
  const archive = await readFile(packed);
  await rm(plain);
  await rm(packed);
  return ok(archive);
}

const epoch = new Date(0);

async function put(folder: string, name: string, content: Uint8Array): Promise<void> {
  const path = join(folder, name);
  await writeFile(path, content, {mode: 0o644});
  // The medium's file system holds this time.
  await utimes(path, epoch, epoch);
}

/** Of the packages only what assembles a host's ISO is kept: programs, their libraries, GRUB's modules. */
async function keepBuilder(from: string, to: string): Promise<void> {
  const paths = [
    'usr/bin/grub-mkimage',
    'usr/bin/mtools',
    'usr/bin/xorriso',
    'usr/lib/grub/i386-pc',
    'usr/lib/grub/x86_64-efi',
    'usr/lib/x86_64-linux-gnu',
    'usr/lib64',
  ];
  for (const path of paths) await cp(join(from, path), join(to, path), {recursive: true, verbatimSymlinks: true});
}

export const builderOf = (base: LightBase): Pool => openPool(join(base.folder, baseFiles.builder));

function partsOf(items: readonly Item[], kernelBytes: number, archiveBytes: number): readonly Part[] {
  const names = {
    system: 'rebuild and settings',
    programs: 'programs',
    libraries: 'libraries',
    base: 'drivers: buses, file systems',
    storage: 'drivers: storage',
    network: 'drivers: network',
  } as const;
  const groups = (Object.keys(names) as (keyof typeof names)[]).map((group): Part => {
    const contents = items.flatMap((item) =>
      item.group === group && item.entry.type === 'file' ? [item.entry.content.length] : [],
    );
    return {name: names[group], files: contents.length, bytes: contents.reduce((sum, length) => sum + length, 0)};
  });
  const all = groups.reduce((sum, {bytes}) => sum + bytes, 0);
  const count = groups.reduce((sum, {files}) => sum + files, 0);
  return [
    {name: 'kernel', files: 1, bytes: kernelBytes, packedBytes: kernelBytes},
    ...groups,
    {name: 'archive', files: count, bytes: all, packedBytes: archiveBytes},
  ];
}
