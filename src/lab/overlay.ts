import type {HostKeyPin} from '../brand.ts';
import type {BmcBaseline, DiskSpec, EdgeSpec, Runbook, SshSpec} from '../runbook/runbook.ts';
import {bmcUrl, hostSsh, type Blueprint, type SshStation} from './blueprint.ts';
import type {LabFolder} from './folder.ts';
import {firmware} from './bmc/resource/update-service.ts';
import {keyFiles, labUser} from './material.ts';

/** What the lab's BMC must say of itself. */
const baselineOf = (lab: Blueprint): BmcBaseline => ({
  accounts: {[labUser]: 'Administrator'},
  firmware: firmware(lab),
  subscriptions: [],
  directories: [],
  open: [],
});

/** The runbook with the lab's devices in place of its own. Host, disks' names and serials, network and steps stay. */
export function overlay(runbook: Runbook, lab: Blueprint, folder: LabFolder, suspect?: HostKeyPin): Runbook {
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
  // In a network of its own a controller finds its address by itself, so that it may change under a run as a laptop's does.
  const {address: __, ...controller} = runbook.controller;
  // The lab's old system is reached as the lab says, or there is none.
  const {suspect: ___, ...known} = runbook;
  const edge: EdgeSpec = lab.userspace
    ? {
        driver: 'switch',
        address: lan.gateway,
        interface: hostPort,
        control: folder.control,
        neighbours: {neighbour: lan.neighbour},
      }
    : {driver: 'nftables', interface: hostPort, ...ssh('gateway', management.gateway)};
  const sizes = lab.disks.flatMap((disk) => [disk, ...disk.partitions]);
  return {
    ...known,
    host: {...runbook.host, firmware: lab.firmware},
    controller: lab.userspace ? {...controller, address: management.controller} : controller,
    bmc: {
      driver: 'redfish',
      url: bmcUrl(lab),
      certificate: lab.certificate,
      user: `file:${files.bmcUser}`,
      password: `file:${files.bmcPassword}`,
      ...(runbook.bmc.newpassword && {newpassword: `file:${files.bmcNextPassword}` as const}),
      ...(runbook.bmc.baseline && {baseline: baselineOf(lab)}),
      ...(runbook.bmc.path && {path: runbook.bmc.path}),
    },
    edge,
    vantages: lab.userspace ? {} : {neighbour: ssh('neighbour', lan.neighbour), outside: ssh('outside', wan.outside)},
    disks: Object.fromEntries(
      // A disk of the lab has its own size, and no world wide name that a runbook could know.
      Object.entries(runbook.disks).map(([name, {wwn: _wwn, ...spec}]): [string, DiskSpec] => [
        name,
        {...spec, sizeBytes: sizes.find((disk) => disk.name === spec.name)?.sizeBytes ?? spec.sizeBytes},
      ]),
    ),
    ...(suspect !== undefined && {
      suspect: {system: 'linux', ...hostSsh(lab), user: 'root', hostKey: suspect, key: `file:${files.suspectKey}`},
    }),
    network: lab.userspace ? {...network, reach: hostSsh(lab)} : network,
  };
}
