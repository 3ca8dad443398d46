import type {JsonObject} from '../../json.ts';
import {ok, type Result} from '../../result.ts';
import {contains, ipv4, subnet} from '../../runbook/ipv4.ts';
import type {Port} from '../../runbook/runbook.ts';
import {notMade, type Check} from '../check.ts';
import {isTcp, isUdp, tellingUdp} from './lists.ts';
import {bare} from './port.ts';
import {declaredUdpChecks, tcpChecks, udpCheck, type Path, type UdpTried} from './verdict.ts';
import type {Hand} from '../step.ts';
import {triedAll, tryAllTcp, tryTcp, type Scanning, type TcpTried} from './tcp-scan.ts';
import {addressesOf} from './try-paths.ts';
import type {Look} from '../world.ts';
import type {Vantage} from '../world/vantage.ts';

export interface Scan {
  readonly expect: readonly Port[];
  readonly refused: readonly Port[];
}

export interface Scanned {
  readonly checks: readonly Check[];
  /** What each vantage has tried, an entry for each address: `all`, or the ports, or why none. */
  readonly tried: readonly JsonObject[];
}

/** Of one path all TCP ports are tried whatever it takes, as long as that is no more than this. */
const mostSeconds = 600;

interface Looked extends Path {
  readonly vantage: Vantage;
  readonly scanning: Scanning;
  readonly tcp: TcpTried;
  readonly udp: UdpTried;
}

/**
 * From every vantage: of the host's own address exactly the declared ports are open, TCP and UDP; of its other
 * addresses, IPv4 and IPv6, none. All TCP ports are tried from each place where closed ones answer; where they are
 * silence it takes minutes, and is done from one place beside the controller if nobody there was answered. What was not
 * tried is a check of its own, not made.
 */
export async function portChecks(look: Look, {expect, refused}: Scan, hand: Hand): Promise<Result<Scanned>> {
  const own = bare(look.runbook.network.address);
  const addresses = addressesOf(look);
  const of = look.vantages.length * addresses.length;
  let done = 0;

  /** One address after the other from each place; the places side by side. */
  const lookFrom = async (vantage: Vantage): Promise<Result<readonly Looked[]>> => {
    const looked: Looked[] = [];
    for (const address of addresses) {
      hand.progress({says: `ports of ${address} from ${vantage.name}`, done, of, unit: 'items'});
      const declared = address === own ? expect : [];
      const named = [...declared, ...(address === own ? refused : [])];
      const scanning: Scanning = {vantage, address, named: named.filter(isTcp), signal: hand.signal};
      const tcp = await tryTcp(scanning);
      if (!tcp.ok) return tcp;
      const asking = [...new Set([...tellingUdp, ...named.filter(isUdp)])];
      const udp = await vantage.ask(address, asking);
      if (!udp.ok) return udp;
      const path = {from: vantage.name, address, own: address === own, declared, refused};
      looked.push({...path, vantage, scanning, tcp: tcp.value, udp: {...udp.value, asking}});
      done++;
    }
    return ok(looked);
  };
  const all: Looked[] = [];
  for (const looked of await Promise.all(look.vantages.map(lookFrom))) {
    if (!looked.ok) return looked;
    all.push(...looked.value);
  }
  for (const address of addresses) {
    const patient = whoTriesAll(all, look, address);
    if (patient === undefined) continue;
    const {scanning, tcp, from} = patient;
    const tell = (ports: number): void =>
      hand.progress({says: `all ports of ${address} from ${from}`, done: ports, of: 65_535, unit: 'items'});
    const slowly = await tryAllTcp({...scanning, tell}, tcp.allSeconds);
    if (!slowly.ok) return slowly;
    all[all.indexOf(patient)] = {...patient, tcp: slowly.value};
  }
  return ok({
    checks: [
      ...all.flatMap((path) => [...tcpChecks(path, path.tcp), udpCheck(path, path.udp)]),
      ...declaredUdpChecks(expect.filter(isUdp), all),
      ...(addresses.some((address) => address.includes(':'))
        ? []
        : [notMade('IPv6', 'network.aliases names no IPv6 address of the host')]),
      ...(look.vantages.length > 1 ? [] : [notMade('outside', 'there is no vantage beside this controller')]),
    ],
    tried: all.map(triedData),
  });
}

/**
 * The one path on which all ports are tried although closed ones are silence, from outside the host's own network if it
 * can be; undefined where it need not be, or takes too long.
 */
function whoTriesAll(
  all: readonly Looked[],
  {vantages: [controller], runbook}: Look,
  address: string,
): (Looked & {readonly tcp: {readonly is: 'tried'}}) | undefined {
  const here = all.filter((path) => path.address === address);
  const beyond = here.filter(({vantage}) => vantage !== controller);
  if (beyond.some(({tcp}) => triedAll(tcp))) return undefined;
  const network = subnet(runbook.network.address);
  const outside = beyond.filter(({vantage}) => {
    const from = ipv4(vantage.address ?? '');
    return network && from !== undefined && !contains(network, from);
  });
  const bearable = (path: Looked): path is Looked & {readonly tcp: {readonly is: 'tried'}} =>
    path.tcp.is === 'tried' && !triedAll(path.tcp) && path.tcp.allSeconds <= mostSeconds;
  return [...outside, ...beyond, ...here].find(bearable);
}

const triedData = ({from, address, tcp, udp}: Looked): JsonObject => ({
  from,
  address,
  tcp: tcp.is === 'no route' ? 'no route' : triedAll(tcp) ? 'all' : tcp.ports,
  udp: udp.is === 'unable' ? udp.why : udp.asking,
});
