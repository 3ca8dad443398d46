import {systemClock} from '../../clock.ts';
import {nftablesEdge} from '../../device/firewall/edge.ts';
import {anewOver, execOver} from '../../device/firewall/exec.ts';
import {localAddressTowards} from '../../device/route.ts';
import {keptSession} from '../../device/ssh/kept.ts';
import {controllerVantage, sshVantage} from '../../device/vantage.ts';
import {seenBy, whereabouts} from '../../device/whereabouts.ts';
import {fault} from '../../fault.ts';
import {switchControl} from '../../lab/userspace/control.ts';
import {switchEdge} from '../../lab/userspace/edge.ts';
import {stationVantage} from '../../lab/userspace/vantage.ts';
import {failed, ok, type Result} from '../../result.ts';
import type {NftablesEdgeSpec, Runbook, SwitchEdgeSpec} from '../../runbook/runbook.ts';
import type {Secret} from '../../secret.ts';
import {bare} from '../../step/port/port.ts';
import type {Edge} from '../../step/world/edge.ts';
import type {Vantage} from '../../step/world/vantage.ts';

/** The host's edge and the places to look from, each connected when it is first used. */
export interface Surroundings {
  readonly edge: Edge;
  /** The controller's own comes first. */
  readonly vantages: readonly Vantage[];
  /** This controller as edge and host see it, since it was last located. */
  readonly controllerAddress: string;
  locate(): Promise<string>;
  close(): void;
}

export interface SurroundingsKeys {
  readonly edge?: Secret;
  readonly vantages: Readonly<Record<string, Secret>>;
}

export async function openSurroundings(runbook: Runbook, keys: SurroundingsKeys): Promise<Result<Surroundings>> {
  const {edge} = runbook;
  return edge.driver === 'switch' ? ok(onSwitch(edge)) : behindGateway(runbook, edge, keys);
}

async function behindGateway(
  {controller, host, network, vantages: places}: Runbook,
  spec: NftablesEdgeSpec,
  keys: SurroundingsKeys,
): Promise<Result<Surroundings>> {
  const route = async () => controller.address ?? (await localAddressTowards(spec.address));
  const first = await route();
  if (first === undefined) return failed(fault('edge.unreachable', `this machine has no route to ${spec.address}`));
  const gateway = keptSession({...spec, key: keys.edge as Secret});
  const vantages = Object.entries(places).map(([name, place]) =>
    sshVantage(name, place, keys.vantages[name] as Secret),
  );
  const here = whereabouts(first, route, () => seenBy(gateway), systemClock);
  const own: Vantage = {
    ...controllerVantage(),
    get address() {
      return here.address;
    },
  };
  return ok({
    edge: nftablesEdge({
      exec: execOver(() => gateway.session()),
      anew: anewOver(gateway),
      host: host.name,
      address: bare(network.address),
      mac: network.mac,
      interface: spec.interface,
    }),
    vantages: [own, ...vantages],
    get controllerAddress() {
      return here.address;
    },
    async locate() {
      const before = here.address;
      const now = await here.locate();
      // What was opened from there answers no more.
      if (now !== before) gateway.renew();
      return now;
    },
    close: () => {
      for (const line of [gateway, ...vantages]) line.close();
    },
  });
}

/** The router's stack carries this controller's connections, so the host sees them come from the router. */
function onSwitch({control: path, address, neighbours}: SwitchEdgeSpec): Surroundings {
  const control = switchControl(path);
  return {
    edge: switchEdge(control),
    vantages: [
      stationVantage('controller', {station: 'router', address}, control),
      ...Object.entries(neighbours).map(([name, at]) =>
        stationVantage(name, {station: 'neighbour', address: at}, control),
      ),
    ],
    controllerAddress: address,
    locate: async () => address,
    close: () => {},
  };
}
