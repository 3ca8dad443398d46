import {createHash} from 'node:crypto';
import {canonical} from '../../json.ts';
import {overlay} from './overlay.ts';

/** What an OS image is made of. Images of equal recipes differ only by the packages' versions. */
export interface OsRecipe {
  /** What runbooks call it. */
  readonly name: string;
  readonly suite: string;
  /**
   * `generic` drives server hardware (AHCI, RAID and SAS adapters, Broadcom, Intel and Mellanox cards); `cloud` is
   * smaller and drives virtual machines and NVMe alone.
   */
  readonly kernel: 'generic' | 'cloud';
  readonly packages: readonly string[];
}

export const debian: OsRecipe = {
  name: 'debian',
  suite: 'bookworm',
  kernel: 'generic',
  packages: [
    'ca-certificates',
    'dbus',
    'e2fsprogs',
    'initramfs-tools',
    'iproute2',
    'less',
    'nftables',
    'openssh-server',
    'procps',
    'systemd-sysv',
    'systemd-timesyncd',
    'udev',
    'zstd',
  ],
};

export const cloud: OsRecipe = {...debian, name: 'debian-cloud', kernel: 'cloud'};

/** The recipes that runbooks may name. */
export const recipes: Readonly<Record<string, OsRecipe>> = {[debian.name]: debian, [cloud.name]: cloud};

export const kernelPackage = {generic: 'linux-image-amd64', cloud: 'linux-image-cloud-amd64'} as const;

// Drivers of devices that no server has; without them the image is a third smaller. The pattern stays in the installed
// system's dpkg configuration, so that a kernel update keeps to it. The frame buffers of BMCs (ast, mgag200) stay.
const drivers = [
  'drivers/bluetooth',
  'drivers/comedi',
  'drivers/gpu/drm/amd',
  'drivers/gpu/drm/gma500',
  'drivers/gpu/drm/i915',
  'drivers/gpu/drm/nouveau',
  'drivers/gpu/drm/radeon',
  'drivers/iio',
  'drivers/input/joystick',
  'drivers/input/tablet',
  'drivers/input/touchscreen',
  'drivers/isdn',
  'drivers/media',
  'drivers/mmc',
  'drivers/net/can',
  'drivers/net/wireless',
  'drivers/nfc',
  'drivers/pcmcia',
  'drivers/platform/x86',
  'drivers/staging',
  'drivers/usb/gadget',
  'net/bluetooth',
  'net/can',
  'net/mac80211',
  'net/nfc',
  'net/wireless',
  'sound',
];

/** dpkg options of the image, kept in the installed system too. */
export const dpkgOptions: readonly string[] = [
  'path-exclude=/usr/share/doc/*',
  'path-include=/usr/share/doc/*/copyright',
  'path-exclude=/usr/share/info/*',
  'path-exclude=/usr/share/locale/*',
  'path-exclude=/usr/share/man/*',
  'path-exclude=/lib/modules/*/kernel/lib/test_*',
  ...drivers.map((driver) => `path-exclude=/lib/modules/*/kernel/${driver}/*`),
];

/** Names a recipe and everything of ours that goes into its images; apt's sources too, since they are installed. */
export function recipeKey(recipe: OsRecipe, sources: readonly string[]): string {
  const text = canonical({
    layout: 2,
    recipe: {...recipe},
    sources,
    dpkg: dpkgOptions,
    overlay: overlay.map((file) => ({...file})),
  });
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
