import {mkdir} from 'node:fs/promises';
import {join} from 'node:path';
import {fault} from '../../fault.ts';
import {failed, ok, type Result} from '../../result.ts';
import {fetchPackages, type Fetch} from './fetch.ts';
import {runTool} from './tool.ts';

/**
 * What UEFI firmware starts, and what that starts: signed by Microsoft and by Debian, and used as they are. Firmware
 * with Secure Boot on verifies shim; shim verifies GRUB, refuses one that is revoked (SBAT), and verifies the kernel for
 * it. All three come from the same package sources, so Debian keeps them fitting together.
 */
export const signedLoaders = {
  shim: {package: 'shim-signed', path: 'usr/lib/shim/shimx64.efi.signed'},
  grub: {package: 'grub-efi-amd64-signed', path: 'usr/lib/grub/x86_64-efi-signed/grubx64.efi.signed'},
} as const;

/** Where they lie on an EFI file system: firmware looks for the one, shim for the other. */
export const onEfi = {shim: '::/EFI/BOOT/BOOTX64.EFI', grub: '::/EFI/BOOT/grubx64.efi'} as const;

export interface SignedLoaders {
  readonly shim: string;
  readonly grub: string;
  /** `name version` of the packages they come from. */
  readonly packages: readonly string[];
}

/** Brings both to this machine, unpacked below `folder`. */
export async function fetchLoaders(folder: string, fetch: Fetch = {}): Promise<Result<SignedLoaders>> {
  const wanted = Object.values(signedLoaders).map((loader) => loader.package);
  const debs = await fetchPackages(wanted, undefined, fetch);
  if (!debs.ok) return debs;
  const ours = debs.value.filter(({name}) => wanted.some((one) => one === name));
  if (ours.length !== wanted.length)
    return failed(fault('image.build-failed', `apt did not bring ${wanted.join(' and ')}`));
  await mkdir(folder, {recursive: true});
  for (const {file} of ours) {
    const unpacked = await runTool(['dpkg-deb', '--extract', file, folder]);
    if (!unpacked.ok) return unpacked;
  }
  return ok({
    shim: join(folder, signedLoaders.shim.path),
    grub: join(folder, signedLoaders.grub.path),
    packages: ours.map(({name, version}) => `${name} ${version}`),
  });
}
