import type {Result} from '../../result.ts';
import {sshStations, type Blueprint} from '../blueprint.ts';
import type {LabFolder} from '../folder.ts';
import type {LabNetwork} from '../network/network.ts';
import {countContacts} from '../service/contacts.ts';
import {startSshServer} from '../service/ssh-server.ts';
import {userspaceSurroundings} from '../userspace/surroundings.ts';

/** Who is around the machine and its BMC. */
export interface Surroundings {
  /** Connections of the host, by whom they were for (`198.51.100.10:80`) and by where they came from. */
  contacts(): Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** What they answer over the keeper's socket; undefined where they know nothing of the route. */
  answer(route: string, body: unknown): Promise<Result<object> | undefined>;
  end(): Promise<void>;
}

// What the suspect's beacon dials, and what its worm would try next door.
const commandServerPort = 80;
const fileSharePort = 445;

/** Resolves once everyone is there. */
export async function surroundings(machine: Blueprint, folder: LabFolder, network: LabNetwork): Promise<Surroundings> {
  const {management, lan, wan} = machine.layout;
  const addresses = {gateway: management.gateway, neighbour: lan.neighbour, outside: wan.outside};
  const commandServer = {address: addresses.outside, port: commandServerPort};
  const fileShare = {address: addresses.neighbour, port: fileSharePort};
  if (machine.userspace)
    return userspaceSurroundings(machine, folder, machine.userspace.sshPort, [commandServer, fileShare]);
  const servers = await Promise.all(
    sshStations.map((station) => startSshServer(station, addresses[station], {folder, on: network.on(station)})),
  );
  const counters = await Promise.all([
    countContacts(commandServer, {folder, on: network.on('outside')}),
    countContacts(fileShare, {folder, on: network.on('neighbour')}),
  ]);
  return {
    contacts: () =>
      Object.fromEntries(counters.map((counter) => [`${counter.address}:${counter.port}`, counter.counts()])),
    answer: async () => undefined,
    end: async () => {
      await Promise.all([...servers, ...counters].map((resident) => resident.end()));
    },
  };
}
