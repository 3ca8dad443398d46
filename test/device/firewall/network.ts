import {execFileSync, spawn, spawnSync, type ChildProcess} from 'node:child_process';
import {randomBytes} from 'node:crypto';
import {once} from 'node:events';
import {join} from 'node:path';
import {createInterface, type Interface} from 'node:readline';
import type {Anew, Exec} from '../../../src/device/firewall/exec.ts';
import {ok} from '../../../src/result.ts';
import type {Numbered} from './station/answering.ts';
import type {Target} from './station/reach.ts';

export type {Target} from './station/reach.ts';
export type Station = 'gateway' | 'host' | 'neighbour' | 'outside' | 'controller';

export const address = {
  host: '203.0.113.20',
  host6: '2001:db8:1::20',
  neighbour: '203.0.113.30',
  neighbour6: '2001:db8:1::30',
  lan: '203.0.113.1',
  lan6: '2001:db8:1::1',
  outside: '198.51.100.10',
  outside6: '2001:db8:2::10',
  controller: '10.9.0.2',
  gateway: '10.9.0.1',
} as const;
export const hostMac = '52:54:00:00:00:20';
export const neighbourMac = '52:54:00:00:00:30';

const script = (name: string): string => join(import.meta.dirname, 'station', name);

/**
 * Five hosts in network namespaces of their own. The host is behind the gateway's `host0`: a port of the bridge that
 * the neighbour is on too, or (`routed`) an interface with a network of its own.
 */
export class Network {
  readonly #prefix = `rbfw${randomBytes(4).toString('hex')}`;
  readonly #children: ChildProcess[] = [];
  readonly #servers = new Map<Station, ChildProcess>();
  /** Scripts that are at a station, by both. */
  readonly #asked = new Map<string, Promise<(order: unknown) => Promise<unknown>>>();

  static async build(shape: 'bridged' | 'routed'): Promise<Network> {
    const network = new Network();
    network.#wire(shape);
    for (const station of ['host', 'neighbour', 'outside', 'controller', 'gateway'] as const)
      await network.serve(station);
    return network;
  }

