import type {JsonObject} from '../../../json.ts';
import type {LabDisk} from '../../blueprint.ts';
import {at} from '../paths.ts';
import {healthy, link, resource} from './collection.ts';

export const storage = (disks: readonly LabDisk[]): JsonObject =>
  resource(at.storage, 'Storage.v1_13_0.Storage', '1', 'Storage', {
    Status: healthy,
    Drives: disks.map((_, index) => link(at.drive(index))),
    'Drives@odata.count': disks.length,
  });

const protocol = {virtio: 'PCIe', nvme: 'NVMe', sata: 'SATA'} as const;

export const drive = (disk: LabDisk, index: number): JsonObject =>
  resource(at.drive(index), 'Drive.v1_15_0.Drive', String(index), `Drive ${index}`, {
    Manufacturer: 'QEMU',
    Model: `lab ${disk.bus}`,
    SerialNumber: disk.serial,
    CapacityBytes: disk.sizeBytes,
    MediaType: 'SSD',
    Protocol: protocol[disk.bus],
    PhysicalLocation: {PartLocation: {LocationType: 'Bay', LocationOrdinalValue: index}},
    Status: healthy,
    Links: {Chassis: link(at.chassis)},
  });
