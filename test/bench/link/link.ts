import {spawn, type ChildProcess} from 'node:child_process';
import {once} from 'node:events';
import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {createInterface, type Interface} from 'node:readline';
import {execa} from 'execa';
import {leftover} from '../leftovers.ts';
import type {LinkShape} from './shape.ts';

/** Who sends and who receives: each a network namespace, with nothing between them but the link. */
export type End = 'source' | 'target';
// RFC 2544 set this network aside for benchmarks of network devices.
export const addressOf: Readonly<Record<End, string>> = {source: '198.18.0.1', target: '198.18.0.2'};

export type Congestion = 'bbr' | 'cubic';

/** Congestion controls that this kernel has; what it lacks cannot be measured here. */
export const congestions = (): readonly string[] =>
  readFileSync('/proc/sys/net/ipv4/tcp_available_congestion_control', 'utf8').trim().split(/\s+/);

/** Over all of the link's life, in one direction. */
export interface Count {
  /** Of whole IP packets that were put on the wire, those lost on it among them. */
  readonly bytes: number;
  readonly packets: number;
  readonly lost: number;
  /** Packets that found the queue before the wire full. */
  readonly dropped: number;
}

export interface Counts {
  readonly toTarget: Count;
  readonly toSource: Count;
}

let laid = 0;

/** An emulated link. Lay a new one for every measurement: TCP remembers what the path of an earlier connection was like. */
export class Link {
  readonly #names: Readonly<Record<End, string>>;
  readonly #wire: ChildProcess;
  readonly #lines: Interface;

  private constructor(names: Readonly<Record<End, string>>, wire: ChildProcess, lines: Interface) {
    this.#names = names;
    this.#wire = wire;
    this.#lines = lines;
  }

  static async lay(shape: LinkShape, congestion: Congestion, seed: number): Promise<Link> {
    const prefix = `rbb${process.pid}${(laid++).toString(36)}`;
    const names = {source: `${prefix}s`, target: `${prefix}t`};
    const {bytesPerSecond, roundTripMs, loss, queueMs} = shape;
    const queueBytes = (bytesPerSecond * queueMs) / 1000;
    const delaySeconds = roundTripMs / 2000;
    const order = {names: [names.source, names.target], bytesPerSecond, delaySeconds, loss, queueBytes, seed};
    // Ahead of what is measured: a wire that waits for a processor is a slower wire.
    const argv = ['-n', '-15', '/usr/bin/python3', join(import.meta.dirname, 'link.py'), JSON.stringify(order)];
    const wire = spawn('nice', argv, {stdio: ['pipe', 'pipe', 'inherit']});
    const lines = createInterface({input: wire.stdout});
    const link = new Link(names, wire, lines);
    try {
      await link.#line();
      for (const [end, far] of [
        ['source', 'target'],
        ['target', 'source'],
      ] as const) {
        const name = names[end];
        await execa('ip', ['netns', 'add', name]);
        await execa('ip', ['link', 'set', name, 'netns', name]);
        const input = [
          'link set lo up',
          `address add ${addressOf[end]} peer ${addressOf[far]} dev ${name}`,
          `link set ${name} mtu 1500 gso_max_segs ${trainOf(shape)} up`,
          // By route: a namespace's default must be one that the machine lets ordinary users choose.
          `route replace ${addressOf[far]} dev ${name} src ${addressOf[end]} congctl ${congestion}`,
        ];
        await execa('ip', ['-n', name, '-batch', '-'], {input: input.join('\n')});
      }
      // As the light system has it, for whoever receives there.
      await link.run('target', ['tee', '/proc/sys/net/ipv4/tcp_timestamps'], '0');
      return link;
    } catch (error) {
      await link.remove();
      throw error;
    }
  }

  /** argv as it runs at one end. */
  at(end: End, argv: readonly string[]): [string, ...string[]] {
    return ['nsenter', `--net=/run/netns/${this.#names[end]}`, '--', ...argv];
  }

  async run(end: End, argv: readonly string[], input = ''): Promise<string> {
    const [program, ...words] = this.at(end, argv);
    return (await execa(program, words, {input})).stdout;
  }

  async counts(): Promise<Counts> {
    const line = this.#line();
    this.#wire.stdin?.write('\n');
    const [toTarget, toSource] = JSON.parse(await line) as [Count, Count];
    return {toTarget, toSource};
  }

  /** Resets every TCP connection over the link, at both its ends. */
  async cut(): Promise<void> {
    await Promise.all(
      (['source', 'target'] as const).map((end) =>
        this.run(end, ['ss', '-K', '-t', 'state', 'connected', 'dst', addressOf[other(end)]]),
      ),
    );
  }

  /** Processes that live at one end. */
  async pids(end: End): Promise<readonly number[]> {
    const {stdout} = await execa('ip', ['netns', 'pids', this.#names[end]], {reject: false});
    return stdout.split('\n').filter(Boolean).map(Number);
  }

  /** Ends whoever is still at its ends. */
  readonly remove = leftover(async () => {
    this.#wire.stdin?.end();
    for (const end of ['source', 'target'] as const) {
      for (const pid of await this.pids(end)) kill(pid);
      await execa('ip', ['netns', 'delete', this.#names[end]], {reject: false});
    }
    if (this.#wire.exitCode === null) await once(this.#wire, 'exit');
  });

  async #line(): Promise<string> {
    const [line] = (await Promise.race([once(this.#lines, 'line'), once(this.#lines, 'close')])) as [string?];
    if (line === undefined) throw new Error('the link’s wire ended');
    return line;
  }
}

/** Packets of a millisecond, as Linux sizes what it hands to a network card (net/ipv4/tcp_output.c, tcp_tso_autosize). */
const trainOf = ({bytesPerSecond}: LinkShape): number => Math.max(1, Math.floor(bytesPerSecond / 1000 / 1500));

const other = (end: End): End => (end === 'source' ? 'target' : 'source');

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}
