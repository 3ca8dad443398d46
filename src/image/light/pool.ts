import {mkdir, open, rm, symlink} from 'node:fs/promises';
import {join} from 'node:path';
import {execa} from 'execa';
import {fault} from '../../fault.ts';
import type {Tell} from '../../progress.ts';
import {failed, ok, type Result} from '../../result.ts';
import type {Deb} from '../debian/fetch.ts';
import {runTool, type ToolRun} from '../debian/tool.ts';
import {libraryPath, loader} from './contents.ts';

/** Packages unpacked side by side with a merged /usr; nothing is configured, so nothing of theirs runs as root. */
export interface Pool {
  readonly root: string;
  /** Runs a program out of the pool, with the pool's own loader and libraries. */
  run(argv: readonly string[], options?: ToolRun): Promise<Result<string>>;
}

/** What no image and no tool needs. */
const unwanted = ['./usr/share/doc/*', './usr/share/locale/*', './usr/share/man/*', './usr/share/perl/*'];

export async function unpack(
  debs: readonly Deb[],
  root: string,
  {tell = () => {}, signal}: {readonly tell?: Tell; readonly signal?: AbortSignal} = {},
): Promise<Result<Pool>> {
  for (const folder of ['bin', 'sbin', 'lib', 'lib64']) {
    await mkdir(join(root, 'usr', folder), {recursive: true});
    await symlink(`usr/${folder}`, join(root, folder));
  }
  const exclude = unwanted.map((pattern) => `--exclude=${pattern}`);
  // `dpkg-deb --extract` would put a directory in the place of a merged /usr's links.
  const keep = ['--keep-directory-symlink', '--no-same-owner', '--no-same-permissions', ...exclude];
  const archive = join(root, 'unpacking.tar');
  const of = debs.reduce((sum, {bytes}) => sum + bytes, 0);
  let done = 0;
  for (const {file, name, bytes} of debs) {
    tell({says: 'unpacking packages', done, of, unit: 'bytes'});
    const how = {reject: false, ...(signal && {cancelSignal: signal})} as const;
    await using tar = await open(archive, 'w');
    // A stream with a file below it is handed to the program as it is: a kernel package holds 400 MB.
    const opened = await execa('dpkg-deb', ['--fsys-tarfile', file], {...how, stdout: tar.createWriteStream()});
    const laid = opened.failed ? opened : await execa('tar', ['-x', '-f', archive, '-C', root, ...keep], how);
    if (laid.failed)
      return failed(fault('image.build-failed', `package ${name} cannot be unpacked: ${laid.stderr.slice(-300)}`));
    done += bytes;
  }
  await rm(archive, {force: true});
  return ok(openPool(root));
}

export function openPool(root: string): Pool {
  const start = [join(root, loader), '--library-path', join(root, libraryPath)];
  return {
    root,
    // argv[0] is what multi-call programs go by: kmod as depmod, mtools as mformat.
    run: ([program = '', ...rest], options) =>
      runTool([...start, '--argv0', program.split(' ')[0] ?? '', join(root, path(program)), ...rest], options),
  };
}

/** A name such as `depmod`, and the file that plays it. */
const players: Readonly<Record<string, string>> = {
  depmod: 'usr/bin/kmod',
  'grub-mkimage': 'usr/bin/grub-mkimage',
  mcopy: 'usr/bin/mtools',
  mformat: 'usr/bin/mtools',
  mmd: 'usr/bin/mtools',
  xorriso: 'usr/bin/xorriso',
  xz: 'usr/bin/xz',
  zstd: 'usr/bin/zstd',
};

const path = (program: string): string => players[program] ?? `usr/bin/${program}`;
