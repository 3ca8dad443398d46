import type {JsonObject} from '../../../json.ts';
import type {Blueprint} from '../../blueprint.ts';
import {bootEnablements, bootTargets, resetTypes, type BootOverride} from '../board.ts';
import {at} from '../paths.ts';
import {healthy, link, resource} from './collection.ts';

export function system(machine: Blueprint, power: 'on' | 'off', boot: BootOverride): JsonObject {
  return resource(at.system, 'ComputerSystem.v1_20_0.ComputerSystem', '1', machine.host, {
    SystemType: 'Physical',
    Manufacturer: 'rebuild',
    Model: 'lab',
    SerialNumber: machine.serial,
    UUID: machine.uuid,
    PowerState: power === 'on' ? 'On' : 'Off',
    Status: healthy,
    MemorySummary: {TotalSystemMemoryGiB: machine.memoryMiB / 1024},
    ProcessorSummary: {Count: 1, LogicalProcessorCount: machine.cpus},
    Boot: {
      BootSourceOverrideEnabled: boot.enabled,
      'BootSourceOverrideEnabled@Redfish.AllowableValues': bootEnablements,
      BootSourceOverrideTarget: boot.target,
      'BootSourceOverrideTarget@Redfish.AllowableValues': bootTargets,
      BootSourceOverrideMode: bootMode(machine),
      'BootSourceOverrideMode@Redfish.AllowableValues': [bootMode(machine)],
    },
    Storage: link(at.storages),
    Links: {Chassis: [link(at.chassis)], ManagedBy: [link(at.manager)]},
    Actions: {
      '#ComputerSystem.Reset': {target: at.reset, 'ResetType@Redfish.AllowableValues': resetTypes},
    },
  });
}

export const bootMode = ({firmware}: Pick<Blueprint, 'firmware'>): 'UEFI' | 'Legacy' =>
  firmware === 'uefi' ? 'UEFI' : 'Legacy';
