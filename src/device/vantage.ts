import type {HostKeyPin} from '../brand.ts';
import {fault} from '../fault.ts';
import {failed, ok, type Result} from '../result.ts';
import type {Port, SshSpec} from '../runbook/runbook.ts';
import type {Secret} from '../secret.ts';
import type {Reach, Vantage} from '../step/world.ts';
import {dial} from './ssh/dial.ts';
import {hostKeyOf, hostKeyThrough} from './ssh/host-key.ts';
import {keptSession} from './ssh/kept.ts';
import {askUdp} from './udp.ts';

/**
 * A closed path shows as silence, so this is what it costs to find one closed. A first SYN that was lost is sent again
 * after a second (RFC 6298), which leaves the second one a round trip of 600 ms; the third would be sent after three.
 */
const knockMs = 1600;
/** Where an answer is hoped for, among many at once or with a key to be read, the far end may be slow to give it. */
const answerMs = 2500;
const atOnce = 64;
/** A login's own limits end it; a vantage has no caller to interrupt it. */
const never = new AbortController().signal;

/** The controller itself as a vantage. */
export function controllerVantage(address?: string): Vantage {
  return vantageOver('controller', address, {
    async knock(host, port, ms) {
      const dialled = await dial(host, port, ms, never);
      if (dialled.is === 'open') dialled.socket.destroy();
      if (dialled.is === 'aborted') return ok('silent');
      return ok(dialled.is);
    },
    hostKey: (host, port) => hostKeyOf(host, port, never, answerMs),
    ask: (host, port, ms) => askUdp(host, port, ms),
  });
}

/** A place reached by SSH: its server opens the connections (direct-tcpip), and no program runs on it. */
export function sshVantage(name: string, spec: SshSpec, key: Secret): Vantage & {close(): void} {
  const kept = keptSession({...spec, key});
  const through = vantageOver(name, spec.address, {
    async knock(host, port, ms) {
      const at = await kept.session();
      if (!at.ok) return at;
      const forwarded = await at.value.forward(host, port, ms);
      if (!forwarded.ok) return forwarded;
      if (forwarded.value.is === 'open') forwarded.value.stream.destroy();
      return ok(forwarded.value.is);
    },
    async hostKey(host, port) {
      const at = await kept.session();
      if (!at.ok) return at;
      const forwarded = await at.value.forward(host, port, answerMs);
      if (!forwarded.ok) return forwarded;
      return ok(forwarded.value.is === 'open' ? await hostKeyThrough(forwarded.value.stream, never) : undefined);
    },
  });
  return {...through, close: () => kept.close()};
}

export interface Path {
  /** Silence after `ms` is the answer of a closed path. */
  readonly knock: (host: string, port: number, ms: number) => Promise<Result<Reach>>;
  readonly hostKey: (host: string, port: number) => Promise<Result<HostKeyPin | undefined>>;
  /** Absent where no datagram can be sent from there. */
  readonly ask?: (host: string, port: number, ms: number) => Promise<Reach>;
}

/** A vantage whose connections take this path. */
export function vantageOver(name: string, address: string | undefined, {knock, hostKey, ask}: Path): Vantage {
  const reach = async (host: string, port: Port, ms = knockMs): Promise<Result<Reach>> => {
    const [protocol, number] = port.split('/');
    if (protocol === 'tcp') return knock(host, Number(number), ms);
    return ask
      ? ok(await ask(host, Number(number), ms))
      : failed(fault('vantage.failed', `${name} cannot test ${port}: it opens connections and sends no datagram`));
  };
  return {
    name,
    ...(address === undefined ? {} : {address}),
    ...(ask && {udp: true as const}),
    reach: (host, port) => reach(host, port),
    hostKey,
    async scan(host, ports) {
      const open = new Set<Port>();
      const left = [...ports];
      let trouble: Result<never> | undefined;
      const walk = async (): Promise<void> => {
        for (let port = left.shift(); port !== undefined && !trouble; port = left.shift()) {
          const reached = await reach(host, port, answerMs);
          if (!reached.ok) trouble = reached;
          else if (reached.value === 'open') open.add(port);
        }
      };
      await Promise.all(Array.from({length: Math.min(atOnce, ports.length)}, walk));
      return trouble ?? ok(ports.filter((port) => open.has(port)));
    },
  };
}
