import {join} from 'node:path';
import {ok} from '../../result.ts';
import type {LabFolder} from '../folder.ts';
import type {LabNetwork} from '../network/network.ts';
import type {Layout} from '../network/layout.ts';
import type {SwitchPort} from './switch.ts';

/** The switch's unix sockets. The names are no longer than the keeper's own: one limit holds for all. */
export const portPaths = ({directory}: Pick<LabFolder, 'directory'>): Readonly<Record<SwitchPort, string>> => ({
  host: join(directory, 'host.sock'),
  router: join(directory, 'router.sock'),
  neighbour: join(directory, 'near.sock'),
});

/**
 * The lab's network without any privilege: a switch in the keeper's process. BMC and ISO are on this machine's loopback,
 * and every program stays on this machine's own network.
 */
export function userspaceNetwork(folder: LabFolder): LabNetwork {
  return {
    // The keeper holds the wires: they come and go with it.
    lay: async () => ok(undefined),
    remove: async () => ok(undefined),
    exists: () => false,
    on: () => [],
    card: (mac) => [
      '-netdev',
      `stream,id=lan,server=off,addr.type=unix,addr.path=${portPaths(folder).host.replaceAll(',', ',,')}`,
      '-device',
      // Without a boot ROM of its own the card cannot be started from, whatever the firmware tries.
      `virtio-net-pci,netdev=lan,mac=${mac},romfile=`,
    ],
  };
}

const loopback = '127.0.0.1';

/** The same LAN; the management network is this machine's loopback. */
export const userspaceLayout = (layout: Layout): Layout => ({
  ...layout,
  management: {prefix: 8, gateway: loopback, controller: loopback, bmc: loopback},
});
