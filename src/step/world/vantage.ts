import type {HostKeyPin} from '../../brand.ts';
import type {Result} from '../../result.ts';
import type {TcpPort, UdpPort} from '../../runbook/runbook.ts';

/** `no route`: from there nothing could be sent to that address, which says nothing of the host. */
export type Reach = 'open' | 'refused' | 'silent' | 'no route';

/** What was found of ports that were tried, without those that were refused. */
export type NotRefused = Readonly<Partial<Record<TcpPort, Exclude<Reach, 'refused'>>>>;

export type Asked =
  /** `silent` is what an open port and a dropped datagram have in common. */
  | {readonly is: 'asked'; readonly reached: Readonly<Partial<Record<UdpPort, Reach>>>}
  /** No datagram can be sent from there. */
  | {readonly is: 'unable'; readonly why: string};

/** A place outside the host. A TCP port is tried by opening a connection and closing it; nothing is sent. */
export interface Vantage {
  readonly name: string;
  /** The address this vantage's connections come from, where known. */
  readonly address?: string;
  /** What a scan of many ports costs where closed ones are silence: so many at once, each for so long. */
  readonly pace: {readonly atOnce: number; readonly silenceMs: number};
  reach(address: string, port: TcpPort): Promise<Result<Reach>>;
  /** Many at once. */
  scan(address: string, ports: readonly TcpPort[]): Promise<Result<NotRefused>>;
  /** All at once: a datagram or two that a service of each would answer. */
  ask(address: string, ports: readonly UdpPort[]): Promise<Result<Asked>>;
  /** The SSH host key that answers at the address, without logging in; undefined where nothing answers. */
  hostKey(address: string, port: number): Promise<Result<HostKeyPin | undefined>>;
}
