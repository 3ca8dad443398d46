import {fault} from '../../fault.ts';
import {failed, ok, type Result} from '../../result.ts';
import type {SystemFacts} from '../../step/world/bmc.ts';
import {detect} from '../profile/detect.ts';
import type {Profile} from '../profile/profile.ts';
import type {Client} from './client.ts';
import {powerOf} from './power-request.ts';
import {link, links, text} from './tree.ts';

/** The one machine this BMC is asked about: where its resources are, and its vendor's ways. */
export interface Machine {
  readonly system: string;
  readonly manager: string | undefined;
  readonly profile: Profile;
}

// A chassis manager may list every blade; more than this is no server's BMC.
const mostSystems = 32;

/**
 * Finds the system. Where a BMC has several (blades, a baseboard of accelerators beside the host), the one with the
 * runbook's serial number is meant; without a match the first that can be powered, so that the caller sees its serial.
 */
export async function findMachine(client: Client, root: unknown, serial?: string): Promise<Result<Machine>> {
  const collection = await client.get(link(root, 'Systems') ?? '/redfish/v1/Systems');
  if (!collection.ok) return collection;
  const found: {readonly path: string; readonly body: unknown}[] = [];
  for (const path of links(collection.value.body, 'Members').slice(0, mostSystems)) {
    const system = await client.get(path);
    if (!system.ok) return system;
    found.push({path, body: system.value.body});
  }
  const chosen =
    found.find(({body}) => serial !== undefined && [text(body, 'SerialNumber'), text(body, 'SKU')].includes(serial)) ??
    found.find(({body}) => text(body, 'Actions', '#ComputerSystem.Reset', 'target') !== undefined) ??
    found[0];
  if (chosen === undefined) return failed(fault('bmc.feature-missing', 'the BMC lists no system'));
  const managers = await managersOf(client, root, chosen.body);
  if (!managers.ok) return managers;
  const [manager] = managers.value;
  const about = manager === undefined ? undefined : await client.get(manager);
  if (about?.ok === false) return about;
  return ok({system: chosen.path, manager, profile: detect(root, chosen.body, about?.value.body)});
}

async function managersOf(client: Client, root: unknown, system: unknown): Promise<Result<readonly string[]>> {
  const named = links(system, 'Links', 'ManagedBy');
  if (named.length > 0) return ok(named);
  const collection = await client.find(link(root, 'Managers') ?? '/redfish/v1/Managers');
  return collection.ok ? ok(links(collection.value?.body, 'Members')) : collection;
}

export function systemFacts(profile: Profile, body: unknown): Result<SystemFacts> {
  const serial = profile.serial
    .map((name) => text(body, name)?.trim())
    .find((value) => value !== undefined && value !== '');
  const power = powerOf(body);
  if (serial === undefined)
    return failed(fault('bmc.feature-missing', 'the BMC does not tell the system’s serial number'));
  if (power === undefined) return failed(fault('bmc.refused', 'the BMC does not tell whether the system is on'));
  return ok({
    vendor: text(body, 'Manufacturer') ?? '',
    model: text(body, 'Model') ?? '',
    serial,
    power,
    profile: profile.name,
  });
}
