import {generic} from './generic.ts';
import type {Profile} from './profile.ts';

/** iDRAC 8 to 10. */
export const dell: Profile = {
  ...generic,
  name: 'dell',
  match: {vendor: /^dell/i, oem: ['Dell'], manufacturer: /^dell/i},
  // SerialNumber is the board's; the service tag, which DMI reports as the system's, is SKU
  // (R750, iDRAC9 6.00: SKU = Oem.Dell.ServiceTag of the root = Oem.Dell.DellSystem.NodeID).
  serial: ['SKU', 'SerialNumber'],
  slots: {
    // iDRAC10 (17G) boots from slot 1 only (ironic, drivers/modules/drac/boot.py); iDRAC9 before 6.00 calls its CD "CD".
    prefer: [/^1$/, /^CD$/],
    exclude: [/^RemovableDisk$/],
  },
  // The Lifecycle log has the sessions of virtual media (VME) and remote file shares (RAC); Sel holds hardware only.
  // Codes from Dell's error and event message reference; no recording was at hand.
  log: {prefer: [/^Lclog$/], inserted: ['VME0002', 'VME0008', 'RAC0777'], ejected: ['VME0004', 'VME0006', 'RAC0776']},
  // iDRAC keeps `Inserted: true` and the old URL of an image that is gone (ironic release note
  // fix-redfish-vmedia-stale-insert-skip): the client's rule to eject first, whatever the slot claims, covers it.
};
