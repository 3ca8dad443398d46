import {generic} from './generic.ts';
import type {Profile} from './profile.ts';

/** iLO 5 to 7. */
export const hpe: Profile = {
  ...generic,
  name: 'hpe',
  match: {vendor: /^(hpe|hewlett)/i, oem: ['Hpe', 'Hp'], manufacturer: /^(hpe|hewlett)/i},
  // The iLO's own event log; the system's IML holds hardware. Codes as recorded on a DL360 with iLO 5.
  log: {prefer: [/^IEL$/], inserted: ['35.168'], ejected: ['35.169']},
  ways: [
    // iLO 6 from 1.40 and iLO 7 (NVIDIA libredfish, hpe.rs); iLO 5 2.72 has no such property.
    {
      kind: 'kcs',
      at: {is: 'linked', by: ['NetworkProtocol']},
      property: ['Oem', 'Hpe', 'KcsEnabled'],
      closed: [false],
    },
    // What HostInterfaces/1 shows (DL385, iLO 5 2.72).
    {kind: 'host-interface', at: {is: 'manager'}, property: ['Oem', 'Hpe', 'VirtualNICEnabled'], closed: [false]},
    ...generic.ways,
  ],
  kcs: 'iLO has a property for it from iLO 6 1.40 on; before, only its “Require Host Authentication” and iLO’s own set-up',
  // iLO 5 log, DL360: 35.168 "inserted" 06:46:36, 35.169 "ejected by: Server_Reboot" 07:07:50, and so on each reset.
  onReset: 'dropped',
};
