import {ok, type Result} from '../../result.ts';
import type {ControllerLog} from '../../step/health/drive.ts';
import type {DriveMap} from '../../step/health/drive-map.ts';
import type {BmcHealth} from '../../step/world/bmc.ts';
import type {Client} from './client.ts';
import {orderOfMember} from './log-entry.ts';
import {logPlaces, type LogPlace} from './log-places.ts';
import type {Machine} from './machine.ts';
import {idOf, membersOf, readAll, short} from './members.ts';
import {link, links, list, member, number, text} from './tree.ts';

const mostControllers = 64;
const mostDrives = 512;
const mostChassis = 4;
// Logs hold up to some thousands; what is older than these pages and entries has been seen by somebody.
const mostPages = 8;
const mostEntries = 1000;
// Where a collection only links to its entries (iLO), each is a request of its own.
const mostLinked = 64;

/** What cannot be read is named and hides nothing else; a BMC that is gone is a fault. */
export async function readHealth(client: Client, machine: Machine): Promise<Result<BmcHealth>> {
  const unread: string[] = [];
  /** Undefined where it was refused. */
  const taken = <T>(what: string, read: Result<T>): Result<T | undefined> => {
    if (read.ok || read.fault.code === 'bmc.unreachable' || read.fault.code === 'run.interrupted') return read;
    unread.push(`${what}: ${read.fault.says}`);
    return ok(undefined);
  };
  const about = await client.get(machine.system);
  if (!about.ok) return about;
  const system = about.value.body;

  const storages = taken('storage', await membersOf(client, link(system, 'Storage'), mostControllers));
  if (!storages.ok) return storages;
  const maps: DriveMap[] = [];
  for (const {path, body} of storages.value ?? []) {
    const source = `bmc ${idOf(path)}`;
    const drives = taken(source, await readAll(client, links(body, 'Drives').slice(0, mostDrives)));
    if (!drives.ok) return drives;
    const slots = slotsOf(drives.value ?? []);
    if (Object.keys(slots).length > 0) maps.push({source, slots});
  }

  const owners = [machine.manager, machine.system, ...links(system, 'Links', 'Chassis').slice(0, mostChassis)];
  const logs: ControllerLog[] = [];
  for (const owner of new Set(owners)) {
    if (owner === undefined) continue;
    const places = taken(`logs of ${nameOf(owner)}`, await logPlaces(client, [owner]));
    if (!places.ok) return places;
    for (const place of places.value ?? []) {
      const controller = `bmc ${nameOf(owner)} ${place.id}`;
      const lines = taken(controller, await linesOf(client, place));
      if (!lines.ok) return lines;
      if (lines.value) logs.push({controller, bytes: Buffer.from(lines.value.map((line) => `${line}\n`).join(''))});
    }
  }
  return ok({maps, logs, unread});
}

/** `/redfish/v1/Managers/1` is `Managers/1`. */
const nameOf = (owner: string): string => short(owner.split('/').filter(Boolean).slice(-2).join('/'));

/** Serial numbers by the name that is printed at the slot, where the BMC has it. */
function slotsOf(drives: readonly {readonly path: string; readonly body: unknown}[]): DriveMap['slots'] {
  const slots = new Map<string, string>();
  for (const {path, body} of drives) {
    const serial = text(body, 'SerialNumber')?.trim();
    if (serial === undefined || serial === '' || text(body, 'Status', 'State') === 'Absent') continue;
    const place = ['PhysicalLocation', 'PartLocation'];
    const ordinal = number(body, ...place, 'LocationOrdinalValue');
    const name = short(
      text(body, ...place, 'ServiceLabel') ??
        (ordinal === undefined ? idOf(path) : `${text(body, ...place, 'LocationType') ?? 'Slot'} ${ordinal}`),
    );
    // Enclosures number their slots each for itself.
    slots.set(slots.has(name) ? `${name} (${idOf(path)})` : name, short(serial));
  }
  return Object.fromEntries(slots);
}

async function linesOf(client: Client, {entries}: LogPlace): Promise<Result<readonly string[]>> {
  const members: unknown[] = [];
  let next: string | undefined = entries;
  for (let page = 0; next !== undefined && page < mostPages; page++) {
    const reply = await client.find(next);
    if (!reply.ok) return reply;
    members.push(...list(reply.value?.body, 'Members'));
    next = text(reply.value?.body, 'Members@odata.nextLink');
  }
  const newest = members.toSorted((a, b) => orderOfMember(a) - orderOfMember(b)).slice(-mostEntries);
  const linked = newest.filter((entry) => member(entry, 'Message') === undefined).flatMap((entry) => link(entry) ?? []);
  const whole = await readAll(client, linked.slice(-mostLinked));
  if (!whole.ok) return whole;
  return ok([...newest, ...whole.value.map(({body}) => body)].flatMap((entry) => aboutDrives(entry) ?? []));
}

const drivesAndControllers =
  /\b(?:drives?|disks?|raid|arrays?|controllers?|slot|bay|enclosures?|backplanes?|volumes?|hdd|ssd|nvme|sas|sata|phy)\b/i;
// What was typed at a login is anybody's.
const logins = /\blog(?:ged|ging)?[ -]?(?:in|on|out|off)\b|\bsession\b|\bpassword\b|\bauthenticat/i;
const word = /\p{L}{3}/u;

/**
 * The message as it came, however long, where it is about drives or their controllers. One without a single word is
 * nobody's, and counts: a controller that is going writes such.
 */
function aboutDrives(entry: unknown): string | undefined {
  const says = member(entry, 'Message');
  if (typeof says !== 'string' || says === '' || logins.test(says)) return undefined;
  return drivesAndControllers.test(says) || !word.test(says) ? says : undefined;
}
