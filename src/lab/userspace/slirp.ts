import {createServer} from 'node:net';
import {once} from 'node:events';
import {systemClock} from '../../clock.ts';
import {fault} from '../../fault.ts';
import {contains, ipv4, ipv4Text, isHost, subnet} from '../../runbook/ipv4.ts';
import {until} from '../../pace.ts';
import {failed, ok, type Result} from '../../result.ts';
import {connectQmp, type Qmp} from '../machine/qmp.ts';
import {settle} from '../service/resident.ts';

/** A station without a machine: QEMU's user-mode network stack (libslirp) with one address on the switch. */
export interface Slirp {
  /** A TCP port on 127.0.0.1 whose connections go on from the station's address to the host's `port`. */
  forward(port: number): Promise<Result<number>>;
  /** Takes a forwarding back; connections through it stay. */
  unforward(local: number): Promise<void>;
  end(): Promise<void>;
}

export interface SlirpPlace {
  /** The station's address. */
  readonly address: string;
  /** The LAN's prefix length. */
  readonly prefix: number;
  /** Who the forwardings lead to. */
  readonly host: string;
  /** The switch's unix socket for this station. */
  readonly wire: string;
  readonly monitor: string;
  readonly log: string;
}

const netdev = 'stack';
const startMs = 30_000;
const attempts = 8;

/** A TCP port on 127.0.0.1 and the host's port that it leads to. */
export interface Forward {
  readonly local: number;
  readonly port: number;
}

/** QEMU with no machine in it. `restrict`: what the LAN sends to the world beyond is refused, never let out. */
export function slirpArguments(
  {address, prefix, host, wire, monitor}: SlirpPlace,
  forwards: readonly Forward[],
): readonly string[] {
  const net = subnet(`${address}/${prefix}`);
  // slirp wants an address for its own name server and one to begin its leases at; nobody asks either.
  const [nameServer, lease] = freeAddresses(`${address}/${prefix}`, [address, host]);
  const forwarded = forwards.map(({local, port}) => `hostfwd=tcp:127.0.0.1:${local}-${host}:${port}`);
  const user = [`user,id=${netdev}`, `net=${ipv4Text(net?.first ?? 0)}/${prefix}`, `host=${address}`];
  return [
    ['-M', 'none', '-nodefaults', '-no-user-config', '-display', 'none'],
    ['-qmp', `unix:${value(monitor)},server=on,wait=off`],
    [
      '-netdev',
      [...user, `dns=${nameServer}`, `dhcpstart=${lease}`, 'ipv6=off', 'restrict=on', ...forwarded].join(','),
    ],
    ['-netdev', `hubport,id=inside,hubid=0,netdev=${netdev}`],
    ['-netdev', `stream,id=wire,server=off,addr.type=unix,addr.path=${value(wire)}`],
    ['-netdev', 'hubport,id=outside,hubid=0,netdev=wire'],
  ].flat();
}

// QEMU reads a comma as the end of a value; two stand for one.
const value = (text: string): string => text.replaceAll(',', ',,');

function freeAddresses(lan: string, taken: readonly string[]): readonly string[] {
  const net = subnet(lan);
  if (net === undefined) return [];
  const used = new Set(taken.map(ipv4));
  const free: string[] = [];
  for (let at = net.last; at >= net.first && free.length < 2; at--)
    if (contains(net, at) && isHost(net, at) && !used.has(at)) free.push(ipv4Text(at));
  return free;
}

/** Resolves once its monitor answers. */
export async function startSlirp(place: SlirpPlace, forwards: readonly Forward[]): Promise<Slirp> {
  const resident = settle({argv: ['qemu-system-x86_64', ...slirpArguments(place, forwards)], on: [], log: place.log});
  const connected = await until<Qmp | 'ended'>(
    async () => {
      if (resident.child.exitCode !== null || resident.child.pid === undefined) return 'ended';
      const qmp = await connectQmp(place.monitor);
      return qmp.ok ? qmp.value : undefined;
    },
    {everyMs: 50, deadlineMs: startMs, clock: systemClock, signal: new AbortController().signal},
  );
  if (connected.end !== 'met' || connected.value === 'ended') {
    await resident.end();
    throw new Error(`no network stack for ${place.address}; QEMU's words are in ${place.log}`);
  }
  const qmp = connected.value;
  const monitor = async (command: string): Promise<Result<void>> => {
    const said = await qmp.execute('human-monitor-command', {'command-line': command});
    if (!said.ok) return said;
    // The human monitor has no other sign of failure than words.
    return said.value === '' ? ok(undefined) : failed(fault('lab.failed', `QEMU: ${JSON.stringify(said.value)}`));
  };
  return {
    async forward(port) {
      let trouble: Result<never> = failed(fault('lab.failed', 'no free port on 127.0.0.1'));
      // Between finding a port free and taking it, another program may have taken it.
      for (let attempt = 0; attempt < attempts; attempt++) {
        const local = await freePort();
        const added = await monitor(`hostfwd_add ${netdev} tcp:127.0.0.1:${local}-${place.host}:${port}`);
        if (added.ok) return ok(local);
        trouble = added;
      }
      return trouble;
    },
    async unforward(local) {
      await qmp.execute('human-monitor-command', {'command-line': `hostfwd_remove ${netdev} tcp:127.0.0.1:${local}`});
    },
    async end() {
      qmp.close();
      await resident.end();
    },
  };
}

/** A TCP port on 127.0.0.1 that nobody had a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('a TCP server without a port');
  return address.port;
}
