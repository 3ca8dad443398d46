import {createServer, connect, type Server, type Socket} from 'node:net';
import {once} from 'node:events';
import {chance, type Chance} from '../fault/chance.ts';
import {fault} from '../../fault.ts';
import {failed, ok, type Result} from '../../result.ts';
import {whole, type LineCondition} from './line-condition.ts';

/**
 * The breakable line over which the machine's CD drive reads the ISO: a TCP proxy.
 *
 * - `stalled`: connections stay and are taken, nothing moves; all of it comes once the line is open again.
 * - `cut`: connections are closed, new ones closed at once.
 * - `dropping`: what is sent is swallowed, on new connections too. A proxy cannot send it again as TCP would, so a
 *   connection that lost something stays open and dead, as behind a firewall that has forgotten it.
 * - loss: TCP hides it from both ends; what is left of it is time. A lost segment costs its connection a retransmission
 *   timeout, and twice that for each further loss of the same segment (RFC 6298; Linux's least is 200 ms).
 * - delay: of the bytes on their way to the drive, and of a connection's making.
 */
export interface Link {
  /** Leads to the server that `url` names, and gives the URL under which this machine reads it over the line. */
  open(url: string): Promise<Result<string>>;
  close(): void;
  /** Bytes that came over the line since it was opened, HTTP headers included. */
  carried(): number;
  condition(): LineCondition;
  /** `draws`: where losses and jitter come from. */
  become(condition: LineCondition, draws?: Chance): void;
  /** Answers every open connection with RST; new ones are taken. */
  reset(): void;
  /**
   * Calls `act` once, before more than `bytes` have come over: of what is open now or, if less comes, opened next.
   * What it gives takes that back.
   */
  whenCarried(bytes: number, act: () => void): () => void;
}

interface Watch {
  readonly bytes: number;
  readonly act: () => void;
}

const slicesPerSecond = 20;
// What one Ethernet frame carries of a TCP stream (RFC 9293, timestamps on).
const segmentBytes = 1448;
const retransmitMs = 200;

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export function link(): Link {
  const sockets = new Set<Socket>();
  const watches = new Set<Watch>();
  let server: Server | undefined;
  let condition = whole;
  let draws = chance(0);
  let changed = Promise.withResolvers<void>();
  let carried = 0;
  /** A watch is acting: nothing moves until it has. */
  const gate: {held?: Promise<void> | undefined} = {};
  /** When the throttled line is free again, in `performance.now()` milliseconds; shared by all connections. */
  let free = 0;

  const each = (act: (socket: Socket) => void): void => {
    for (const socket of sockets) act(socket);
  };

  const become: Link['become'] = (now, from = draws) => {
    condition = now;
    draws = from;
    changed.resolve();
    changed = Promise.withResolvers();
    if (now.passage === 'cut') each((socket) => socket.destroy());
  };

  /** How many of `length` bytes may go now; waits while none may. */
  const admit = async (length: number, segment: {left: number}): Promise<number> => {
    while (gate.held || condition.passage === 'stalled' || condition.passage === 'cut')
      await (gate.held ?? changed.promise);
    const next = Math.min(...[...watches].map(({bytes}) => bytes - carried).filter((left) => left > 0));
    const {bytesPerSecond, lossPercent} = condition;
    let slice = Math.min(length, next);
    if (lossPercent !== undefined) {
      if (segment.left === 0) {
        segment.left = segmentBytes;
        for (let again = retransmitMs; draws.next() * 100 < lossPercent; again *= 2) await sleep(again);
      }
      slice = Math.min(slice, segment.left);
    }
    if (bytesPerSecond !== undefined) {
      slice = Math.max(1, Math.min(slice, Math.ceil(bytesPerSecond / slicesPerSecond)));
      const now = performance.now();
      free = Math.max(free, now) + (slice / bytesPerSecond) * 1000;
      await sleep(free - now);
    }
    segment.left = Math.max(0, segment.left - slice);
    return slice;
  };

  const lagMs = (): number => ((condition.delaySeconds ?? 0) + draws.next() * (condition.jitterSeconds ?? 0)) * 1000;

  const strikeWatches = (): void => {
    for (const watch of watches) {
      if (carried < watch.bytes) continue;
      watches.delete(watch);
      watch.act();
      // Whatever the act set going comes before the next byte.
      gate.held ??= new Promise((resolve) =>
        setImmediate(() => {
          gate.held = undefined;
          resolve();
        }),
      );
    }
  };

  const carry = async (from: Socket, to: Socket): Promise<void> => {
    /** What is under way with delay arrives in its order. */
    let arrives = 0;
    const segment = {left: 0};
    let last: Promise<void> = Promise.resolve();
    for await (const data of from) {
      let rest = data as Buffer;
      while (rest.length > 0) {
        const length = await admit(rest.length, segment);
        if (to.destroyed) return;
        const slice = rest.subarray(0, length);
        rest = rest.subarray(length);
        if (condition.passage === 'dropping') return void (await once(to, 'close'));
        carried += length;
        const lag = condition.delaySeconds === undefined ? 0 : lagMs();
        if (lag > 0 || arrives > performance.now()) {
          arrives = Math.max(arrives, performance.now() + lag);
          last = sleep(arrives - performance.now()).then(() => void (to.destroyed || to.write(slice)));
        } else if (!to.write(slice)) await Promise.race([once(to, 'drain'), once(to, 'close')]);
        strikeWatches();
      }
    }
    await last;
    to.end();
  };

  const accept = async (client: Socket, host: string, port: number): Promise<void> => {
    if (condition.passage === 'cut') {
      client.destroy();
      return;
    }
    sockets.add(client);
    client.on('close', () => sockets.delete(client));
    // What an error means to the other end is dealt with below.
    client.on('error', () => {});
    // A handshake is a round trip.
    if (condition.delaySeconds !== undefined) await sleep(2 * lagMs());
    if (client.destroyed) return;
    const upstream = connect({host, port});
    upstream.on('error', () => {});
    client.on('close', () => upstream.destroy());
    client.pipe(upstream);
    await carry(upstream, client);
  };

  const close = (): void => {
    server?.close();
    server = undefined;
    each((socket) => socket.destroy());
  };

  return {
    close,
    carried: () => carried,
    condition: () => condition,
    become,
    reset: () => each((socket) => socket.resetAndDestroy()),
    whenCarried(bytes, act) {
      const watch = {bytes, act};
      if (server && carried >= bytes) act();
      else watches.add(watch);
      return () => watches.delete(watch);
    },
    async open(url) {
      const parsed = URL.canParse(url) ? new URL(url) : undefined;
      if (parsed?.protocol !== 'http:') return failed(fault('lab.failed', 'the CD drive reads plain http:// only'));
      close();
      carried = 0;
      const {hostname, port} = parsed;
      const opened = createServer((client) => {
        accept(client, hostname, Number(port || 80)).catch(() => client.destroy());
      });
      opened.listen(0, '127.0.0.1');
      await once(opened, 'listening');
      server = opened;
      const address = opened.address();
      parsed.hostname = '127.0.0.1';
      parsed.port = String(typeof address === 'object' && address ? address.port : 0);
      return ok(parsed.href);
    },
  };
}
