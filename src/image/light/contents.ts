/** What the light system is made of: Debian packages, and what is taken from them. */

/** Packages whose files go into the image. */
export const systemPackages = [
  'busybox-static',
  'coreutils',
  'dash',
  'diffutils',
  'dosfstools',
  'dropbear-bin',
  'e2fsprogs',
  'efibootmgr',
  'fdisk',
  'hdparm',
  'kexec-tools',
  'linux-image-amd64',
  'mdadm',
  'nvme-cli',
  'sg3-utils',
  'smartmontools',
  'tar',
  'util-linux',
  'zstd',
] as const;

/** Packages whose programs make the image. They run out of their unpacked packages, so every machine uses the same. */
export const builderPackages = ['grub-common', 'grub-pc-bin', 'kmod', 'mtools', 'xorriso', 'xz-utils'] as const;

/** Programs, as they lie in a merged /usr. */
export const programs = [
  'usr/bin/b2sum',
  'usr/bin/cmp',
  'usr/bin/dash',
  // Busybox's dd lacks direct I/O in whole blocks, its sha256sum is slower by a third, its tar drops extended attributes.
  'usr/bin/dd',
  'usr/bin/efibootmgr',
  'usr/bin/flock',
  'usr/bin/lsblk',
  'usr/bin/sg_format',
  'usr/bin/sg_raw',
  'usr/bin/sg_sanitize',
  'usr/bin/sha256sum',
  // Busybox's tail neither ends with a process nor wakes when there is more.
  'usr/bin/tail',
  'usr/bin/tar',
  'usr/bin/zstd',
  'usr/sbin/blkdiscard',
  'usr/sbin/blkid',
  'usr/sbin/blockdev',
  'usr/sbin/dropbear',
  'usr/sbin/e2fsck',
  'usr/sbin/hdparm',
  'usr/sbin/kexec',
  'usr/sbin/mdadm',
  'usr/sbin/mke2fs',
  'usr/sbin/mkfs.fat',
  'usr/sbin/nvme',
  'usr/sbin/resize2fs',
  'usr/sbin/sfdisk',
  'usr/sbin/smartctl',
  'usr/sbin/tune2fs',
  'usr/sbin/wipefs',
] as const;

/** Other names for programs: link to target, both in a merged /usr. */
export const aliases: Readonly<Record<string, string>> = {
  'usr/bin/sh': 'dash',
  'usr/sbin/mkfs.ext4': 'mke2fs',
  'usr/sbin/mkfs.vfat': 'mkfs.fat',
};

/**
 * Busybox applets that get a name. Not `init` and `linuxrc`, which the kernel would start for want of ours, and nothing
 * that listens, logs people in or opens a console.
 */
export const applets = `
  [ awk base64 basename cat chmod chown cp cut date df dirname dmesg du echo env expr false find free grep gunzip gzip
  head hexdump hostname id ip kill killall less ln ls lsmod lsscsi mkdir mkfifo mktemp modprobe mount mv nproc od pidof ping
  printf ps pwd readlink realpath rm rmdir sed seq setsid sha512sum sleep sort stat stty sync sysctl tee test time
  timeout top touch tr true tty umount uname uniq uptime vi wc which xargs xxd yes zcat
`
  .trim()
  .split(/\s+/);

/** The kernel starts this one by its full path when it wants a module. */
export const sbinApplets = ['modprobe'] as const;

export const loader = 'usr/lib64/ld-linux-x86-64.so.2';
export const libraryPath = 'usr/lib/x86_64-linux-gnu';

export const settings: Readonly<Record<string, string>> = {
  'etc/passwd': 'root:x:0:0:root:/root:/bin/sh\n',
  'etc/group': 'root:x:0:\n',
  // No password fits `*`.
  'etc/shadow': 'root:*:19000:0:99999:7:::\n',
  'etc/shells': '/bin/sh\n',
  'etc/nsswitch.conf': 'passwd: files\ngroup: files\nhosts: files dns\n',
};
