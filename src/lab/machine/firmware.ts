/** How a machine starts; `secureBoot` is UEFI's alone. */
export interface FirmwareChoice {
  readonly firmware: 'uefi' | 'bios';
  readonly secureBoot: boolean;
}

interface Ovmf {
  readonly code: string;
  /** The variable store that a new machine begins with. */
  readonly variables: string;
}

/**
 * Debian's ovmf package; the 4M builds are those that their own variable stores fit. With Secure Boot the store holds
 * Microsoft's keys, as a server's does when it is sold.
 */
export const ovmf = {
  plain: {code: '/usr/share/OVMF/OVMF_CODE_4M.fd', variables: '/usr/share/OVMF/OVMF_VARS_4M.fd'},
  secureBoot: {code: '/usr/share/OVMF/OVMF_CODE_4M.secboot.fd', variables: '/usr/share/OVMF/OVMF_VARS_4M.ms.fd'},
} as const satisfies Readonly<Record<string, Ovmf>>;

/** The firmware's files; none for BIOS, which is QEMU's own. */
export const ovmfOf = ({firmware, secureBoot}: FirmwareChoice): Ovmf | undefined =>
  firmware === 'bios' ? undefined : secureBoot ? ovmf.secureBoot : ovmf.plain;

/** In a few words. */
export const firmwareText = ({firmware, secureBoot}: FirmwareChoice): string =>
  secureBoot ? `${firmware}, secure boot` : firmware;

/**
 * QEMU's arguments for a q35 with that firmware; `variables` is the machine's own copy of the store. Secure Boot is
 * enforced only where the system cannot write to the store behind the firmware's back, hence SMM and `secure`; that
 * build of OVMF does not come back from S3.
 */
export function firmwareArguments(choice: FirmwareChoice, variables: string): readonly string[] {
  const files = ovmfOf(choice);
  if (files === undefined) return ['-machine', 'q35'];
  return [
    choice.secureBoot ? ['-machine', 'q35,smm=on', ...guarded] : ['-machine', 'q35'],
    ['-drive', `if=pflash,format=raw,readonly=on,file=${files.code}`],
    // QEMU reads a comma as the end of a value; two stand for one.
    ['-drive', `if=pflash,format=raw,file=${variables.replaceAll(',', ',,')}`],
  ].flat();
}

const guarded = ['-global', 'driver=cfi.pflash01,property=secure,value=on', '-global', 'ICH9-LPC.disable_s3=1'];
