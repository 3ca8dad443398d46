import type {JsonObject} from '../../json.ts';
import {roles} from './accounts.ts';
import {at} from './paths.ts';
import type {RedfishParts} from './redfish.ts';
import {accountCollection, accountResource, accountService, roleResource} from './resource/account-service.ts';
import {
  certificateCollection,
  certificateLocations,
  certificateResource,
  certificateService,
  networkProtocol,
} from './resource/certificates.ts';
import {collection, link} from './resource/collection.ts';
import {eventService, subscriptionCollection, subscriptionResource} from './resource/event-service.ts';
import {hostInterfaceCollection, hostInterfaceResource} from './resource/host-interface.ts';
import {entries, entry, logService} from './resource/log-service.ts';
import {chassisResource, manager} from './resource/manager.ts';
import {serviceDocument, serviceRoot} from './resource/service-root.ts';
import {sessionCollection, sessionResource, sessionService} from './resource/session-service.ts';
import {drive, storage} from './resource/storage.ts';
import {system} from './resource/system.ts';
import {firmware, firmwareCollection, firmwareResource, updateService} from './resource/update-service.ts';
import {slot} from './resource/virtual-media.ts';

/** What resources are made of. */
export type Parts = Omit<RedfishParts, 'ailments'>;

/** What stands at a path now; undefined where nothing does. */
export function resourceAt(path: string, parts: Parts): JsonObject | undefined {
  return fixed.get(path)?.(parts) ?? numbered(path, parts);
}

const fixed = new Map<string, (parts: Parts) => JsonObject>([
  [at.versions, () => ({v1: `${at.root}/`})],
  [at.root, ({machine}) => serviceRoot(machine.uuid)],
  [at.service, () => serviceDocument],
  [at.systems, () => collection(at.systems, 'ComputerSystem', 'Systems', [link(at.system)])],
  [at.system, ({machine, power, board}) => system(machine, power(), board.boot())],
  [at.storages, () => collection(at.storages, 'Storage', 'Storage', [link(at.storage)])],
  [at.storage, ({machine}) => storage(machine.disks)],
  [at.chassisAll, () => collection(at.chassisAll, 'Chassis', 'Chassis', [link(at.chassis)])],
  [at.chassis, ({machine}) => chassisResource(machine.serial)],
  [at.managers, () => collection(at.managers, 'Manager', 'Managers', [link(at.manager)])],
  [at.manager, ({machine, clock}) => manager(machine.uuid, clock.now())],
  [at.slots, () => collection(at.slots, 'VirtualMedia', 'Virtual Media', [link(at.slot)])],
  [at.slot, ({board}) => slot(board.shown())],
  [at.logs, () => collection(at.logs, 'LogService', 'Log Services', [link(at.log)])],
  [at.log, ({clock}) => logService(clock.now())],
  [at.entries, ({board}) => entries(board.log())],
  [at.accountService, () => accountService],
  [at.accounts, ({standing}) => accountCollection(standing.accounts.all())],
  [
    at.roles,
    () =>
      collection(
        at.roles,
        'Role',
        'Roles',
        roles.map((role) => link(at.role(role))),
      ),
  ],
  [at.eventService, () => eventService],
  [at.subscriptions, ({standing}) => subscriptionCollection(standing.subscriptions())],
  [at.updateService, () => updateService],
  [at.firmwareAll, ({machine}) => firmwareCollection(machine)],
  [at.network, () => networkProtocol],
  [at.certificates, () => certificateCollection],
  [at.certificate, ({certificate}) => certificateResource(certificate)],
  [at.certificateService, () => certificateService],
  [at.certificateLocations, () => certificateLocations],
  [at.hostInterfaces, () => hostInterfaceCollection],
  [at.hostInterface, ({standing}) => hostInterfaceResource(standing.hostInterface())],
  [at.sessionService, ({sessions}) => sessionService(sessions)],
  [at.sessions, ({sessions}) => sessionCollection(sessions.all())],
]);

/** Members of collections: accounts, roles, subscriptions, firmware, drives, log entries, sessions. */
function numbered(path: string, {machine, board, sessions, standing}: Parts): JsonObject | undefined {
  const account = standing.accounts.all().find(({id}) => at.account(id) === path);
  if (account) return accountResource(account);
  const role = roles.find((each) => at.role(each) === path);
  if (role) return roleResource(role);
  const subscription = standing.subscriptions().find(({id}) => at.subscription(id) === path);
  if (subscription) return subscriptionResource(subscription);
  const part = Object.entries(firmware(machine)).find(([id]) => at.firmware(id) === path);
  if (part) return firmwareResource(...part);
  const session = sessions.all().find(({id}) => at.session(id) === path);
  if (session) return sessionResource(session);
  const line = board.log().find(({id}) => at.entry(id) === path);
  if (line) return entry(line);
  const index = machine.disks.findIndex((_, index) => at.drive(index) === path);
  const disk = machine.disks[index];
  return disk && drive(disk, index);
}
