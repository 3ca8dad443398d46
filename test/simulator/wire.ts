import {createInterface} from 'node:readline';
import type {Socket} from 'node:net';
import type {TcpPort} from '../../src/runbook/runbook.ts';
import type {Served} from '../../src/step/world/shelf.ts';
import type {Vantage} from '../../src/step/world/vantage.ts';

/** What the simulated machine and a controller in another process say to each other, a line of JSON each. */
export interface Call {
  readonly id: number;
  /** `bmc.insert`, `vantages.1.reach`. */
  readonly path: string;
  readonly values: readonly unknown[];
}

export interface Answer {
  readonly id: number;
  readonly value: unknown;
  /** How the medium has been read by now: the one thing that a world tells without being waited for. */
  readonly served: Served;
}

/** What a controller must know before it can ask: the methods of each room, and the values that are no methods. */
export interface Greeting {
  readonly methods: Readonly<Record<string, readonly string[]>>;
  readonly vantages: readonly {readonly name: string; readonly address?: string; readonly pace: Vantage['pace']}[];
  /** What the world holds beside them: facts of the run and of the host. */
  readonly plain: Readonly<Record<string, unknown>>;
}

/** The parts of a world that are asked. */
export const rooms = ['bmc', 'edge', 'shelf', 'target', 'renewed', 'suspect'] as const;
export type Room = (typeof rooms)[number];

export const socketVariable = 'REBUILD_TEST_MACHINE';

/** Ports in a row, as the first number and how many. */
export type Span = readonly [first: number, count: number];

/** As few numbers as they are rows: all 65,535 of them by name, for every scan, were a tenth of a rebuild's time. */
export function spansOf(ports: readonly TcpPort[]): readonly Span[] {
  const spans: [first: number, count: number][] = [];
  for (const port of ports) {
    const number = Number(port.slice('tcp/'.length));
    const last = spans.at(-1);
    if (last && last[0] + last[1] === number) last[1]++;
    else spans.push([number, 1]);
  }
  return spans;
}

export const portsOf = (spans: readonly Span[]): readonly TcpPort[] =>
  spans.flatMap(([first, count]) => Array.from({length: count}, (_, index): TcpPort => `tcp/${first + index}`));

export const send = (socket: Socket, message: Call | Answer | Greeting): void =>
  void socket.write(`${JSON.stringify(message)}\n`);

/** Both ends are of this repository and of one commit: what comes is not parsed further. */
export function receive(socket: Socket, on: (message: never) => void): void {
  createInterface({input: socket})
    .on('line', (line) => on(JSON.parse(line) as never))
    // The other end was killed: there is nothing more to read.
    .on('error', () => {});
}
