import type {JsonObject} from '../../json.ts';
import {at} from './paths.ts';
import type {RedfishParts} from './redfish.ts';
import {collection, link} from './resource/collection.ts';
import {entries, entry, logService} from './resource/log-service.ts';
import {chassisResource, manager} from './resource/manager.ts';
import {serviceDocument, serviceRoot} from './resource/service-root.ts';
import {sessionCollection, sessionResource, sessionService} from './resource/session-service.ts';
import {drive, storage} from './resource/storage.ts';
import {system} from './resource/system.ts';
import {slot} from './resource/virtual-media.ts';

/** What stands at a path now; undefined where nothing does. */
export function resourceAt(
  path: string,
  parts: Omit<RedfishParts, 'credentials' | 'ailments'>,
): JsonObject | undefined {
  return fixed.get(path)?.(parts) ?? numbered(path, parts);
}

type Parts = Parameters<typeof resourceAt>[1];

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
  [at.sessionService, ({sessions}) => sessionService(sessions)],
  [at.sessions, ({sessions}) => sessionCollection(sessions.all())],
]);

/** Members of collections: drives, log entries, sessions. */
function numbered(path: string, {machine, board, sessions}: Parts): JsonObject | undefined {
  const session = sessions.all().find(({id}) => at.session(id) === path);
  if (session) return sessionResource(session);
  const line = board.log().find(({id}) => at.entry(id) === path);
  if (line) return entry(line);
  const index = machine.disks.findIndex((_, index) => at.drive(index) === path);
  const disk = machine.disks[index];
  return disk && drive(disk, index);
}
