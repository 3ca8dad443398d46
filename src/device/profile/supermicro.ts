import {generic} from './generic.ts';
import type {Profile} from './profile.ts';

/** X11 to X13 and H13. X10 mounts over SMB by an OEM resource, which this client does not speak. */
export const supermicro: Profile = {
  ...generic,
  name: 'supermicro',
  match: {vendor: /^super\s?micro/i, oem: ['Supermicro'], manufacturer: /^super\s?micro/i},
  // ImageName stays after an eject (community.general pull requests 7470 and 12537).
  state: {...generic.state, attachedBy: 'ConnectedVia'},
  ways: [
    // The least privilege that IPMI has: Callback may do nothing but end its session (X13 11.01.01 as delivered: Administrator).
    {
      kind: 'kcs',
      at: {is: 'linked', by: ['Oem', 'Supermicro', 'KCSInterface']},
      property: ['Privilege'],
      closed: ['Callback', 'No Access'],
    },
    ...generic.ways,
  ],
  kcs: 'this BMC does not show the resource KCSInterface',
  boot: {
    // "Cd" is the physical drive; the virtual one is UsbCd (ironic, drivers/modules/redfish/boot.py and management.py).
    // SYS-821GE-TNHR, X13 11.01.01, lists both.
    targets: ['UsbCd', 'Cd'],
    // Enabled must come with every PATCH, and without Mode it falls back to Legacy (ironic, management.py).
    resend: true,
  },
};
