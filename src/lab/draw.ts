import {createHash} from 'node:crypto';
import {join} from 'node:path';
import type {HostName} from '../brand.ts';
import {fault} from '../fault.ts';
import {failed, ok, type Result} from '../result.ts';
import type {DiskSpec, Runbook} from '../runbook/runbook.ts';
import type {Blueprint, LabDisk} from './blueprint.ts';
import type {LabFolder} from './folder.ts';
import type {Material} from './material.ts';
import {labPartitions} from './machine/partitions.ts';
import type {Layout} from './network/layout.ts';

/** Sizes of the lab's disks, whatever the runbook's are: the one the system is on, and every other. */
export const labDiskBytes = {system: 8_000_000_000, other: 4_096_000_000} as const;

// QEMU cuts a longer serial number: VIRTIO_BLK_ID_BYTES, NVMe's SN field and ATA's word 10 to 19 all have 20.
const longestSerial = 20;
// A q35 has six SATA ports and the CD drive takes the last.
const mostDisks = 5;

/** The runbook's disks as the lab makes them; the system is on the first that is not kept. */
export function labDisks(
  places: readonly DiskSpec[],
  {disks: directory}: Pick<LabFolder, 'disks'>,
  firmware: Blueprint['firmware'],
): Result<readonly LabDisk[]> {
  const disks = places.filter(({partition, ram}) => !partition && !ram);
  const system = systemDisk(disks);
  if (system === undefined) return failed(fault('lab.failed', 'the lab needs a disk that is not kept'));
  if (disks.length > mostDisks) return failed(fault('lab.failed', `the lab's machine has room for ${mostDisks} disks`));
  const long = disks.find(({serial}) => serial.length > longestSerial);
  if (long)
    return failed(fault('lab.failed', `QEMU cuts a serial number longer than ${longestSerial}: ${long.serial}`));
  return ok(
    // The system comes first in the boot order.
    [system, ...disks.filter((disk) => disk !== system)].map((disk): LabDisk => ({
      name: disk.name,
      serial: disk.serial,
      keep: disk.keep,
      path: join(directory, `${disk.name}.raw`),
      sizeBytes: disk === system ? labDiskBytes.system : labDiskBytes.other,
      bus: disk === system ? systemBus[firmware] : 'virtio',
      partitions: labPartitions(disk.serial, places),
    })),
  );
}

export const systemDisk = (disks: readonly DiskSpec[]): DiskSpec | undefined => disks.find(({keep}) => !keep);

const systemBus = {uefi: 'nvme', bios: 'virtio'} as const;

export interface Drawing {
  readonly runbook: Runbook;
  readonly folder: LabFolder;
  readonly layout: Layout;
  readonly material: Material;
  readonly firmware: Blueprint['firmware'];
  readonly secureBoot: boolean;
  readonly accelerator: Blueprint['accelerator'];
  /** There is an old system, and whoever owned it has been at the BMC. */
  readonly intruded: boolean;
  readonly userspace?: NonNullable<Blueprint['userspace']>;
}

/** The machine and its surroundings as `runbook` describes them. */
export function drawBlueprint(drawing: Drawing): Result<Blueprint> {
  const {runbook, folder, layout, material, firmware, secureBoot, accelerator, intruded, userspace} = drawing;
  const disks = labDisks(Object.values(runbook.disks), folder, firmware);
  if (!disks.ok) return disks;
  const {host, network} = runbook;
  return ok({
    host: host.name,
    serial: host.serial,
    uuid: uuidOf(host.serial),
    mac: network.mac,
    firmware,
    secureBoot,
    accelerator,
    cdDrive: 'usb',
    memoryMiB: 1024,
    cpus: 2,
    disks: disks.value,
    prefix: namespacePrefix(host.name, folder),
    layout,
    ...(userspace && {userspace}),
    certificate: material.certificate,
    intruded,
    pins: material.pins,
  });
}

/** `rb-marruuk-1f2e3d4c`; the tag tells apart labs of one host name that are kept in different places. */
export const namespacePrefix = (host: HostName, {tag}: Pick<LabFolder, 'tag'>): string => `rb-${host}-${tag}`;

/** The same machine has the same UUID in every lab (version 8, RFC 9562: made of a digest). */
function uuidOf(serial: string): string {
  const hex = createHash('sha256').update(`rebuild lab ${serial}`).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), `8${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    '-',
  );
}
