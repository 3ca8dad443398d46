import {readFile, utimes, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {ok, type Result} from '../../result.ts';
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

/** A FAT file system for the EFI system partition, with GRUB at the path that firmware starts without being told. */
export async function espImage(work: string, rootUuid: string): Promise<Result<string>> {
  const [config, loader, esp] = ['embedded.cfg', 'BOOTX64.EFI', 'esp.fat'].map((name) => join(work, name)) as [
    string,
    string,
    string,
  ];
  await writeFile(config, espConfig(rootUuid));
  const modules = ['configfile', 'regexp', 'search', 'search_fs_uuid', ...shared];
  const made = await runTool([
    'grub-mkimage',
    '--format=x86_64-efi',
    '--prefix=/EFI/BOOT',
    `--config=${config}`,
    `--output=${loader}`,
    ...modules,
  ]);
  if (!made.ok) return made;
  await utimes(loader, epoch, epoch);
  const env = {SOURCE_DATE_EPOCH: String(epoch), MTOOLS_SKIP_CHECK: '1'};
  const serial = rootUuid.slice(0, 8);
  const sectors = layout.esp.size / sector;
  const steps: readonly (readonly [string, ...string[]])[] = [
    [
      'mformat',
      '-i',
      esp,
      '-C',
      '-F',
      '-c',
      '1',
      '-T',
      String(sectors),
      '-h',
      '255',
      '-s',
      '63',
      '-v',
      'ESP',
      '-N',
      serial,
      '::',
    ],
    ['mmd', '-i', esp, '::/EFI', '::/EFI/BOOT'],
    ['mcopy', '-i', esp, '-m', loader, '::/EFI/BOOT/BOOTX64.EFI'],
  ];
  for (const step of steps) {
    const done = await runTool(step, {env});
    if (!done.ok) return done;
  }
  return ok(esp);
}
