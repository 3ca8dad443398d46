import type {InstallFile} from '../../step/world/target.ts';

/** The root file system's partition number. It is the last one, so that it can grow. */
export const rootPartition = 3;

// The disk GRUB itself was read from, never a search over all disks: a disk that is kept may hold a copy of this image.
// Debian's kernel packages keep /vmlinuz, /initrd.img and their .old at the current and the previous kernel, so a
// kernel update needs no boot loader package. Messages below a warning stay off the console: a real serial line needs
// 5 s for them.
const grub = `if serial --unit=0 --speed=115200; then
  terminal_input console serial
  terminal_output console serial
fi
set default=0
set timeout=1
probe --set=uuid --fs-uuid $root
set arguments="root=UUID=$uuid ro console=tty0 console=ttyS0,115200 loglevel=5 systemd.show_status=yes"
menuentry "Debian" {
  linux /vmlinuz $arguments
  initrd /initrd.img
}
menuentry "Debian, previous kernel" {
  linux /vmlinuz.old $arguments
  initrd /initrd.img.old
}
`;

// MODULES=most would add every network driver (34 MB), which a local root never needs.
const storageHook = `#!/bin/sh
[ "$1" = prereqs ] && exit 0
. /usr/share/initramfs-tools/hook-functions
auto_add_modules base ata block scsi usb_storage
`;

const sshd = `HostKey /etc/ssh/ssh_host_ed25519_key
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
X11Forwarding no
`;

const plain = (path: string, content: string): InstallFile => ({path, mode: 0o644, content});

/** Files of ours that every image has. They name no host. */
export const overlay: readonly InstallFile[] = [
  plain('/boot/grub/grub.cfg', grub),
  plain('/etc/default/locale', 'LANG=C.UTF-8\n'),
  // The initramfs takes fsck along for what is listed here; each host gets its own with the file system's UUID.
  plain('/etc/fstab', 'LABEL=root / ext4 errors=remount-ro 0 1\n'),
  plain('/etc/hostname', 'localhost\n'),
  plain('/etc/hosts', '127.0.0.1 localhost\n::1 localhost\n'),
  plain('/etc/initramfs-tools/conf.d/rebuild', 'MODULES=list\nCOMPRESS=zstd\n'),
  {path: '/etc/initramfs-tools/hooks/rebuild-storage', mode: 0o755, content: storageHook},
  plain('/etc/kernel-img.conf', 'do_symlinks = yes\n'),
  plain('/etc/resolv.conf', ''),
  plain('/etc/ssh/sshd_config.d/rebuild.conf', sshd),
];
