import {createHash, randomBytes} from 'node:crypto';
import {createReadStream} from 'node:fs';
import {copyFile, mkdir, mkdtemp, rename, rm, stat, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {basename, dirname, join} from 'node:path';
import type {Sha256} from '../../brand.ts';
import type {Tell} from '../../progress.ts';
import {ok, type Result} from '../../result.ts';
import {fetchPackages, type Deb} from '../debian/fetch.ts';
import {requireTools, runTool} from '../debian/tool.ts';
import {unpack} from '../light/pool.ts';

/** Debian's own installer, kernel and initrd, as a package. */
const installer = 'debian-installer-12-netboot-amd64';
const installerFiles = 'usr/lib/debian-installer/images/12/amd64/text/debian-installer/amd64';
/** What lies in its pool: a kernel, its source and a compiler make some hundred megabytes that hardly compress. */
const pool = ['build-essential', 'linux-headers-amd64', 'linux-image-amd64', 'linux-source-6.1'] as const;

export interface InstallerWish {
  readonly progress?: Tell;
  readonly signal?: AbortSignal;
}

export interface InstallerIso {
  readonly file: string;
  readonly sha256: Sha256;
  readonly bytes: number;
  readonly packages: number;
}

/**
 * An ISO such as vendors ship, to try with the lab what is done with theirs: Debian's installer on a hybrid image that
 * starts from CD and from disk, under BIOS and UEFI, and speaks on the serial console. Needs the network on first use.
 */
export async function makeInstallerIso(out: string, wish: InstallerWish = {}): Promise<Result<InstallerIso>> {
  const {progress = () => {}, signal} = wish;
  const tools = await requireTools([
    {program: 'grub-mkrescue', package: 'grub-common'},
    {program: 'xorriso', package: 'xorriso'},
    {program: 'mformat', package: 'mtools'},
    {program: '/usr/lib/grub/i386-pc/boot_hybrid.img', package: 'grub-pc-bin'},
    {program: '/usr/lib/grub/x86_64-efi/normal.mod', package: 'grub-efi-amd64-bin'},
    {program: 'dpkg-deb', package: 'dpkg'},
  ]);
  if (!tools.ok) return tools;
  const fetch = {progress, ...(signal && {signal})};
  const own = await fetchPackages([installer], undefined, fetch);
  if (!own.ok) return own;
  const debs = await fetchPackages([...pool], undefined, fetch);
  if (!debs.ok) return debs;
  const work = await mkdtemp(join(tmpdir(), 'rebuild-installer-'));
  const draft = `${out}.${randomBytes(4).toString('hex')}.new`;
  try {
    const tree = await layTree(own.value, debs.value, work, {tell: progress, ...(signal && {signal})});
    if (!tree.ok) return tree;
    progress({says: 'writing the image'});
    await mkdir(dirname(out), {recursive: true});
    const argv = ['grub-mkrescue', `--output=${draft}`, tree.value, '--', '-volid', 'REBUILD_LAB_INSTALLER'];
    const made = await runTool(argv, {timeoutMs: 30 * 60_000, ...(signal && {signal})});
    if (!made.ok) return made;
    const sha256 = await digestOf(draft);
    const {size: bytes} = await stat(draft);
    await rename(draft, out);
    return ok({file: out, sha256, bytes, packages: debs.value.length});
  } finally {
    await rm(work, {recursive: true, force: true});
    await rm(draft, {force: true});
  }
}

async function layTree(
  own: readonly Deb[],
  debs: readonly Deb[],
  work: string,
  how: {readonly tell: Tell; readonly signal?: AbortSignal},
): Promise<Result<string>> {
  const unpacked = await unpack(own, join(work, 'packages'), how);
  if (!unpacked.ok) return unpacked;
  const tree = join(work, 'tree');
  for (const folder of ['.disk', 'boot/grub', 'install.amd', 'pool'])
    await mkdir(join(tree, folder), {recursive: true});
  const files = join(unpacked.value.root, installerFiles);
  await rename(join(files, 'linux'), join(tree, 'install.amd/vmlinuz'));
  await rename(join(files, 'initrd.gz'), join(tree, 'install.amd/initrd.gz'));
  for (const {file} of debs) await copyFile(file, join(tree, 'pool', basename(file)));
  const sums = debs.map(({sha256, file}) => `${sha256}  pool/${basename(file)}\n`);
  await writeFile(join(tree, 'SHA256SUMS'), sums.join(''));
  await writeFile(join(tree, '.disk/info'), 'Debian installer, made by `rebuild lab vendor-iso`\n');
  await writeFile(join(tree, 'boot/grub/grub.cfg'), grubConfig);
  return ok(tree);
}

// The last console on the command line is the one that the installer asks its questions on.
const grubConfig = `serial --unit=0 --speed=115200
terminal_input console serial
terminal_output console serial
set timeout=3
menuentry 'Install' {
  echo "VENDOR installer: loading"
  linux /install.amd/vmlinuz console=tty0 console=ttyS0,115200n8 TERM=vt102 ---
  initrd /install.amd/initrd.gz
}
`;

async function digestOf(file: string): Promise<Sha256> {
  const hash = createHash('sha256');
  for await (const part of createReadStream(file, {highWaterMark: 1 << 20})) hash.update(part as Uint8Array);
  return hash.digest('hex') as Sha256;
}
