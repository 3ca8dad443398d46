import {systemClock} from '../../clock.ts';
import {dial} from '../../device/ssh/dial.ts';
import {ipv4} from '../../runbook/ipv4.ts';
import {ok, type Result} from '../../result.ts';
import type {Reach} from '../../step/world/vantage.ts';
import {flag, type Segment} from './packet.ts';
import type {Slirp} from './slirp.ts';
import type {Switch, SwitchPort} from './switch.ts';

/** A station from which the host's ports are tried. */
export interface Station {
  readonly port: Exclude<SwitchPort, 'host'>;
  readonly address: string;
  readonly slirp: Slirp;
}

// A closed path shows as silence, so this is what each closed port costs.
const knockMs = 2_500;

/**
 * Tries the host's `port` from a station. slirp takes the connection on this side before the host has answered, so that
 * it was taken proves nothing: the witness is the host's own answer, as it leaves the switch by the station's port.
 */
export async function knock(station: Station, lan: Switch, port: number, ms = knockMs): Promise<Result<Reach>> {
  const local = await station.slirp.forward(port);
  if (!local.ok) return local;
  const abort = new AbortController();
  const heard = new Map<number, Reach>();
  let asked: number | undefined;
  const answered = Promise.withResolvers<Reach>();
  const settle = (): void => {
    const reach = asked === undefined ? undefined : heard.get(asked);
    if (reach !== undefined) answered.resolve(reach);
  };
  const silence = lan.listenToHost((segment, by) => {
    const reach = by === station.port ? answerOf(segment, {address: station.address, port}) : undefined;
    if (reach === undefined) return;
    heard.set(segment.port, reach);
    settle();
  });
  try {
    const dialled = await dial('127.0.0.1', local.value, ms, abort.signal);
    if (dialled.is !== 'open') return ok('silent');
    const {socket} = dialled;
    // The host refuses by a reset, which slirp hands on.
    socket.on('error', () => {});
    // slirp asks from the port that it was asked from.
    asked = socket.localPort;
    settle();
    const late = systemClock.sleep(ms, abort.signal).then((): Reach => 'silent');
    const reach = await Promise.race([answered.promise, late]);
    socket.destroy();
    return ok(reach);
  } finally {
    abort.abort();
    silence();
    await station.slirp.unforward(local.value);
  }
}

/** What a segment of the host says about its `port` to whoever asked from `address`. */
export function answerOf(
  {protocol, to, sourcePort, flags}: Segment,
  {address, port}: {readonly address: string; readonly port: number},
): Extract<Reach, 'open' | 'refused'> | undefined {
  if (protocol !== 'tcp' || sourcePort !== port || to !== ipv4(address)) return undefined;
  if ((flags & flag.rst) !== 0) return 'refused';
  const both = flag.syn | flag.ack;
  return (flags & both) === both ? 'open' : undefined;
}
