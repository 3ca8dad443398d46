import {generic} from './generic.ts';
import type {Profile} from './profile.ts';

/** XCC, XCC2 and XCC3. The AMI-based models (SR635, SR655) offer InsertMedia, which is then used like everywhere. */
export const lenovo: Profile = {
  ...generic,
  name: 'lenovo',
  match: {vendor: /^lenovo/i, oem: ['Lenovo'], manufacturer: /^lenovo/i},
  slots: {
    // EXT1 to EXT4 take a URL; Remote1 to Remote4 belong to the remote console; RDOC holds uploaded files
    // (SR670 V2, XCC 2.83; pubs.lenovo.com/xcc3-restapi, "Insert or eject virtual media").
    prefer: [/^EXT\d+$/],
    exclude: [/^Remote\d+$/, /^RDOC\d+$/],
  },
  // No Actions on any slot (SR670 V2, XCC 2.83); PATCH needs both properties (pubs.lenovo.com/xcc3-restapi;
  // Ansible community.general pull request 289).
  insert: {...generic.insert, withoutAction: 'patch', fields: ['Inserted']},
  ways: [
    // A flag on XCC 2.83 (SR670 V2), a text on some (NVIDIA libredfish, lenovo.rs).
    {kind: 'kcs', at: {is: 'manager'}, property: ['Oem', 'Lenovo', 'KCSEnabled'], closed: [false, 'Disabled']},
    // The manager's own interface of that name; it was not recorded.
    {
      kind: 'host-interface',
      at: {is: 'below', path: 'EthernetInterfaces/ToHost'},
      property: ['InterfaceEnabled'],
      closed: [false],
    },
    ...generic.ways,
  ],
  kcs: 'this XCC does not show the property KCSEnabled',
};
