import {truncate, utimes, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {ok, type Result} from '../../result.ts';
import {cpio} from '../cpio.ts';
import type {Pool} from './pool.ts';
import {sealKey} from './seal.ts';

/** Names on the medium. The kernel and the archives are sealed: GRUB uses them only whole. */
export const onMedium = {
  kernel: 'boot/vmlinuz',
  base: 'boot/base.img',
  host: 'boot/host.cpio',
  bios: 'boot/bios.img',
  efi: 'boot/efi.img',
} as const;

export interface BootChoice {
  /** A file that only this medium has. */
  readonly mark: string;
  readonly commandLine: string;
  /** Number of the serial port: 0 for ttyS0. */
  readonly serialUnit: number;
}

/** Runs by itself from start to boot or reboot: there is no menu, and no prompt is ever reached. */
export const grubConfig = ({mark, commandLine, serialUnit}: BootChoice): string => `\
serial --unit=${serialUnit} --speed=115200
terminal_input console
terminal_output console serial
echo "REBUILD grub: loading"
set check_signatures=no
if search --no-floppy --file --set=root --hint cd --hint cd0 /${mark}; then
  set check_signatures=enforce
  if linux /${onMedium.kernel} ${commandLine}; then
    if initrd /${onMedium.base} /${onMedium.host}; then
      echo "REBUILD grub: starting"
      boot
    fi
  fi
fi
echo "REBUILD grub: medium lost, rebooting"
sleep 5
reboot
`;

const modules = `
  boot configfile echo gcry_rsa gcry_sha256 iso9660 linux memdisk newc normal pgp reboot search search_fs_file serial
  sleep terminal test
`
  .trim()
  .split(/\s+/);

/** GRUB for BIOS and for UEFI, each a single image with the configuration inside: no part of it can be missing. */
export async function makeBootLoaders(pool: Pool, choice: BootChoice, folder: string): Promise<Result<void>> {
  const memory = join(folder, 'grub-memory.cpio');
  const key = join(folder, 'seal.pgp');
  const start = join(folder, 'start.cfg');
  const config = Buffer.from(grubConfig(choice));
  await writeFile(memory, cpio([{type: 'file', path: 'grub.cfg', mode: 0o644, content: config}]));
  await writeFile(key, sealKey());
  // GRUB would offer its prompt after a configuration without a menu; this runs before it gets there.
  await writeFile(start, 'configfile (memdisk)/grub.cfg\nreboot\n');
  const common = ['--prefix', '(memdisk)', '--memdisk', memory, '--config', start, '--pubkey', key];
  const make = (format: string, output: string, disk: readonly string[]) => {
    const library = join(pool.root, 'usr/lib/grub', format.replace('-eltorito', ''));
    return pool.run(['grub-mkimage', '-O', format, '-d', library, ...common, '-o', output, ...disk, ...modules]);
  };
  const program = join(folder, 'bootx64.efi');
  const [bios, efi] = await Promise.all([
    make('i386-pc-eltorito', join(folder, 'bios.img'), ['biosdisk']),
    // Without a video driver the kernel would start blind.
    make('x86_64-efi', program, ['efi_gop', 'efi_uga']),
  ]);
  if (!bios.ok) return bios;
  if (!efi.ok) return efi;
  return efiPartition(pool, program, join(folder, 'efi.img'));
}

/** A FAT file system with the program where UEFI looks for one on removable media. */
async function efiPartition(pool: Pool, program: string, image: string): Promise<Result<void>> {
  await utimes(program, dosEpoch, dosEpoch);
  await writeFile(image, '');
  await truncate(image, 1440 * 1024);
  const environment = {MTOOLSRC: '/dev/null', SOURCE_DATE_EPOCH: String(dosEpoch.getTime() / 1000)};
  const steps = [
    ['mformat', '-i', image, '-f', '1440', '-N', '52454255', '::'],
    ['mmd', '-i', image, '::EFI', '::EFI/BOOT'],
    ['mcopy', '-m', '-i', image, program, '::EFI/BOOT/BOOTX64.EFI'],
  ];
  for (const argv of steps) {
    const done = await pool.run(argv, {env: environment});
    if (!done.ok) return done;
  }
  return ok(undefined);
}

// FAT knows no earlier time.
const dosEpoch = new Date('1980-01-01T00:00:00Z');
