import type {Port, UdpPort} from '../../runbook/runbook.ts';
import {judged, notMade, passed, type Check} from '../check.ts';
import {everyTcpPort, isTcp} from './lists.ts';
import {triedAll, type TcpTried} from './tcp-scan.ts';
import type {Asked, Reach} from '../world/vantage.ts';

/** From one vantage to one of the host's addresses. */
export interface Path {
  readonly from: string;
  readonly address: string;
  /** It is the host's own; else nothing may answer there. */
  readonly own: boolean;
  readonly declared: readonly Port[];
  /** What was isolated, and must stay shut. */
  readonly refused: readonly Port[];
}

export type UdpTried = Asked & {readonly asking: readonly UdpPort[]};

/** `tcp over IPv6 of 2001:db8:1::20 from outside`; of the host's own address without it. */
export const checkName = (protocol: 'tcp' | 'udp', {from, address, own}: Path): string =>
  `${protocol} over ${address.includes(':') ? 'IPv6' : 'IPv4'}${own ? '' : ` of ${address}`} from ${from}`;

/** A vantage's TCP ports, and, as a check of its own, those that were not tried. */
export function tcpChecks(path: Path, tried: TcpTried): readonly Check[] {
  const name = checkName('tcp', path);
  if (tried.is === 'no route') return [notMade(name, `it has no route to ${path.address}`)];
  const {ports, open, allSeconds, unbegun} = tried;
  const declared = path.declared.filter(isTcp);
  const check = judged(
    name,
    tcpDifferences({...path, declared, open}),
    `of ${grouped(ports.length)} ports ${declared.join(', ') || 'none'} open, no other`,
  );
  if (triedAll(tried)) return [check];
  const rest = grouped(everyTcpPort.length - ports.length);
  const why =
    unbegun > 0
      ? `connections to ${grouped(unbegun)} could not be begun there`
      : `closed ports are silence there: all would take ${Math.ceil(allSeconds / 60)} minutes`;
  return [check, notMade(`${name}, the other ${rest} ports`, why)];
}

export function udpCheck(path: Path, tried: UdpTried): Check {
  const name = checkName('udp', path);
  if (tried.is === 'unable') return notMade(name, tried.why);
  const reached = new Map(Object.entries(tried.reached) as [UdpPort, Reach][]);
  const words = [...reached.values()];
  if (words.every((word) => word === 'no route')) return notMade(name, `it has no route to ${path.address}`);
  const of = (wanted: Reach): number => words.filter((word) => word === wanted).length;
  return judged(
    name,
    udpDifferences({...path, reached}),
    `of ${words.length} ports ${of('open')} answer, ${of('refused')} are refused, ${of('silent')} silent`,
  );
}

/** Nothing tells an open UDP port from one whose datagrams are dropped but its answer. */
export const declaredUdpChecks = (
  declared: readonly UdpPort[],
  paths: readonly (Path & {readonly udp: UdpTried})[],
): readonly Check[] =>
  declared.map((port) => {
    const answers = paths.flatMap(({own, udp, from}) =>
      own && udp.is === 'asked' && udp.reached[port] === 'open' ? [from] : [],
    );
    return answers.length > 0
      ? passed(port, `answers ${answers.join(' and ')}`)
      : notMade(port, 'a service over UDP may be open and answer nothing');
  });

interface Of extends Pick<Path, 'address' | 'from' | 'declared'> {
  readonly refused?: readonly Port[];
}

export const tcpDifferences = ({
  declared,
  open,
  address,
  from,
  refused = [],
}: Of & {readonly open: readonly Port[]}) => [
  ...declared.filter((port) => !open.includes(port)).map((port) => `${port} of ${address} is not open from ${from}`),
  ...open
    .filter((port) => refused.includes(port) || !declared.includes(port))
    .map((port) => `${port} of ${address} is open from ${from}${refused.includes(port) ? ' and must stay shut' : ''}`),
];

/** Silence is what an open port and a dropped datagram have in common: only an answer, or its refusal, says anything. */
export const udpDifferences = ({
  declared,
  reached,
  address,
  from,
}: Of & {readonly reached: ReadonlyMap<Port, Reach>}): readonly string[] =>
  [...reached].flatMap(([port, reach]) => {
    if (declared.includes(port)) return reach === 'refused' ? [`${port} of ${address} is refused from ${from}`] : [];
    return reach === 'open' ? [`${port} of ${address} answers ${from}`] : [];
  });

const inEnglish = new Intl.NumberFormat('en');
/** `65,535` */
const grouped = (count: number): string => inEnglish.format(count);
