import {copyFile, readFile, truncate, utimes, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {ok, type Result} from '../../result.ts';
import {cpio} from '../cpio.ts';
import {onEfi, signedLoaders} from '../debian/signed-loaders.ts';
import type {Pool} from './pool.ts';
import {sealKey} from './seal.ts';

/** Names on the medium. The kernel and the archives are sealed: GRUB uses them only whole. */
export const onMedium = {
  kernel: 'boot/vmlinuz',
  base: 'boot/base.img',
  host: 'boot/host.cpio',
  key: 'boot/seal.pgp',
  bios: 'boot/bios.img',
  efi: 'boot/efi.img',
  // Debian's signed GRUB looks here, on the medium it was started from, before it looks anywhere else.
  config: 'EFI/debian/x86_64-efi/grub.cfg',
} as const;

export interface BootChoice {
  /** A file that only this medium has. */
  readonly mark: string;
  readonly commandLine: string;
  /** Number of the serial port: 0 for ttyS0. */
  readonly serialUnit: number;
}

/**
 * Runs by itself from start to boot or reboot: there is no menu, and no prompt is ever reached. Where the key of the
 * seals is not in GRUB's image, it is read from the medium, `keyIn: 'medium'`.
 */
export const grubConfig = ({mark, commandLine, serialUnit}: BootChoice, keyIn: 'image' | 'medium'): string => `\
serial --unit=${serialUnit} --speed=115200
terminal_input console
terminal_output console serial
echo "REBUILD grub: loading"
set check_signatures=no
if search --no-floppy --file --set=root --hint cd --hint cd0 /${mark}; then
  if ${keyIn === 'medium' ? `trust /${onMedium.key}` : 'true'}; then
    set check_signatures=enforce
    if linux /${onMedium.kernel} ${commandLine}; then
      if initrd /${onMedium.base} /${onMedium.host}; then
        echo "REBUILD grub: starting"
        boot
      fi
    fi
  fi
fi
echo "REBUILD grub: medium lost, rebooting"
sleep 5
reboot
`;

const modules = `
  biosdisk boot configfile echo gcry_rsa gcry_sha256 iso9660 linux memdisk newc normal pgp reboot search search_fs_file
  serial sleep terminal test true
`
  .trim()
  .split(/\s+/);

/** GRUB for BIOS: a single image with the configuration and the key inside, so no part of it can be missing. */
export async function biosLoader(pool: Pool, choice: BootChoice, folder: string): Promise<Result<string>> {
  const memory = join(folder, 'grub-memory.cpio');
  const key = join(folder, 'seal.pgp');
  const start = join(folder, 'start.cfg');
  const image = join(folder, 'bios.img');
  const config = Buffer.from(grubConfig(choice, 'image'));
  await writeFile(memory, cpio([{type: 'file', path: 'grub.cfg', mode: 0o644, content: config}]));
  await writeFile(key, sealKey());
  // GRUB would offer its prompt after a configuration without a menu; this runs before it gets there.
  await writeFile(start, 'configfile (memdisk)/grub.cfg\nreboot\n');
  const parts = ['--prefix', '(memdisk)', '--memdisk', memory, '--config', start, '--pubkey', key];
  const format = ['-O', 'i386-pc-eltorito', '-d', join(pool.root, 'usr/lib/grub/i386-pc')];
  const made = await pool.run(['grub-mkimage', ...format, ...parts, '-o', image, ...modules]);
  return made.ok ? ok(image) : made;
}

/**
 * What UEFI firmware finds on the medium: a FAT file system with Microsoft's signed shim where firmware looks for a
 * program, and Debian's signed GRUB where shim looks. It is the same for every host.
 *
 * With Secure Boot on, the firmware verifies shim, shim verifies GRUB, and GRUB has shim verify the kernel, so nothing
 * but Microsoft's and Debian's code runs until the kernel does. Nobody verifies the configuration, the command line and
 * the initramfs: these are ours, and whoever can change the medium can change them. Against loss they are held by the
 * seals, and by the digest that `/init` checks; against an intruder by the way they come, from the controller over the
 * BMC.
 *
 * GRUB's image is signed as a whole and so holds no configuration of ours. Where the medium goes in the moment between
 * GRUB's start and its having read the configuration, GRUB shows its prompt and waits; the controller sees no system
 * and starts the machine again.
 */
export async function efiLoaders(pool: Pool, folder: string): Promise<Result<{image: string; readBytes: number}>> {
  const image = join(folder, 'efi.img');
  const programs = [
    {from: signedLoaders.shim.path, to: onEfi.shim},
    {from: signedLoaders.grub.path, to: onEfi.grub},
  ];
  const environment = {MTOOLSRC: '/dev/null', SOURCE_DATE_EPOCH: String(dosEpoch.getTime() / 1000)};
  let bytes = 0;
  for (const {from} of programs) bytes += (await readFile(join(pool.root, from))).length;
  const sectors = Math.ceil((bytes + tables) / 512);
  await writeFile(image, '');
  await truncate(image, sectors * 512);
  const geometry = ['-T', String(sectors), '-h', '16', '-s', '63', '-c', '8'];
  const prepared = [
    ['mformat', '-i', image, ...geometry, '-N', '52454255', '::'],
    ['mmd', '-i', image, '::EFI', '::EFI/BOOT'],
  ];
  for (const argv of prepared) {
    const done = await pool.run(argv, {env: environment});
    if (!done.ok) return done;
  }
  const dated = join(folder, 'program.efi');
  for (const {from, to} of programs) {
    await copyFile(join(pool.root, from), dated);
    await utimes(dated, dosEpoch, dosEpoch);
    const copied = await pool.run(['mcopy', '-m', '-i', image, dated, to], {env: environment});
    if (!copied.ok) return copied;
  }
  return ok({image, readBytes: bytes});
}

// Room for FAT's own tables and for clusters that are not full.
const tables = 48 * 1024;

// FAT knows no earlier time.
const dosEpoch = new Date('1980-01-01T00:00:00Z');
