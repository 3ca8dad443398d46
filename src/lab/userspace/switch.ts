import {once} from 'node:events';
import {chmodSync, rmSync} from 'node:fs';
import {createServer, type Server, type Socket} from 'node:net';
import {policyOf, type Rules} from '../../device/firewall/rules.ts';
import type {EdgePolicy, Flows} from '../../step/world/edge.ts';
import {framed, Framing} from './framing.ts';
import {flowCount} from './flow-count.ts';
import {judgeOf, type Isolated, type Judge} from './judge.ts';
import {flag, readFrame, type Frame, type Segment} from './packet.ts';

/** The switch's ports: the host's own, the router's, and a neighbour's. */
export const switchPorts = ['host', 'router', 'neighbour'] as const;
export type SwitchPort = (typeof switchPorts)[number];

/** A switch whose port towards the host obeys a policy. QEMU's `-netdev stream` plugs in. */
export interface Switch {
  /** Listening when it resolves; the path of each port's unix socket is the caller's. */
  listen(): Promise<void>;
  /** Undefined until one is set: then everything passes. */
  policy(): EdgePolicy | undefined;
  refused(): number;
  /** What the host began over IPv4, since the policy was set. */
  flows(): Flows;
  /** Replaces the policy between two frames and counts anew; undefined takes it away. */
  enforce(rules: Rules | undefined): void;
  /** Hears of each segment that the host sent and that went out by another port. */
  listenToHost(heard: (segment: Segment, by: Exclude<SwitchPort, 'host'>) => void): () => void;
  close(): void;
}

// A port that does not take its frames loses them, as a real one does.
const queueBytes = 8 * 1024 * 1024;

export function makeSwitch(paths: Readonly<Record<SwitchPort, string>>, host: Isolated): Switch {
  const plugged = new Map<SwitchPort, Socket>();
  /** MAC addresses by the port they were last seen behind. */
  const behind = new Map<string, SwitchPort>();
  const listeners = new Set<(segment: Segment, by: Exclude<SwitchPort, 'host'>) => void>();
  const servers: Server[] = [];
  let policy: EdgePolicy | undefined;
  let passes: Judge = everything;
  let refused = 0;
  let flows = flowCount();

  const goals = (port: SwitchPort, {to}: Frame): readonly SwitchPort[] => {
    const known = isMulticast(to) ? undefined : behind.get(to);
    return (known === undefined ? switchPorts : [known]).filter((goal) => goal !== port);
  };

  const mayGo = (frame: Frame, from: SwitchPort, to: SwitchPort): boolean => {
    if (from === 'host') return to === 'host' || passes(frame, {direction: 'from-host', peer: to});
    return to !== 'host' || passes(frame, {direction: 'to-host', peer: from});
  };

  /** What each port is to be sent of the frames that came in by `port`. */
  const forward = (port: SwitchPort, frames: readonly Buffer[]): ReadonlyMap<SwitchPort, Buffer[]> => {
    const sent = new Map<SwitchPort, Buffer[]>();
    for (const bytes of frames) {
      const frame = readFrame(framed(bytes));
      if (frame === undefined) continue;
      // A host that sends under others' addresses, or under thousands, must not move their frames to its own port.
      if (port !== 'host' || frame.from === host.mac) behind.set(frame.from, port);
      let stopped = false;
      const begins = port === 'host' && frame.packet.is === 'segment' && begun(frame.packet) ? frame.packet : undefined;
      if (begins) flows.tried(begins);
      for (const goal of goals(port, frame)) {
        if (!mayGo(frame, port, goal)) {
          stopped = true;
          continue;
        }
        if (begins && goal !== 'host') flows.passed(begins);
        sent.set(goal, [...(sent.get(goal) ?? []), bytes]);
        if (port === 'host' && goal !== 'host' && frame.packet.is === 'segment')
          for (const heard of listeners) heard(frame.packet, goal);
      }
      if (stopped) refused += 1;
    }
    return sent;
  };

  const plug = (port: SwitchPort, socket: Socket): void => {
    plugged.get(port)?.destroy();
    plugged.set(port, socket);
    const framing = new Framing();
    socket.on('data', (data: Buffer) => {
      const frames = framing.push(data);
      if (frames === undefined) {
        socket.destroy();
        return;
      }
      for (const [goal, sent] of forward(port, frames)) {
        const line = plugged.get(goal);
        if (line && line.writableLength < queueBytes) line.write(sent.length === 1 ? sent[0]! : Buffer.concat(sent));
      }
    });
    // QEMU goes with every power cycle of its machine.
    socket.on('error', () => {});
    socket.on('close', () => {
      if (plugged.get(port) !== socket) return;
      plugged.delete(port);
      for (const [mac, at] of behind) if (at === port) behind.delete(mac);
    });
  };

  return {
    async listen() {
      for (const port of switchPorts) {
        rmSync(paths[port], {force: true});
        const server = createServer((socket) => plug(port, socket));
        servers.push(server);
        server.listen(paths[port]);
        await once(server, 'listening');
        chmodSync(paths[port], 0o600);
      }
    },
    policy: () => policy,
    refused: () => refused,
    flows: () => flows.seen(),
    enforce(rules) {
      policy = rules && policyOf(rules);
      passes = rules === undefined ? everything : judgeOf(rules, host);
      refused = 0;
      flows = flowCount();
    },
    listenToHost(heard) {
      listeners.add(heard);
      return () => listeners.delete(heard);
    },
    close() {
      for (const server of servers) server.close();
      for (const socket of plugged.values()) socket.destroy();
    },
  };
}

const everything: Judge = () => true;

/** The lowest bit of a MAC address's first byte (IEEE 802): for more than one receiver. */
const isMulticast = (mac: string): boolean => (Number.parseInt(mac.slice(0, 2), 16) & 1) === 1;

/** A first segment, or a datagram: nobody can tell which of those is an answer. */
export const begun = (segment: Segment): boolean => segment.protocol === 'udp' || opens(segment);

/** The first segment of a TCP connection. */
export const opens = ({protocol, flags}: Segment): boolean =>
  protocol === 'tcp' && (flags & (flag.syn | flag.ack | flag.rst)) === flag.syn;
