import type {Result} from '../../result.ts';
import {requireTools, type Tool} from '../debian/tool.ts';

const isRoot = (): boolean => process.getuid?.() === 0;

/** `argv` such that it may make files of any owner: as it is for root, else in a user namespace. */
export const asOwner = (argv: readonly string[]): readonly string[] =>
  isRoot() ? argv : ['unshare', '--map-root-user', '--map-auto', '--', ...argv];

/** Where GRUB's packages put their modules. */
export const grubFolder = '/usr/lib/grub';

const tools: readonly Tool[] = [
  {program: 'mmdebstrap', package: 'mmdebstrap'},
  {program: 'mformat', package: 'mtools'},
  {program: 'grub-mkimage', package: 'grub-common'},
  {program: `${grubFolder}/i386-pc/boot.img`, package: 'grub-pc-bin'},
  {program: 'dpkg-deb', package: 'dpkg'},
  {program: 'mke2fs', package: 'e2fsprogs'},
  {program: 'debugfs', package: 'e2fsprogs'},
  {program: 'sfdisk', package: 'fdisk'},
  {program: 'tar', package: 'tar'},
];

const userTools: readonly Tool[] = [
  {program: 'unshare', package: 'util-linux'},
  {program: 'newuidmap', package: 'uidmap'},
];

/** A fault that names the one command which installs what is missing here, if anything is. */
export const checkTools = (): Promise<Result<void>> => requireTools(isRoot() ? tools : [...tools, ...userTools]);
