import {ok, type Result} from '../../result.ts';
import type {BmcFirmware} from '../../step/bmc/state.ts';
import type {Client} from './client.ts';
import {idOf, membersOf, short} from './members.ts';
import {link, text} from './tree.ts';

// SYS-821GE lists 106.
const mostFirmware = 1024;

/** Versions as the BMC reports them: a changed firmware may report what it likes. */
export async function readFirmware(client: Client, root: unknown): Promise<Result<readonly BmcFirmware[]>> {
  const at = link(root, 'UpdateService');
  const service = at === undefined ? ok(undefined) : await client.find(at);
  if (!service.ok) return service;
  const members = await membersOf(client, link(service.value?.body, 'FirmwareInventory'), mostFirmware);
  if (!members.ok) return members;
  return ok(
    members.value.map(({path, body}) => ({
      id: idOf(path),
      name: short(text(body, 'Name') ?? ''),
      version: short(text(body, 'Version') ?? ''),
    })),
  );
}
