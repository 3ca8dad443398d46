import {randomBytes} from 'node:crypto';
import {chmod, mkdir, mkdtemp, readFile, rename, rm, stat, utimes, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {dirname, join} from 'node:path';
import type {Sha256} from '../../brand.ts';
import {ok, type Result} from '../../result.ts';
import {setAside} from '../../step/memory.ts';
import {cpio} from '../cpio.ts';
import {baseFiles, type LightBase} from './base.ts';
import {biosLoader, efiLoaders, grubConfig, onMedium} from './boot-loader.ts';
import {contentDigest, contentOf, sha256Of} from './content-digest.ts';
import {hostEntries, type HostOverlay} from './host.ts';
import {inRoom} from '../room.ts';
import {seal, sealKey} from './seal.ts';

export interface Iso {
  readonly file: string;
  readonly sha256: Sha256;
  readonly bytes: number;
  /** What every start from it reads: kernel, archives, and the smaller of the two boot loaders. */
  readonly bootBytes: number;
}

/**
 * Makes a host's ISO, for BIOS and UEFI. The same base and host give the same bytes. It holds the light system's host
 * key, so only its owner may read the file.
 */
export const buildIso = (base: LightBase, host: HostOverlay, out: string): Promise<Result<Iso>> =>
  inRoom(tmpdir(), () => build(base, host, out));

async function build(base: LightBase, host: HostOverlay, out: string): Promise<Result<Iso>> {
  const entries = hostEntries(host);
  if (!entries.ok) return entries;
  const archive = cpio(entries.value);
  const content = contentDigest([base.content, contentOf(entries.value)]);
  const console = host.console ?? 'ttyS0';
  // Hashed from the run's fresh host key too, so no disk of an intruder's can hold it beforehand.
  const mark = `boot/${sha256Of(Buffer.concat([archive, Buffer.from(base.digest)])).slice(0, 32)}`;
  const choice = {
    mark,
    commandLine: [commandLine(content, console), ...(host.memory ?? []).map(setAside)].join(' '),
    serialUnit: Number(console.slice(-1)),
  };

  const folder = await mkdtemp(join(tmpdir(), 'rebuild-iso-'));
  const draft = `${out}.${randomBytes(4).toString('hex')}.new`;
  try {
    await mkdir(dirname(out), {recursive: true});
    const bios = await biosLoader(base.builder, choice, folder);
    if (!bios.ok) return bios;
    const efi = await efiLoaders(base.builder, folder);
    if (!efi.ok) return efi;
    await write(join(folder, 'host.cpio'), archive);
    await write(join(folder, 'host.cpio.sig'), seal(archive));
    await write(join(folder, 'grub.cfg'), Buffer.from(grubConfig(choice, 'medium')));
    await write(join(folder, 'seal.pgp'), sealKey());
    await write(join(folder, 'mark'), Buffer.from(`${base.digest}\n`));
    for (const image of [bios.value, efi.value.image]) await utimes(image, epoch, epoch);
    // xorriso opens what is there already; the medium must not be readable for a moment either.
    await writeFile(draft, '', {mode: 0o600});
    const made = await inRoom(dirname(out), () => assemble(base, folder, mark, draft));
    if (!made.ok) return made;
    await chmod(draft, 0o600);
    const iso = await readFile(draft);
    const sizes = await Promise.all(
      [join(base.folder, baseFiles.kernel), join(base.folder, baseFiles.archive), bios.value].map(
        async (file) => (await stat(file)).size,
      ),
    );
    const [kernel = 0, system = 0, biosBytes = 0] = sizes;
    await rename(draft, out);
    return ok({
      file: out,
      sha256: sha256Of(iso),
      bytes: iso.length,
      bootBytes: kernel + system + archive.length + Math.min(biosBytes, efi.value.readBytes),
    });
  } finally {
    await rm(folder, {recursive: true, force: true});
    await rm(draft, {force: true});
  }
}

/**
 * `init=/` is a directory and can never be started: where `/init` is missing or does not start, the kernel tries it
 * instead of /sbin/init and /bin/sh (init/main.c, kernel_init), and panics.
 */
export const commandLine = (content: Sha256, console: string): string =>
  'rdinit=/init init=/ panic=10 module.sig_enforce=1 ipv6.disable=1 consoleblank=0 loglevel=4 ' +
  `console=tty0 console=${console},115200n8 rebuild.serial=${console} rebuild.content=${content}`;

const epoch = new Date(0);

async function write(path: string, content: Uint8Array): Promise<void> {
  await writeFile(path, content, {mode: 0o600});
  await utimes(path, epoch, epoch);
}

async function assemble(base: LightBase, folder: string, mark: string, out: string): Promise<Result<string>> {
  const paths = {
    [onMedium.bios]: join(folder, 'bios.img'),
    [onMedium.efi]: join(folder, 'efi.img'),
    [onMedium.kernel]: join(base.folder, baseFiles.kernel),
    [`${onMedium.kernel}.sig`]: join(base.folder, `${baseFiles.kernel}.sig`),
    [onMedium.base]: join(base.folder, baseFiles.archive),
    [`${onMedium.base}.sig`]: join(base.folder, `${baseFiles.archive}.sig`),
    [onMedium.host]: join(folder, 'host.cpio'),
    [`${onMedium.host}.sig`]: join(folder, 'host.cpio.sig'),
    [onMedium.config]: join(folder, 'grub.cfg'),
    [onMedium.key]: join(folder, 'seal.pgp'),
    [mark]: join(folder, 'mark'),
  };
  const argv = [
    ['xorriso', '-as', 'mkisofs', '-quiet', '-o', out, '-V', 'REBUILD', '-r', '-graft-points'],
    // Folders that only the medium has would get the time of day. To xorriso a zero is no time at all.
    ['-sysid', '', '-publisher', '', '-p', '', '--set_all_file_dates', '=1'],
    ['-b', onMedium.bios, '-no-emul-boot', '-boot-load-size', '4', '-boot-info-table', '-c', 'boot/boot.cat'],
    ['-eltorito-alt-boot', '-e', onMedium.efi, '-no-emul-boot'],
    // What GRUB reads before it can help itself lies together at the front.
    [onMedium.config, onMedium.key, mark].flatMap((path) => ['--sort-weight', '2000', `/${path}`]),
    Object.entries(paths).map(([name, path]) => `${name}=${path.replaceAll('\\', '\\\\').replaceAll('=', '\\=')}`),
  ].flat();
  return base.builder.run(argv, {env: {SOURCE_DATE_EPOCH: '1', HOME: folder}});
}