  #name(station: Station): string {
    return `${this.#prefix}-${station}`;
  }

  #wire(shape: 'bridged' | 'routed'): void {
    const ip = (station: Station, words: string): void => {
      execFileSync('ip', ['-n', this.#name(station), ...words.split(' ')]);
    };
    const stations: Station[] = ['gateway', 'host', 'neighbour', 'outside', 'controller'];
    for (const station of stations) {
      execFileSync('ip', ['netns', 'add', this.#name(station)]);
      ip(station, 'link set lo up');
      // No waiting until an address is known to be nobody else's.
      this.#run(station, ['tee', '/proc/sys/net/ipv6/conf/default/accept_dad'], '0\n');
    }
    const cable = (port: string, station: Station): void =>
      ip('gateway', `link add ${port} type veth peer name eth0 netns ${this.#name(station)}`);
    cable('host0', 'host');
    cable('near0', 'neighbour');
    cable('wan0', 'outside');
    cable('mgmt0', 'controller');
    ip('host', `link set eth0 address ${hostMac}`);
    ip('neighbour', `link set eth0 address ${neighbourMac}`);
    ip('gateway', 'link add lan type bridge forward_delay 0 mcast_snooping 0');
    ip('gateway', 'link set near0 master lan');
    const hostSide = shape === 'bridged' ? 'lan' : 'host0';
    if (shape === 'bridged') ip('gateway', 'link set host0 master lan');
    for (const port of ['host0', 'near0', 'wan0', 'mgmt0', 'lan']) ip('gateway', `link set ${port} up`);
    const at = (station: Station, port: string, ...addresses: string[]): void => {
      for (const cidr of addresses)
        ip(station, `address add ${cidr} dev ${port} ${cidr.includes(':') ? 'nodad' : ''}`.trim());
    };
    at('gateway', hostSide, `${address.lan}/24`, `${address.lan6}/64`);
    at('gateway', 'wan0', '198.51.100.1/24', '2001:db8:2::1/64');
    at('gateway', 'mgmt0', `${address.gateway}/24`);
    at('host', 'eth0', `${address.host}/24`, `${address.host6}/64`, '203.0.113.99/24');
    at('neighbour', 'eth0', `${address.neighbour}/24`, `${address.neighbour6}/64`);
    at('outside', 'eth0', `${address.outside}/24`, `${address.outside6}/64`);
    at('controller', 'eth0', `${address.controller}/24`);
    for (const [station, via, via6] of [
      ['host', address.lan, address.lan6],
      ['neighbour', address.lan, address.lan6],
      ['outside', '198.51.100.1', '2001:db8:2::1'],
      ['controller', address.gateway, undefined],
    ] as const) {
      ip(station, 'link set eth0 up');
      ip(station, `route add default via ${via}`);
      if (via6 !== undefined) ip(station, `-6 route add default via ${via6}`);
    }
    if (shape === 'bridged') {
      // Known beforehand, so that it is not the silence of ARP that a closed path is closed by.
      for (const at of [address.neighbour, address.neighbour6])
        ip('host', `neigh replace ${at} lladdr ${neighbourMac} nud permanent dev eth0`);
      for (const at of [address.host, address.host6])
        ip('neighbour', `neigh replace ${at} lladdr ${hostMac} nud permanent dev eth0`);
    }
    const forwarding = ['/proc/sys/net/ipv4/ip_forward', '/proc/sys/net/ipv6/conf/all/forwarding'];
    for (const file of forwarding) this.#run('gateway', ['tee', file], '1\n');
    // One error message a second would make the order of probes matter.
    this.#run('gateway', ['tee', '/proc/sys/net/ipv4/icmp_ratelimit'], '0\n');
  }

  /** What puts a program onto a station. */
  on(station: Station): readonly string[] {
    return ['nsenter', `--net=/run/netns/${this.#name(station)}`, '--'];
  }

  #argv(station: Station, argv: readonly string[]): [string, string[]] {
    const [program = '', ...words] = [...this.on(station), ...argv];
    return [program, words];
  }

  #run(station: Station, argv: readonly string[], stdin = ''): string {
    return execFileSync(...this.#argv(station, argv), {input: stdin, encoding: 'utf8'});
  }

  async serve(station: Station): Promise<void> {
    const [child] = await this.#start(station, 'serve.ts', ['22', '53', '80', '443', '445']);
    this.#servers.set(station, child);
  }

  /** Frees the ports of a station's server, for connections of its own from them. */
  async mute(station: Station): Promise<void> {
    const child = this.#servers.get(station);
    if (child !== undefined) await end(child);
  }

  async #start(station: Station, name: string, argv: readonly string[]): Promise<[ChildProcess, Interface]> {
    const [program, words] = this.#argv(station, [process.execPath, script(name), ...argv]);
    const child = spawn(program, words, {stdio: ['pipe', 'pipe', 'inherit']});
    this.#children.push(child);
    const lines = createInterface({input: child.stdout});
    await once(lines, 'line');
    return [child, lines];
  }

  /** What a program on the gateway prints. */
  gateway(...argv: readonly string[]): string {
    return this.#run('gateway', argv);
  }

  /** Loads rules on the gateway. */
  nft(rules: string): void {
    this.#run('gateway', ['nft', '-f', '-'], rules);
  }

  /** What a program on a station prints. */
  at(station: Station, ...argv: readonly string[]): string {
    return this.#run(station, argv);
  }

  readonly exec: Exec = (argv, stdin = '') => {
    const done = spawnSync(...this.#argv('gateway', argv), {input: stdin, encoding: 'utf8'});
    return Promise.resolve(ok({code: done.status ?? 255, stdout: done.stdout, stderr: done.stderr}));
  };

  /** Nothing is kept between two of these anyway. */
  readonly anew: Anew = async () => ok({exec: this.exec, close: () => {}});

  /** `open`, `refused` or `silent` for each, all tried at once. */
  async reach(from: Station, targets: readonly Target[]): Promise<readonly string[]> {
    return (await this.ask(from, 'reach.ts', targets)) as string[];
  }

  /** What one of the scripts answers to an order, as JSON both. It stays for the next one: a start costs more than a try. */
  async ask(from: Station, name: string, order: unknown): Promise<unknown> {
    const key = `${from} ${name}`;
    const asked = this.#asked.get(key) ?? this.#answering(from, name);
    this.#asked.set(key, asked);
    return (await asked)(order);
  }

  async #answering(from: Station, name: string): Promise<(order: unknown) => Promise<unknown>> {
    const [child, lines] = await this.#start(from, name, []);
    const waiting = new Map<number, PromiseWithResolvers<unknown>>();
    lines.on('line', (line) => {
      const {number, content} = JSON.parse(line) as Numbered;
      waiting.get(number)?.resolve(content);
      waiting.delete(number);
    });
    child.once('exit', () => {
      for (const {reject} of waiting.values()) reject(new Error(`${name} at ${from} has ended`));
    });
    let last = 0;
    return (content) => {
      const answer = Promise.withResolvers<unknown>();
      waiting.set(++last, answer);
      child.stdin?.write(`${JSON.stringify({number: last, content} satisfies Numbered)}\n`);
      return answer.promise;
    };
  }

  /** A connection that stays open; each call asks whether it still carries anything. */
  async hold(from: Station, target: string, port: number): Promise<() => Promise<string>> {
    const [child, lines] = await this.#start(from, 'hold.ts', [target, String(port)]);
    return async () => {
      const answer = once(lines, 'line') as Promise<[string]>;
      child.stdin?.write('?\n');
      return (await answer)[0];
    };
  }

  async close(): Promise<void> {
    for (const child of this.#children) await end(child);
    for (const station of ['gateway', 'host', 'neighbour', 'outside', 'controller'] as const)
      spawnSync('ip', ['netns', 'delete', this.#name(station)]);
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}
