import {ok, type Result} from '../../result.ts';
import type {DriveFacts} from '../../step/world/bmc.ts';
import type {Client} from './client.ts';
import {readAll} from './members.ts';
import {link, links, list, number, text} from './tree.ts';

const mostControllers = 64;
const mostDrives = 512;

/**
 * Drives with a serial number, as the BMC sees them. Undefined where it shows none: many BMCs see only what hangs on
 * their vendor's RAID controller, some only while the host is on, so an empty list would say more than they know.
 */
export async function readDrives(client: Client, system: string): Promise<Result<readonly DriveFacts[] | undefined>> {
  const about = await client.get(system);
  if (!about.ok) return about;
  const controllers = await membersOf(client, link(about.value.body, 'Storage'));
  if (!controllers.ok) return controllers;
  const paths = [...new Set(controllers.value.flatMap((controller) => links(controller, 'Drives')))];
  const drives = await readAll(client, paths.slice(0, mostDrives));
  if (!drives.ok) return drives;
  const simple = await membersOf(client, link(about.value.body, 'SimpleStorage'));
  if (!simple.ok) return simple;
  const devices = simple.value.flatMap((controller) => list(controller, 'Devices'));
  const found = new Map(
    [...drives.value.map(({body}) => body), ...devices]
      .flatMap((body) => drive(body) ?? [])
      .map((each) => [each.serial, each]),
  );
  return ok(found.size === 0 ? undefined : [...found.values()]);
}

async function membersOf(client: Client, collection: string | undefined): Promise<Result<readonly unknown[]>> {
  if (collection === undefined) return ok([]);
  const reply = await client.find(collection);
  if (!reply.ok) return reply;
  const found = await readAll(client, links(reply.value?.body, 'Members').slice(0, mostControllers));
  return found.ok ? ok(found.value.map(({body}) => body)) : found;
}

function drive(body: unknown): DriveFacts | undefined {
  const serial = text(body, 'SerialNumber')?.trim();
  if (serial === undefined || serial === '') return undefined;
  return {
    serial,
    vendor: text(body, 'Manufacturer')?.trim() ?? '',
    model: text(body, 'Model')?.trim() ?? '',
    sizeBytes: number(body, 'CapacityBytes') ?? 0,
  };
}
