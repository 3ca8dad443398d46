import type {DiskSpec, Runbook, SshSpec} from '../runbook/runbook.ts';
import type {Blueprint, SshStation} from './blueprint.ts';
import type {LabFolder} from './folder.ts';
import {keyFiles} from './material.ts';

/** The runbook with the lab's devices in place of its own. Host, disks' names and serials, network and steps stay. */
export function overlay(runbook: Runbook, lab: Blueprint, folder: LabFolder): Runbook {
  const {management, lan, wan, hostPort} = lab.layout;
  const files = keyFiles(folder);
  const ssh = (station: SshStation, address: string): SshSpec => ({
    address,
    port: 22,
    user: 'root',
    hostKey: lab.pins[station],
    key: `file:${files.clientKey}`,
  });
  const {reach: _, ...network} = runbook.network;
  return {
    ...runbook,
    host: {...runbook.host, firmware: lab.firmware},
    controller: {...runbook.controller, address: management.controller},
    bmc: {
      driver: 'redfish',
      url: `https://${management.bmc}`,
      certificate: lab.certificate,
      user: `file:${files.bmcUser}`,
      password: `file:${files.bmcPassword}`,
    },
    edge: {driver: 'nftables', interface: hostPort, ...ssh('gateway', management.gateway)},
    vantages: {neighbour: ssh('neighbour', lan.neighbour), outside: ssh('outside', wan.outside)},
    disks: Object.fromEntries(
      Object.entries(runbook.disks).map(([name, spec]): [string, DiskSpec] => [
        name,
        {...spec, sizeBytes: lab.disks.find((disk) => disk.name === spec.name)?.sizeBytes ?? spec.sizeBytes},
      ]),
    ),
    network,
  };
}
