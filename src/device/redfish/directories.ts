import {ok, type Result} from '../../result.ts';
import type {Client} from './client.ts';
import {idOf, membersOf} from './members.ts';
import {flag, link} from './tree.ts';

const mostProviders = 32;

const builtIn = {LDAP: 'ldap', ActiveDirectory: 'active directory', TACACSplus: 'tacacs+', OAuth2: 'oauth2'} as const;

/** Directories that are switched on: whoever runs one decides who may use the BMC. */
export async function readDirectories(client: Client, root: unknown): Promise<Result<readonly string[]>> {
  const service = await client.get(link(root, 'AccountService') ?? '/redfish/v1/AccountService');
  if (!service.ok) return service;
  const about = service.value.body;
  const more = await membersOf(client, link(about, 'AdditionalExternalAccountProviders'), mostProviders);
  if (!more.ok) return more;
  return ok([
    ...Object.entries(builtIn).flatMap(([name, called]) => (flag(about, name, 'ServiceEnabled') ? [called] : [])),
    ...more.value.flatMap(({path, body}) => (flag(body, 'ServiceEnabled') ? [idOf(path)] : [])),
  ]);
}
