import {ok, type Result} from '../../result.ts';
import type {TcpPort} from '../../runbook/runbook.ts';
import {interrupted} from '../interrupted.ts';
import {everyTcpPort, sampleTcp, tellingTcp} from './lists.ts';
import type {NotRefused, Reach, Vantage} from '../world/vantage.ts';

/** What came of trying the TCP ports of an address from one place. */
export type TcpTried =
  | {readonly is: 'no route'}
  | {
      readonly is: 'tried';
      readonly ports: readonly TcpPort[];
      readonly open: readonly TcpPort[];
      /** What all 65,535 would take from there at most, in seconds, by how closed ones answer. */
      readonly allSeconds: number;
      /** Ports that were to be tried and could not. */
      readonly unbegun: number;
    };

/** Where all ports take no longer than this they are tried from every place, beside each other. */
export const quickSeconds = 60;

// So many are tried before somebody is asked whether to go on.
const slice = 8192;

export interface Scanning {
  readonly vantage: Vantage;
  readonly address: string;
  /** Tried whatever else is. */
  readonly named: readonly TcpPort[];
  readonly signal: AbortSignal;
  readonly tell?: (done: number) => void;
}

/** All ports, as long as closed ones answer; else those that tell most. */
export async function tryTcp(scanning: Scanning): Promise<Result<TcpTried>> {
  const {vantage, address, named, signal} = scanning;
  if (signal.aborted) return interrupted();
  const sampled = await vantage.scan(address, [...new Set([...named, ...sampleTcp])]);
  if (!sampled.ok) return sampled;
  const words = [...named, ...sampleTcp].map((port): Reach => sampled.value[port] ?? 'refused');
  if (words.every((word) => word === 'no route')) return ok({is: 'no route'});
  const allSeconds = secondsForAll(vantage, sampled.value);
  return tryThese(scanning, allSeconds <= quickSeconds ? everyTcpPort : tellingTcp, allSeconds);
}

/** All ports, whatever it takes. */
export const tryAllTcp = (scanning: Scanning, allSeconds: number): Promise<Result<TcpTried>> =>
  tryThese(scanning, everyTcpPort, allSeconds);

function secondsForAll({pace: {atOnce, silenceMs}}: Vantage, sampled: NotRefused): number {
  const silent = sampleTcp.filter((port) => sampled[port] === 'silent').length;
  return Math.ceil((everyTcpPort.length * silent) / sampleTcp.length / atOnce) * (silenceMs / 1000);
}

async function tryThese(
  {vantage, address, named, signal, tell}: Scanning,
  list: readonly TcpPort[],
  allSeconds: number,
): Promise<Result<TcpTried>> {
  const more = named.filter((port) => !list.includes(port));
  const ports = more.length === 0 ? list : [...list, ...new Set(more)];
  const open = new Set<TcpPort>();
  const silent: TcpPort[] = [];
  const unbegun = new Set<TcpPort>();
  const take = (found: NotRefused): void => {
    for (const [port, word] of Object.entries(found) as [TcpPort, Reach][])
      if (word === 'open') open.add(port);
      else if (word === 'silent') silent.push(port);
      else unbegun.add(port);
  };
  for (let from = 0; from < ports.length; from += slice) {
    tell?.(from);
    if (signal.aborted) return interrupted();
    const found = await vantage.scan(address, ports.slice(from, from + slice));
    if (!found.ok) return found;
    take(found.value);
  }
  // Silence may be a packet that was lost, here or on the way. Where it is how closed ports answer, it counts for the
  // named ones alone.
  const odd = silent.length < ports.length / 2 ? silent : silent.filter((port) => named.includes(port));
  const again = [...odd, ...unbegun];
  if (again.length > 0 && again.length <= vantage.pace.atOnce) {
    unbegun.clear();
    const found = await vantage.scan(address, again);
    if (!found.ok) return found;
    take(found.value);
  }
  return ok({
    is: 'tried',
    ports: unbegun.size === 0 ? ports : ports.filter((port) => !unbegun.has(port)),
    open: open.size === 0 ? [] : ports.filter((port) => open.has(port)),
    allSeconds,
    unbegun: unbegun.size,
  });
}

export const triedAll = (tried: TcpTried): boolean => tried.is === 'tried' && tried.ports.length >= everyTcpPort.length;
