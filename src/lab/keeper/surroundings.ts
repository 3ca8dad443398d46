import type {Result} from '../../result.ts';
import {sshStations, type Blueprint} from '../blueprint.ts';
import type {LabFolder} from '../folder.ts';
import {six} from '../network/layout.ts';
import type {LabNetwork} from '../network/network.ts';
import type {Endpoint} from '../service/contact.ts';
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

/** Where the suspect's programs go: for orders to the command server, over what is left open, and next door. */
const commandServer = (address: string): readonly Endpoint[] => [
  {protocol: 'tcp', address, port: 80},
  {protocol: 'tcp', address, port: 443},
  {protocol: 'udp', address, port: 53},
  {protocol: 'tcp', address, port: 53},
  {protocol: 'tcp', address, port: 445},
];
const fileShare = (address: string): readonly Endpoint[] => [{protocol: 'tcp', address, port: 445}];

/** Resolves once everyone is there. */
export async function surroundings(machine: Blueprint, folder: LabFolder, network: LabNetwork): Promise<Surroundings> {
  const {management, lan, wan} = machine.layout;
  const addresses = {gateway: management.gateway, neighbour: lan.neighbour, outside: wan.outside};
  const outside = commandServer(addresses.outside);
  const neighbour = fileShare(addresses.neighbour);
  if (machine.userspace)
    return userspaceSurroundings(machine, folder, machine.userspace.sshPort, [...outside, ...neighbour]);
  const servers = await Promise.all(
    sshStations.map((station) => startSshServer(station, addresses[station], {folder, on: network.on(station)})),
  );
  const counters = await Promise.all([
    countContacts('outside', [...outside, ...commandServer(six.wan.outside)], {folder, on: network.on('outside')}),
    countContacts('neighbour', [...neighbour, ...fileShare(six.lan.neighbour)], {folder, on: network.on('neighbour')}),
  ]);
  return {
    contacts: () => Object.assign({}, ...counters.map((counter) => counter.counts())),
    answer: async () => undefined,
    end: async () => {
      await Promise.all([...servers, ...counters].map((resident) => resident.end()));
    },
  };
}
