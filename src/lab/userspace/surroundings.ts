import {join} from 'node:path';
import {ipv4Text} from '../../runbook/ipv4.ts';
import type {Blueprint} from '../blueprint.ts';
import type {LabFolder} from '../folder.ts';
import type {Surroundings} from '../keeper/surroundings.ts';
import {switchAnswers} from './answers.ts';
import type {Station} from './knock.ts';
import {endpointText, type Endpoint} from '../service/contact.ts';
import {portPaths} from './network.ts';
import {startSlirp} from './slirp.ts';
import {begun, makeSwitch} from './switch.ts';

/** What surrounds the machine in user space: the switch, its router and a neighbour. */
export async function userspaceSurroundings(
  {layout, mac}: Blueprint,
  folder: LabFolder,
  sshPort: number,
  watched: readonly Endpoint[],
): Promise<Surroundings> {
  const {lan} = layout;
  const paths = portPaths(folder);
  const wires = makeSwitch(paths, {address: lan.host, mac, router: lan.gateway});
  await wires.listen();
  const station = async (port: Station['port'], address: string, local?: number): Promise<Station> => ({
    port,
    address,
    slirp: await startSlirp(
      {
        address,
        prefix: lan.prefix,
        host: lan.host,
        wire: paths[port],
        monitor: join(folder.directory, port === 'router' ? 'router.qmp' : 'near.qmp'),
        log: join(folder.directory, `${port}.log`),
      },
      local === undefined ? [] : [{local, port: 22}],
    ),
  });
  const [router, neighbour] = await Promise.all([
    station('router', lan.gateway, sshPort),
    station('neighbour', lan.neighbour),
  ]);

  const counts = new Map<string, Record<string, number>>(watched.map((endpoint) => [endpointText(endpoint), {}]));
  wires.listenToHost((segment) => {
    if (!begun(segment)) return;
    const from = ipv4Text(segment.from);
    const {protocol, to, port} = segment;
    const count = counts.get(endpointText({protocol, address: ipv4Text(to), port}));
    if (count) count[from] = (count[from] ?? 0) + 1;
  });

  return {
    // Nobody listens there: what counts is that the host's attempt left its port.
    contacts: () => Object.fromEntries([...counts].map(([listener, count]) => [listener, {...count}])),
    answer: switchAnswers({lan: wires, host: lan.host, stations: {router, neighbour}}),
    async end() {
      await Promise.all([router.slirp.end(), neighbour.slirp.end()]);
      wires.close();
    },
  };
}
