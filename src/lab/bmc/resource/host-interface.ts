import type {JsonObject} from '../../../json.ts';
import {at} from '../paths.ts';
import type {HostInterface} from '../standing.ts';
import {collection, link, resource} from './collection.ts';

export const hostInterfaceCollection: JsonObject = collection(at.hostInterfaces, 'HostInterface', 'Host Interfaces', [
  link(at.hostInterface),
]);

export const hostInterfaceResource = ({enabled, bootstrapping}: HostInterface): JsonObject =>
  resource(at.hostInterface, 'HostInterface.v1_3_1.HostInterface', '1', 'Host Interface', {
    HostInterfaceType: 'NetworkHostInterface',
    InterfaceEnabled: enabled,
    ExternallyAccessible: false,
    CredentialBootstrapping: {Enabled: bootstrapping, EnableAfterReset: true, RoleId: 'Administrator'},
    Status: {State: enabled ? 'Enabled' : 'Disabled', Health: 'OK'},
    Links: {ComputerSystems: [link(at.system)]},
  });
