import type {JsonObject} from '../../../json.ts';
import type {Blueprint} from '../../blueprint.ts';
import {at} from '../paths.ts';
import {collection, healthy, link, resource} from './collection.ts';

/** Versions of the lab's firmware, by id. */
export const firmware = ({firmware}: Pick<Blueprint, 'firmware'>): Readonly<Record<string, string>> => ({
  BMC: '1.0.0',
  BIOS: firmware === 'uefi' ? 'OVMF' : 'SeaBIOS',
});

export const updateService: JsonObject = resource(
  at.updateService,
  'UpdateService.v1_12_0.UpdateService',
  'UpdateService',
  'Update Service',
  // It lists; nothing can be updated.
  {ServiceEnabled: false, Status: healthy, FirmwareInventory: link(at.firmwareAll), Actions: {}},
);

export const firmwareCollection = (machine: Blueprint): JsonObject =>
  collection(
    at.firmwareAll,
    'SoftwareInventory',
    'Firmware Inventory',
    Object.keys(firmware(machine)).map((id) => link(at.firmware(id))),
  );

export const firmwareResource = (id: string, version: string): JsonObject =>
  resource(at.firmware(id), 'SoftwareInventory.v1_10_0.SoftwareInventory', id, id, {
    Version: version,
    Updateable: false,
    Status: healthy,
  });
