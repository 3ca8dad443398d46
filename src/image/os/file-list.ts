import {createHash} from 'node:crypto';
import {createReadStream} from 'node:fs';
import {mkdir, mkdtemp, readFile, readlink, rename, rm, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {z} from 'zod';
import {sha256, type Sha256} from '../../brand.ts';
import {fault} from '../../fault.ts';
import {failed, ok, type Result} from '../../result.ts';
import type {TreeEntry} from '../../step/system/tree.ts';
import {unpack} from '../chunks.ts';
import {runTool} from '../debian/tool.ts';
import type {StoredImage} from '../manifest.ts';
import {at} from './ext4.ts';
import {layout} from './layout.ts';
import {checkTools} from './tool.ts';

const listName = 'files.json';

/**
 * Every entry of the image's root file system, read out of the image's own chunks, each of which is checked: what is
 * listed is what is written to a disk, whoever built it. Seconds; kept beside the image, of which it can be made again.
 */
export async function fileList(stored: StoredImage): Promise<Result<readonly TreeEntry[]>> {
  const kept = await readKept(stored);
  if (kept) return ok(kept);
  const tools = await checkTools();
  if (!tools.ok) return tools;
  const work = await mkdtemp(join(stored.dir, 'list-'));
  try {
    const disk = join(work, 'disk.raw');
    await unpack(stored, disk, stored.image.sizeBytes);
    const root = at(disk, layout.rootStart);
    const found = await inodesOf(root);
    if (!found.ok) return found;
    const tree = join(work, 'tree');
    await mkdir(tree);
    // Owners and modes are not kept by it, and come from the inodes.
    const dumped = await runTool(['debugfs', '-R', `rdump / ${tree}`, root]);
    if (!dumped.ok) return dumped;
    const entries: TreeEntry[] = [];
    for (const inode of found.value) entries.push(await entryOf(inode, join(tree, inode.path)));
    await keep(stored, entries, work);
    return ok(entries);
  } finally {
    await rm(work, {recursive: true, force: true});
  }
}

interface Inode {
  readonly number: number;
  readonly path: string;
  readonly type: TreeEntry['type'];
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
}

const rootInode = 2;

/** Folder by folder, each level in one run of debugfs. */
async function inodesOf(device: string): Promise<Result<readonly Inode[]>> {
  const all: Inode[] = [];
  let level = [{number: rootInode, path: ''}];
  while (level.length > 0) {
    const listed = await runTool(['debugfs', '-f', '-', device], {
      input: level.map(({number}) => `ls -p <${number}>\n`).join(''),
    });
    if (!listed.ok) return listed;
    // It repeats each command before what the command prints.
    const parts = listed.value.split(/^debugfs: .*$/m).slice(1);
    if (parts.length !== level.length) return failed(fault('image.build-failed', 'debugfs left a folder out'));
    const inodes = parts.flatMap((text, index) => listing(text, level[index]?.path ?? ''));
    all.push(...inodes);
    level = inodes.filter(({type, path}) => type === 'folder' && path !== '/');
  }
  return ok(all);
}

/** `/INODE/MODE/UID/GID/NAME/SIZE/` a line; a folder's own entry only where it is the root. */
export function listing(text: string, folder: string): readonly Inode[] {
  return [...text.matchAll(/^\/(\d+)\/(\d{6})\/(\d+)\/(\d+)\/(.+)\/(\d*)\/$/gm)].flatMap(
    ([, number = '', mode = '', uid, gid, name = '', size]): readonly Inode[] => {
      if (number === '0' || name === '..' || (name === '.' && folder !== '')) return [];
      const bits = Number.parseInt(mode, 8);
      const types: Readonly<Record<number, TreeEntry['type']>> = {0o10: 'file', 0o4: 'folder', 0o12: 'link'};
      return [
        {
          number: Number(number),
          path: name === '.' ? '/' : `${folder}/${name}`,
          type: types[bits >> 12] ?? 'other',
          mode: bits & 0o7777,
          uid: Number(uid),
          gid: Number(gid),
          size: Number(size),
        },
      ];
    },
  );
}

async function entryOf({path, type, mode, uid, gid, size}: Inode, content: string): Promise<TreeEntry> {
  const entry = {path, type, mode, uid, gid};
  if (type === 'link') return {...entry, to: await readlink(content)};
  return type === 'file' ? {...entry, size, sha256: await digestOf(content)} : entry;
}

async function digestOf(path: string): Promise<Sha256> {
  const hash = createHash('sha256');
  for await (const part of createReadStream(path, {highWaterMark: 1 << 20})) hash.update(part as Uint8Array);
  return hash.digest('hex') as Sha256;
}

const entry = z.strictObject({
  path: z.string(),
  type: z.enum(['file', 'folder', 'link', 'other']),
  mode: z.int(),
  uid: z.int(),
  gid: z.int(),
  size: z.int().exactOptional(),
  sha256: z
    .string()
    .refine((text) => sha256(text) !== undefined)
    .exactOptional(),
  to: z.string().exactOptional(),
});
/** `whole` is the digest of the entries' text: a list that was cut or damaged is made again. */
const list = z.strictObject({version: z.literal(1), whole: z.string(), entries: z.array(entry)});

const wholeOf = (entries: readonly TreeEntry[]): string =>
  createHash('sha256').update(JSON.stringify(entries)).digest('hex');

async function keep({dir}: StoredImage, entries: readonly TreeEntry[], work: string): Promise<void> {
  const made = join(work, listName);
  await writeFile(made, JSON.stringify({version: 1, whole: wholeOf(entries), entries}));
  await rename(made, join(dir, listName));
}

async function readKept({dir}: StoredImage): Promise<readonly TreeEntry[] | undefined> {
  try {
    const parsed = list.safeParse(JSON.parse(await readFile(join(dir, listName), 'utf8')));
    return parsed.success && parsed.data.whole === wholeOf(parsed.data.entries) ? parsed.data.entries : undefined;
  } catch {
    return undefined;
  }
}
