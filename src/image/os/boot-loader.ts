import {copyFile, readFile, utimes, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {ok, type Result} from '../../result.ts';
import {onEfi, type SignedLoaders} from '../debian/signed-loaders.ts';
import {bootCode, coreImage} from './bios-boot.ts';
import {layout, sector} from './layout.ts';
import {rootPartition} from './overlay.ts';
import {grubFolder} from './tool.ts';
import {runTool} from '../debian/tool.ts';
import {epoch} from './tree.ts';

// Everything grub.cfg uses is in the image itself: no module is read from the disk.
const shared = ['echo', 'ext2', 'linux', 'normal', 'part_gpt', 'probe', 'reboot', 'serial', 'sleep', 'test'];

/** Bytes for the disk's first sector and for the BIOS boot partition. */
export async function biosBoot(work: string): Promise<Result<{readonly code: Buffer; readonly core: Buffer}>> {
  const core = join(work, 'core.img');
  // A prefix without a disk means the one that was booted from.
  const prefix = `(,gpt${rootPartition})/boot/grub`;
  const modules = ['biosdisk', ...shared];
  const made = await runTool([
    'grub-mkimage',
    '--format=i386-pc',
    `--prefix=${prefix}`,
    `--output=${core}`,
    ...modules,
  ]);
  if (!made.ok) return made;
  const at = layout.biosBoot.start / sector;
  return ok({
    code: bootCode(await readFile(join(grubFolder, 'i386-pc/boot.img')), at),
    core: coreImage(await readFile(core), at),
  });
}

const espConfig = (rootUuid: string) => `regexp --set=1:disk '^\\((.*),gpt[0-9]+\\)' "$cmdpath"
if [ -n "$disk" -a -e "($disk,gpt${rootPartition})/boot/grub/grub.cfg" ]; then
  set root="$disk,gpt${rootPartition}"
else
  search --no-floppy --fs-uuid --set=root ${rootUuid}
fi
set prefix=($root)/boot/grub
configfile $prefix/grub.cfg
`;

/**
 * A FAT file system for the EFI system partition: shim at the path that firmware starts without being told, GRUB beside
 * it, and the configuration where GRUB looks on the partition that it came from. With Secure Boot on all that runs up to
 * the kernel is verified; configuration and initramfs are not.
 */
export async function espImage(work: string, rootUuid: string, loaders: SignedLoaders): Promise<Result<string>> {
  const esp = join(work, 'esp.fat');
  const config = join(work, 'esp-grub.cfg');
  const dated = {config, shim: join(work, 'shim.efi'), grub: join(work, 'grub.efi')};
  await writeFile(config, espConfig(rootUuid));
  await copyFile(loaders.shim, dated.shim);
  await copyFile(loaders.grub, dated.grub);
  for (const file of Object.values(dated)) await utimes(file, epoch, epoch);
  const env = {SOURCE_DATE_EPOCH: String(epoch), MTOOLS_SKIP_CHECK: '1'};
  const serial = rootUuid.slice(0, 8);
  const sectors = layout.esp.size / sector;
  const geometry = ['-c', '1', '-T', String(sectors), '-h', '255', '-s', '63'];
  const steps: readonly (readonly string[])[] = [
    ['mformat', '-i', esp, '-C', '-F', ...geometry, '-v', 'ESP', '-N', serial, '::'],
    ['mmd', '-i', esp, '::/EFI', '::/EFI/BOOT', '::/EFI/debian'],
    ['mcopy', '-i', esp, '-m', dated.shim, onEfi.shim],
    ['mcopy', '-i', esp, '-m', dated.grub, onEfi.grub],
    ['mcopy', '-i', esp, '-m', dated.config, '::/EFI/debian/grub.cfg'],
  ];
  for (const step of steps) {
    const done = await runTool(step, {env});
    if (!done.ok) return done;
  }
  return ok(esp);
}
