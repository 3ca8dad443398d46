import {randomBytes} from 'node:crypto';
import {cp, mkdir, readFile, rename, rm, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import type {Sha256} from '../../brand.ts';
import {fault} from '../../fault.ts';
import {home} from '../../home.ts';
import type {Tell} from '../../progress.ts';
import {failed, ok, type Result} from '../../result.ts';
import {cpio} from '../cpio.ts';
import {fetchPackages, lockDigest, lockText, type Deb} from '../debian/fetch.ts';
import {signedLoaders} from '../debian/signed-loaders.ts';
import {requireTools} from '../debian/tool.ts';
import {builderPackages, systemPackages} from './contents.ts';
import {contentOf, sha256Of, type Content} from './content-digest.ts';
import {inFolders} from './folders.ts';
import {remember, recall, codeDigest} from './foundation-memory.ts';
import {packageItems, type Item} from './package-items.ts';
import {openPool, unpack, type Pool} from './pool.ts';

/** What Debian's packages give: kernel, compressed archive, and the programs that assemble an ISO. */
export interface Foundation {
  readonly folder: string;
  /** Debian's name of the kernel, `6.1.0-44-amd64`. */
  readonly kernel: string;
  /** Over the names, versions and digests of all packages. */
  readonly lock: Sha256;
  readonly content: Content;
  readonly parts: readonly Part[];
}

export interface Part {
  readonly name: string;
  readonly files: number;
  /** As it lies in RAM. */
  readonly bytes: number;
  /** As it lies on the medium; what is compressed together has none of its own. */
  readonly packedBytes?: number;
}

export interface Build {
  /** How old the answer of Debian's mirrors may be, in milliseconds; a week unless given. */
  readonly freshMs?: number;
  /** Told what takes time now. */
  readonly progress?: Tell;
  readonly signal?: AbortSignal;
}

const weekMs = 7 * 24 * 3600_000;

export const foundationFiles = {kernel: 'vmlinuz', archive: 'packages.img', builder: 'builder'} as const;
const about = 'foundation.json';
const loaders = Object.values(signedLoaders);

/** Gives the foundation from the cache, or makes it. Any user can: nothing of a package is run as root or installed. */
export async function layFoundation({
  freshMs = weekMs,
  progress = () => {},
  signal,
}: Build): Promise<Result<Foundation>> {
  const cache = join(home().cache, 'light');
  const code = await codeDigest();
  const recent = await recall(cache, code, freshMs);
  const cached = recent === undefined ? undefined : await load(join(cache, recent));
  if (cached) return ok(cached);

  const tools = await requireTools([
    {program: 'dpkg-deb', package: 'dpkg'},
    {program: 'tar', package: 'tar'},
  ]);
  if (!tools.ok) return tools;
  const fetch = {freshMs, progress, ...(signal && {signal})};
  const debs = await fetchPackages(
    [...systemPackages, ...builderPackages, ...loaders.map((loader) => loader.package)],
    undefined,
    fetch,
  );
  if (!debs.ok) {
    // No mirror answers: what was made before is as good as it was then.
    const older = await recall(cache, code, Infinity);
    const foundation = older === undefined ? undefined : await load(join(cache, older));
    return foundation ? ok(foundation) : debs;
  }
  const name = sha256Of(Buffer.from(`${code}\n${lockText(debs.value)}`)).slice(0, 32);
  const folder = join(cache, name);
  const there = await load(folder);
  const foundation = there ? ok(there) : await make(debs.value, folder, progress, signal);
  if (foundation.ok) await remember(cache, code, name);
  return foundation;
}

/** A foundation appears in its folder whole or not at all. */
async function load(folder: string): Promise<Foundation | undefined> {
  try {
    const stored = JSON.parse(await readFile(join(folder, about), 'utf8')) as Omit<Foundation, 'folder'>;
    return {...stored, folder};
  } catch {
    return undefined;
  }
}

async function make(
  debs: readonly Deb[],
  folder: string,
  tell: Tell,
  signal?: AbortSignal,
): Promise<Result<Foundation>> {
  const image = debs.find(({name}) => /^linux-image-\d/.test(name));
  if (!image) return failed(fault('image.build-failed', 'no kernel package came with linux-image-amd64'));
  const kernel = image.name.slice('linux-image-'.length);
  const draft = `${folder}.${randomBytes(4).toString('hex')}.new`;
  const unpacked = join(draft, 'pool');
  await mkdir(unpacked, {recursive: true});
  try {
    const pool = await unpack(debs, unpacked, {tell, ...(signal && {signal})});
    if (!pool.ok) return pool;
    const items = await packageItems(pool.value, kernel);
    if (!items.ok) return items;
    const entries = inFolders(items.value.map(({entry}) => entry));
    const packed = await compress(pool.value, draft, cpio(entries), tell, signal);
    if (!packed.ok) return packed;
    await cp(join(unpacked, 'boot', `vmlinuz-${kernel}`), join(draft, foundationFiles.kernel));
    await keepBuilder(unpacked, join(draft, foundationFiles.builder));
    await rm(unpacked, {recursive: true, force: true});
    const stored = {kernel, lock: lockDigest(debs), content: contentOf(entries), parts: partsOf(items.value)};
    await writeFile(join(draft, 'packages.lock'), lockText(debs));
    await writeFile(join(draft, about), JSON.stringify(stored));
    // Another process may have been first: what it made is the same.
    await rm(folder, {recursive: true, force: true});
    await rename(draft, folder);
    return ok({...stored, folder});
  } finally {
    await rm(draft, {recursive: true, force: true});
  }
}

async function compress(
  pool: Pool,
  draft: string,
  archive: Buffer,
  tell: Tell,
  signal?: AbortSignal,
): Promise<Result<string>> {
  const plain = join(draft, 'packages.cpio');
  await writeFile(plain, archive);
  // One thread: with more, the result depends on their number. The check sum is for the kernel.
  const argv = [
    'zstd',
    '-q',
    '--progress',
    '-19',
    '--single-thread',
    '--check',
    '--rm',
    plain,
    '-o',
    join(draft, foundationFiles.archive),
  ];
  const heard = (text: string): void => {
    const done = bytesRead(text);
    if (done !== undefined) tell({says: 'compressing', done, of: archive.length, unit: 'bytes'});
  };
  tell({says: 'compressing', done: 0, of: archive.length, unit: 'bytes'});
  return pool.run(argv, {timeoutMs: 1_800_000, heard, ...(signal && {signal})});
}

/** How far zstd has read, from the last of its lines: `Read: 12.3 MiB / 300 MiB ==> 31%`, where the rest is the ratio. */
export function bytesRead(text: string): number | undefined {
  const [, count, unit = ''] = [...text.matchAll(/Read\s*:\s*([\d.]+)\s*([KMG]?i?B)\s*\//g)].at(-1) ?? [];
  return count === undefined ? undefined : Number(count) * 1024 ** ['B', 'KiB', 'MiB', 'GiB'].indexOf(unit);
}

/** Of the packages only what assembles an ISO is kept: programs, their libraries, GRUB's modules. */
async function keepBuilder(from: string, to: string): Promise<void> {
  const paths = [
    'usr/bin/grub-mkimage',
    'usr/bin/mtools',
    'usr/bin/xorriso',
    ...loaders.map(({path}) => path),
    'usr/lib/grub/i386-pc',
    'usr/lib/x86_64-linux-gnu',
    'usr/lib64',
  ];
  for (const path of paths) await cp(join(from, path), join(to, path), {recursive: true, verbatimSymlinks: true});
}

export const builderOf = ({folder}: Foundation): Pool => openPool(join(folder, foundationFiles.builder));

function partsOf(items: readonly Item[]): readonly Part[] {
  const names = {
    programs: 'programs',
    libraries: 'libraries',
    base: 'drivers: buses, file systems',
    storage: 'drivers: storage',
    network: 'drivers: network',
  } as const;
  return (Object.keys(names) as (keyof typeof names)[]).map((group) => {
    const sizes = items.flatMap(({group: own, entry}) =>
      own === group && entry.type === 'file' ? [entry.content.length] : [],
    );
    return {name: names[group], files: sizes.length, bytes: sizes.reduce((sum, size) => sum + size, 0)};
  });
}
