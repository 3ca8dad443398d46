import type {Instant} from '../../../brand.ts';
import type {JsonObject} from '../../../json.ts';
import {at} from '../paths.ts';
import {healthy, link, resource} from './collection.ts';

export const manager = (uuid: string, now: Instant): JsonObject =>
  resource(at.manager, 'Manager.v1_17_0.Manager', 'bmc', 'Manager', {
    ManagerType: 'BMC',
    Manufacturer: 'rebuild',
    Model: 'lab BMC',
    FirmwareVersion: '1.0.0',
    ServiceEntryPointUUID: uuid,
    DateTime: now,
    DateTimeLocalOffset: '+00:00',
    PowerState: 'On',
    Status: healthy,
    VirtualMedia: link(at.slots),
    LogServices: link(at.logs),
    NetworkProtocol: link(at.network),
    HostInterfaces: link(at.hostInterfaces),
    Links: {ManagerForServers: [link(at.system)], ManagerForChassis: [link(at.chassis)]},
    // DMTF's schema has no way to the screen; vendors put theirs here (DSP0266, OEM actions).
    Actions: {Oem: {'#Rebuild.CaptureScreen': {target: at.screen}}},
  });

export const chassisResource = (serial: string): JsonObject =>
  resource(at.chassis, 'Chassis.v1_21_0.Chassis', '1', 'Chassis', {
    ChassisType: 'RackMount',
    Manufacturer: 'rebuild',
    Model: 'lab',
    SerialNumber: serial,
    Status: healthy,
    Links: {ComputerSystems: [link(at.system)], ManagedBy: [link(at.manager)]},
  });
