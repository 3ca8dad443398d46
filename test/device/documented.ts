import type {Resource} from './replies.ts';

const root = '/redfish/v1';
const link = (path: string): Resource => ({'@odata.id': `${root}/${path}`});

/**
 * A BMC nobody has recorded for us, by the shape that its vendor's source or documentation gives: bmcweb calls accounts
 * by their names and has no host interface of its own; MegaRAC numbers them and ships its host interface open.
 */
export function documented(vendor: 'openbmc' | 'ami', user: string): Map<string, Resource> {
  const manager = vendor === 'openbmc' ? 'Managers/bmc' : 'Managers/Self';
  const system = vendor === 'openbmc' ? 'Systems/system' : 'Systems/Self';
  const ids = vendor === 'openbmc' ? [user, 'support2'] : ['1', '2'];
  const account = (name: string, id: string): [string, Resource] => [
    `${root}/AccountService/Accounts/${id}`,
    {Id: id, UserName: name, Password: null, RoleId: 'Administrator', Enabled: true},
  ];
  const [own = '', other = ''] = ids;
  return new Map<string, Resource>([
    [
      root,
      {
        ...(vendor === 'ami' && {Vendor: 'AMI'}),
        Systems: link('Systems'),
        Managers: link('Managers'),
        AccountService: link('AccountService'),
        SessionService: link('SessionService'),
        Links: {Sessions: link('SessionService/Sessions')},
      },
    ],
    [`${root}/Systems`, {Members: [link(system)]}],
    [`${root}/${system}`, {Id: 'system', SerialNumber: 'S1', PowerState: 'On', Links: {ManagedBy: [link(manager)]}}],
    [`${root}/Managers`, {Members: [link(manager)]}],
    [
      `${root}/${manager}`,
      vendor === 'openbmc' ? {Model: 'OpenBmc'} : {Id: 'Self', HostInterfaces: link(`${manager}/HostInterfaces`)},
    ],
    [`${root}/Managers/Self/HostInterfaces`, {Members: [link('Managers/Self/HostInterfaces/Self')]}],
    [
      `${root}/Managers/Self/HostInterfaces/Self`,
      {Id: 'Self', InterfaceEnabled: true, CredentialBootstrapping: {Enabled: true, RoleId: 'Administrator'}},
    ],
    [
      `${root}/AccountService`,
      {Accounts: link('AccountService/Accounts'), MinPasswordLength: 8, MaxPasswordLength: 20},
    ],
    [`${root}/AccountService/Accounts`, {Members: ids.map((id) => link(`AccountService/Accounts/${id}`))}],
    account(user, own),
    account('support2', other),
    [`${root}/SessionService/Sessions`, {Members: []}],
  ]);
}
