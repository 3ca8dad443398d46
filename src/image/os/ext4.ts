import {mkdir, rm, utimes, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {fault} from '../../fault.ts';
import {failed, ok, type Result} from '../../result.ts';
import type {InstallFile} from '../../step/world/target.ts';
import {asOwner} from './tool.ts';
import {runTool, runToolAloud} from '../debian/tool.ts';
import {epoch, type Tree} from './tree.ts';

// Spelled out, because /etc/mke2fs.conf differs between distributions and GRUB 2.06 cannot read newer features.
// resize_inode and 64bit let the file system grow to the disk it meets.
const features =
  'none,has_journal,ext_attr,resize_inode,dir_index,filetype,extent,64bit,flex_bg,sparse_super,large_file,huge_file,' +
  'dir_nlink,extra_isize,metadata_csum';

// e2fsprogs takes the time from here wherever it would write the clock's.
const env = {MKE2FS_CONFIG: '/dev/null', E2FSPROGS_FAKE_TIME: String(epoch), SOURCE_DATE_EPOCH: String(epoch)};
const blockBytes = 4096;
const journalMebibytes = 64;
const mebibyte = 1 << 20;

// apt makes its two folders for downloads when it needs them; whose they are depends on who built the tree.
const exact = [
  '--numeric-owner',
  '--preserve-permissions',
  '--xattrs',
  '--xattrs-include=*',
  '--exclude=./var/cache/apt/archives/partial',
  '--exclude=./var/lib/apt/lists/partial',
];

const flags = [
  '-qF',
  '-text4',
  `-b${blockBytes}`,
  '-I256',
  '-i16384',
  '-m1',
  '-Lroot',
  '-eremount-ro',
  `-O${features}`,
  `-Jsize=${journalMebibytes}`,
];

/** Size of the root file system for a tree of `treeBytes`: room for it, the journal, and a first update. */
export function rootBytes(treeBytes: number): number {
  return Math.ceil((treeBytes * 1.3) / (64 * mebibyte)) * 64 * mebibyte + 384 * mebibyte;
}

/** Makes the root file system from a tree, without mounting anything. The same tree gives the same bytes. */
export async function makeRoot(tree: Tree, uuid: string, sizeBytes: number, work: string): Promise<Result<string>> {
  const folder = join(work, 'root');
  const file = join(work, 'root.ext4');
  const devices = join(folder, 'dev');
  await mkdir(devices, {recursive: true});
  await utimes(devices, epoch, epoch);
  // Room in the group descriptors for a file system of 8 TiB, in blocks.
  const extended = `hash_seed=${uuid},lazy_itable_init=1,lazy_journal_init=1,root_owner=0:0,resize=2147483648`;
  const identity = [`-U${uuid}`, `-E${extended}`];
  try {
    const out = await runTool(asOwner(['tar', '--extract', ...exact, `--directory=${folder}`, `--file=${tree.tar}`]));
    if (!out.ok) return out;
    const made = await runTool(asOwner(['mke2fs', ...flags, ...identity, '-d', folder, file, `${sizeBytes / 1024}k`]), {
      env,
    });
    if (!made.ok) return made;
  } finally {
    await runTool(asOwner(['rm', '-rf', folder]));
  }
  const timed = await fixTimes(file);
  return timed.ok ? ok(file) : timed;
}

/** mke2fs copies access and change times from the tree it reads, which are those of the build. */
async function fixTimes(file: string): Promise<Result<void>> {
  const described = await runTool(['dumpe2fs', file]);
  if (!described.ok) return described;
  const commands = usedInodes(described.value).flatMap((inode) =>
    ['atime', 'ctime', 'crtime'].map((field) => `sif <${inode}> ${field} @${epoch}`),
  );
  return edit(file, [...commands, `sif <2> mtime @${epoch}`, `sif <11> mtime @${epoch}`]);
}

/** The numbers of the inodes in use, from what `dumpe2fs` prints about each group. */
export function usedInodes(text: string): readonly number[] {
  const perGroup = Number(/^Inodes per group:\s+(\d+)$/m.exec(text)?.[1]);
  return [...text.matchAll(/^ {2}Free inodes: (.*)$/gm)].flatMap(([, ranges = ''], group) => {
    const free = ranges
      .split(', ')
      .filter(Boolean)
      .map((range) => range.split('-').map(Number) as [number, number?]);
    const used: number[] = [];
    const end = (group + 1) * perGroup;
    let next = group * perGroup + 1;
    for (const [from, to = from] of [...free, [end + 1] as [number]]) {
      for (; next < from; next++) used.push(next);
      next = to + 1;
    }
    return used;
  });
}

/** A file system in a file, at an offset where that file is a whole disk. */
export const at = (disk: string, offset: number): string => `${disk}?offset=${offset}`;

export interface Link {
  readonly path: string;
  readonly to: string;
}

/** Puts files, owned by root, and symbolic links into a file system that is not mounted. */
export async function putFiles(
  device: string,
  files: readonly InstallFile[],
  links: readonly Link[],
  work: string,
): Promise<Result<void>> {
  const paths = [...files, ...links].map(({path}) => path);
  for (const text of [...paths, ...links.map(({to}) => to)])
    if (!/^[\w@./-]+$/.test(text)) throw new Error(`not a path that debugfs can take: ${JSON.stringify(text)}`);
  const folders = new Set(paths.flatMap(ancestors));
  // What exists already cannot be made again, and what does not exist cannot be removed: both are as wanted.
  const cleared = await runTool(['debugfs', '-w', '-f', '-', device], {
    input: [...folders]
      .map((path) => `mkdir ${path}`)
      .concat(
        paths.map((path) => `rm ${path}`),
        '',
      )
      .join('\n'),
  });
  if (!cleared.ok) return cleared;
  const source = join(work, 'put');
  try {
    await mkdir(source, {mode: 0o700});
    const commands: string[] = [];
    for (const [index, {path, mode, content}] of files.entries()) {
      const from = String(index);
      await writeFile(join(source, from), content, {mode: 0o600});
      const type = 0o100000;
      commands.push(`write ${from} ${path}`, `sif ${path} mode 0${(type | mode).toString(8)}`);
      for (const field of ['uid', 'gid']) commands.push(`sif ${path} ${field} 0`);
    }
    commands.push(...links.map(({path, to}) => `symlink ${path} ${to}`));
    return await edit(device, commands, source);
  } finally {
    await rm(source, {recursive: true, force: true});
  }
}

const ancestors = (path: string): readonly string[] => {
  const parts = path.split('/').slice(1, -1);
  return parts.map((_, index) => `/${parts.slice(0, index + 1).join('/')}`);
};

/** debugfs ends with 0 whatever happened: what it says on stderr, beside its version, is a failure. */
async function edit(device: string, commands: readonly string[], cwd?: string): Promise<Result<void>> {
  const done = await runToolAloud(['debugfs', '-w', '-f', '-', device], {
    env,
    input: `${commands.join('\n')}\n`,
    ...(cwd === undefined ? {} : {cwd}),
  });
  if (!done.ok) return done;
  const complaint = done.value.stderr.split('\n').find((line) => line && !/^debugfs \d/.test(line));
  return complaint === undefined ? ok(undefined) : failed(fault('image.build-failed', `debugfs: ${complaint}`));
}
