/** Orders are `LookOrder`s: looks at the host from the place it runs in and from SSH servers. */
import {systemClock} from '../../../../src/clock.ts';
import {controllerVantage, sshVantage} from '../../../../src/device/vantage.ts';
import type {Port, SshSpec, TcpPort, UdpPort} from '../../../../src/runbook/runbook.ts';
import {Secret} from '../../../../src/secret.ts';
import {portChecks} from '../../../../src/step/port/scan.ts';
import type {Vantage} from '../../../../src/step/world/vantage.ts';
import {Machine} from '../../../simulator/machine.ts';
import {runbook} from '../../../simulator/runbook.ts';
import {handOf} from '../../../step/hand.ts';
import {answering} from './answering.ts';

export interface LookOrder {
  readonly controller: string;
  readonly places: readonly {readonly name: string; readonly spec: SshSpec; readonly key: string}[];
  readonly look:
    /** The port scan of `host.verify`. */
    | {readonly is: 'whole'; readonly expect: readonly Port[]; readonly refused: readonly Port[]}
    | {readonly is: 'few'; readonly at: string; readonly tcp: readonly TcpPort[]; readonly udp: readonly UdpPort[]};
}

answering(async (order) => {
  const {controller, places, look} = order as LookOrder;
  const others = places.map(({name, spec, key}) => sshVantage(name, spec, new Secret(key)));
  const vantages = [controllerVantage(controller), ...others];
  try {
    return await looked(vantages, look);
  } finally {
    for (const place of others) place.close();
  }
});

async function looked(vantages: readonly Vantage[], look: LookOrder['look']): Promise<unknown> {
  if (look.is === 'few') {
    const {at, tcp, udp} = look;
    return Promise.all(vantages.map(async (from) => [from.name, await from.scan(at, tcp), await from.ask(at, udp)]));
  }
  const world = new Machine(runbook, systemClock).world();
  return portChecks({...world, vantages, earlier: () => undefined, forgone: () => false}, look, handOf().hand);
}
