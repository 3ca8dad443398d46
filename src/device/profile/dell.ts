import {generic} from './generic.ts';
import type {Profile} from './profile.ts';
import type {Way} from './way.ts';

/** iDRAC keeps its settings as attributes; the resource is linked only in a list of three. */
const attribute = (name: string, kind: Way['kind']): Way => ({
  kind,
  at: {is: 'below', path: 'Oem/Dell/DellAttributes/iDRAC.Embedded.1'},
  property: ['Attributes', name],
  closed: ['Disabled'],
});

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
  // 16 slots, of which none goes away: DELETE came with later firmware. One write with all three leaves the role as it was
  // (dell/iDRAC-Redfish-Scripting issue 288).
  accounts: {free: [{Enabled: false, RoleId: 'None'}, {UserName: ''}]},
  // Host.1 (R750, iDRAC9 6.00) only shows what OS-BMC.1.AdminState sets. LocalSecurity is local racadm's way in
  // (NVIDIA libredfish, dell.rs). The attributes' own resource was not recorded.
  ways: [
    attribute('OS-BMC.1.AdminState', 'host-interface'),
    attribute('LocalSecurity.1.LocalConfig', 'tools'),
    ...generic.ways,
  ],
  kcs: 'iDRAC closes it only with its whole system lockdown, which would also stop this rebuild',
  // dell/iDRAC-Redfish-Scripting, ExportServerScreenShotREDFISH.py 2.0: 200 or 202, the picture in that answer. It calls it a
  // PNG; users of iDRAC9 found JPEGs. The manager links the service (R750, iDRAC9 6.00), whose place in version 1.0 of the
  // script is below /redfish/v1/Dell. The service itself was not recorded.
  screen: {
    at: {is: 'service', by: ['Links', 'Oem', 'Dell', 'DellLCService'], below: 'Oem/Dell/DellLCService'},
    action: '#DellLCService.ExportServerScreenShot',
    body: {FileType: 'ServerScreenShot'},
    picture: ['ServerScreenShotFile'],
  },
  // iDRAC keeps `Inserted: true` and the old URL of an image that is gone (ironic release note
  // fix-redfish-vmedia-stale-insert-skip): the client's rule to eject first, whatever the slot claims, covers it.
};
