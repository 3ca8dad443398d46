import type {Ports, Rules} from '../../device/firewall/rules.ts';
import {contains, ipv4, subnet} from '../../runbook/ipv4.ts';
import {flag, type Frame, type Segment} from './packet.ts';

/** The host behind the switch's port that the rules are about. */
export interface Isolated {
  readonly address: string;
  readonly mac: string;
  readonly router: string;
}

export interface Way {
  readonly direction: 'from-host' | 'to-host';
  /** Who is on the other side: what the router carries may be for the world, what a neighbour does is not. */
  readonly peer: 'router' | 'neighbour';
}

/** Whether a frame may pass the host's port. */
export type Judge = (frame: Frame, way: Way) => boolean;

/**
 * The rules as an nftables gateway's bridge holds them (`device/firewall/render.ts`): default deny, both ways, and no
 * memory of connections. TCP's flags tell an answer from a new connection. Of other protocols only ARP passes, in
 * quarantine only between the host and its router or those it may speak with.
 */
export function judgeOf(rules: Rules, {address, mac, router}: Isolated): Judge {
  const host = ipv4(address);
  const resolvers = rules.resolver.map(ipv4);
  const nets = rules.admit.flatMap((text) => subnet(text.includes('/') ? text : `${text}/32`) ?? []);
  const admitted = (who: number): boolean => nets.some((net) => contains(net, who));
  const reach = rules.reach.map(({address: at, port}) => ({at: ipv4(at), port}));
  const reachable = (who: number, port: number): boolean => reach.some((one) => one.at === who && one.port === port);
  const found = (who: number): boolean =>
    rules.mode === 'serving' ||
    who === ipv4(router) ||
    admitted(who) ||
    resolvers.includes(who) ||
    reach.some(({at}) => at === who);

  const mayLeave = (segment: Segment, {peer}: Way): boolean => {
    const {from, to, protocol, sourcePort, port} = segment;
    if (from !== host) return false;
    if (admitted(to) && protocol === 'tcp' && sourcePort === ssh && answers(segment)) return true;
    if (protocol === 'tcp' && reachable(to, port)) return true;
    if (resolvers.includes(to) && port === dns) return true;
    if (either(rules.block, segment)) return false;
    if (rules.open[protocol].includes(sourcePort) && answers(segment)) return true;
    return peer === 'router' && rules.out[protocol].includes(port);
  };
  const mayReach = (segment: Segment, {peer}: Way): boolean => {
    const {from, to, protocol, sourcePort, port} = segment;
    if (to !== host) return false;
    if (admitted(from) && protocol === 'tcp' && port === ssh) return true;
    if (protocol === 'tcp' && reachable(from, sourcePort) && answers(segment)) return true;
    if (resolvers.includes(from) && sourcePort === dns && answers(segment)) return true;
    if (either(rules.block, segment)) return false;
    if (rules.open[protocol].includes(port)) return true;
    return peer === 'router' && rules.out[protocol].includes(sourcePort) && answers(segment);
  };

  if (rules.mode === 'blocking')
    return ({packet}, {direction}) => {
      if (packet.is !== 'segment') return true;
      const {protocol, sourcePort, port, from, to} = packet;
      const admits =
        protocol === 'tcp' &&
        (direction === 'to-host' ? admitted(from) && port === ssh : admitted(to) && sourcePort === ssh);
      return admits || !either(rules.block, packet);
    };

  return ({from, packet}, way) => {
    const leaving = way.direction === 'from-host';
    if (leaving && from !== mac) return false;
    switch (packet.is) {
      case 'arp': {
        const [own, peer] = leaving ? [packet.sender, packet.target] : [packet.target, packet.sender];
        return own === host && found(peer);
      }
      case 'segment':
        return leaving ? mayLeave(packet, way) : mayReach(packet, way);
      case 'other':
        return false;
      default:
        return packet satisfies never;
    }
  };
}

const ssh = 22;
const dns = 53;

const either = (ports: Ports, {protocol, sourcePort, port}: Segment): boolean =>
  ports[protocol].includes(sourcePort) || ports[protocol].includes(port);

/** Not the first packet of a TCP connection. UDP has none. */
const answers = ({protocol, flags}: Segment): boolean =>
  protocol === 'udp' || (flags & (flag.syn | flag.ack)) !== flag.syn;
