/** Part of the light system, as `rebuild iso` counts it. */
export type ModuleGroup = 'storage' | 'network' | 'base';

/**
 * Drivers for servers sold in the last fifteen years, as paths below the kernel's module directory: a trailing slash
 * takes the whole directory. What they depend on comes with them.
 *
 * Left out on purpose: `sr_mod` and `isofs`, so that nothing can come to need the medium; keyboards, since no console
 * takes input; network gadgets by which a BMC offers itself to the host; Fibre Channel and iSCSI, as no step installs to
 * a storage network.
 */
export const wantedModules: Readonly<Record<ModuleGroup, readonly string[]>> = {
  storage: [
    'drivers/nvme/host/nvme.ko',
    // Memory that was set aside at the start.
    'drivers/nvdimm/nd_e820.ko',
    'drivers/nvdimm/nd_pmem.ko',
    'drivers/pci/controller/vmd.ko',
    'drivers/ata/ahci.ko',
    'drivers/ata/ata_generic.ko',
    'drivers/ata/ata_piix.ko',
    'drivers/ata/sata_mv.ko',
    'drivers/ata/sata_nv.ko',
    'drivers/ata/sata_svw.ko',
    'drivers/block/virtio_blk.ko',
    'drivers/message/fusion/mptsas.ko',
    'drivers/message/fusion/mptspi.ko',
    'drivers/scsi/3w-9xxx.ko',
    'drivers/scsi/3w-sas.ko',
    'drivers/scsi/aacraid/',
    'drivers/scsi/arcmsr/',
    'drivers/scsi/hpsa.ko',
    'drivers/scsi/isci/',
    'drivers/scsi/megaraid/megaraid_sas.ko',
    'drivers/scsi/mpi3mr/',
    'drivers/scsi/mpt3sas/',
    'drivers/scsi/mvsas/',
    'drivers/scsi/mvumi.ko',
    'drivers/scsi/pm8001/',
    'drivers/scsi/sd_mod.ko',
    'drivers/scsi/sg.ko',
    'drivers/scsi/smartpqi/',
    'drivers/scsi/stex.ko',
    'drivers/scsi/virtio_scsi.ko',
    'drivers/scsi/vmw_pvscsi.ko',
    'drivers/usb/storage/uas.ko',
    'drivers/usb/storage/usb-storage.ko',
    'drivers/md/raid0.ko',
    'drivers/md/raid1.ko',
    'drivers/md/raid10.ko',
    'drivers/md/raid456.ko',
  ],
  network: [
    'drivers/net/ethernet/amazon/ena/',
    'drivers/net/ethernet/amd/xgbe/',
    'drivers/net/ethernet/aquantia/atlantic/',
    'drivers/net/ethernet/broadcom/bnx2.ko',
    'drivers/net/ethernet/broadcom/bnx2x/',
    'drivers/net/ethernet/broadcom/bnxt/',
    'drivers/net/ethernet/broadcom/tg3.ko',
    'drivers/net/ethernet/chelsio/cxgb4/',
    'drivers/net/ethernet/cisco/enic/',
    'drivers/net/ethernet/emulex/benet/',
    'drivers/net/ethernet/intel/e1000/',
    'drivers/net/ethernet/intel/e1000e/',
    'drivers/net/ethernet/intel/i40e/',
    'drivers/net/ethernet/intel/ice/',
    'drivers/net/ethernet/intel/igb/',
    'drivers/net/ethernet/intel/igc/',
    'drivers/net/ethernet/intel/ixgbe/',
    'drivers/net/ethernet/marvell/sky2.ko',
    'drivers/net/ethernet/mellanox/mlx4/mlx4_en.ko',
    'drivers/net/ethernet/mellanox/mlx5/core/',
    'drivers/net/ethernet/realtek/8139too.ko',
    'drivers/net/ethernet/realtek/r8169.ko',
    'drivers/net/ethernet/sfc/sfc.ko',
    'drivers/net/phy/broadcom.ko',
    'drivers/net/phy/marvell.ko',
    'drivers/net/phy/realtek.ko',
    'drivers/net/virtio_net.ko',
    'drivers/net/vmxnet3/',
  ],
  base: [
    'arch/x86/crypto/crc32c-intel.ko',
    'arch/x86/crypto/crc32-pclmul.ko',
    'arch/x86/crypto/crct10dif-pclmul.ko',
    'crypto/crc32c_generic.ko',
    'crypto/crct10dif_generic.ko',
    'drivers/char/hw_random/virtio-rng.ko',
    'drivers/usb/host/ehci-pci.ko',
    'drivers/usb/host/uhci-hcd.ko',
    'drivers/usb/host/xhci-pci.ko',
    'drivers/virtio/virtio_pci.ko',
    'fs/efivarfs/',
    'fs/ext4/',
    'fs/fat/vfat.ko',
    'fs/nls/nls_ascii.ko',
    'fs/nls/nls_cp437.ko',
    'fs/nls/nls_iso8859-1.ko',
    'fs/nls/nls_utf8.ko',
  ],
};

export interface Module {
  /** Below the kernel's module directory, `kernel/drivers/...`. */
  readonly path: string;
  readonly group: ModuleGroup;
}

/**
 * The wanted modules and all they depend on. `dependencies` is the text of `modules.dep`; a wanted path that names no
 * module there is in `missing`: the kernel has moved or built it in.
 */
export function selectModules(dependencies: string): {
  readonly modules: readonly Module[];
  readonly missing: readonly string[];
} {
  const needs = new Map(
    dependencies
      .split('\n')
      .filter((line) => line.includes(':'))
      .map((line) => {
        const [path = '', ...rest] = line.split(/:? +|:$/);
        return [path, rest.filter((other) => other !== '')] as const;
      }),
  );
  const chosen = new Map<string, ModuleGroup>();
  const missing: string[] = [];
  for (const group of ['base', 'storage', 'network'] as const) {
    for (const wanted of wantedModules[group]) {
      const path = `kernel/${wanted}`;
      const found = path.endsWith('/') ? [...needs.keys()].filter((one) => one.startsWith(path)) : [path];
      if (!found.some((one) => needs.has(one))) missing.push(wanted);
      for (const one of found.flatMap((module) => [module, ...(needs.get(module) ?? [])]))
        if (needs.has(one) && !chosen.has(one)) chosen.set(one, group);
    }
  }
  const modules = [...chosen].map(([path, group]) => ({path, group}));
  return {modules: modules.sort((a, b) => (a.path < b.path ? -1 : 1)), missing};
}
