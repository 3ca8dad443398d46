import {createServer, connect, type Server, type Socket} from 'node:net';
import {once} from 'node:events';
import {fault} from '../../fault.ts';
import {failed, ok, type Result} from '../../result.ts';

export type LinkCondition =
  | {readonly is: 'whole'}
  | {readonly is: 'throttled'; readonly bytesPerSecond: number}
  /** Connections stay and nothing moves. */
  | {readonly is: 'stalled'}
  /** Connections are broken and new ones refused. */
  | {readonly is: 'cut'};

/** The breakable line over which the machine's CD drive reads the ISO. */
export interface Link {
  /** Leads to the server that `url` names, and gives the URL under which this machine reads it over the line. */
  open(url: string): Promise<Result<string>>;
  close(): void;
  /** Bytes that came over the line since it was opened, HTTP headers included. */
  carried(): number;
  condition(): LinkCondition;
  become(condition: LinkCondition): void;
  /** Calls `act` once, before more than `bytes` have come over: of what is open now or, if less comes, opened next. */
  whenCarried(bytes: number, act: () => void): void;
}

const slicesPerSecond = 20;

export function link(): Link {
  const sockets = new Set<Socket>();
  let server: Server | undefined;
  let condition: LinkCondition = {is: 'whole'};
  let changed = Promise.withResolvers<void>();
  let carried = 0;
  let watch: {readonly bytes: number; readonly act: () => void} | undefined;
  /** When the throttled line is free again, in `performance.now()` milliseconds; shared by all connections. */
  let free = 0;

  const breakAll = (): void => {
    for (const socket of sockets) socket.destroy();
  };

  const become = (now: LinkCondition): void => {
    condition = now;
    changed.resolve();
    changed = Promise.withResolvers();
    if (now.is === 'cut') breakAll();
  };

  /** How many of `length` bytes may go now; waits while none may. */
  const admit = async (length: number): Promise<number> => {
    while (condition.is === 'stalled' || condition.is === 'cut') await changed.promise;
    const before = watch && watch.bytes > carried ? Math.min(length, watch.bytes - carried) : length;
    if (condition.is !== 'throttled') return before;
    const {bytesPerSecond} = condition;
    const slice = Math.max(1, Math.min(before, Math.ceil(bytesPerSecond / slicesPerSecond)));
    const now = performance.now();
    free = Math.max(free, now) + (slice / bytesPerSecond) * 1000;
    await new Promise((resolve) => setTimeout(resolve, free - now));
    return slice;
  };

  const carry = async (from: Socket, to: Socket): Promise<void> => {
    for await (const data of from) {
      let rest = data as Buffer;
      while (rest.length > 0) {
        const length = await admit(rest.length);
        if (to.destroyed) return;
        carried += length;
        const flowing = to.write(rest.subarray(0, length));
        rest = rest.subarray(length);
        if (watch && carried >= watch.bytes) {
          const {act} = watch;
          watch = undefined;
          act();
        }
        if (!flowing && !to.destroyed) await Promise.race([once(to, 'drain'), once(to, 'close')]);
      }
    }
    to.end();
  };

  const accept = (client: Socket, host: string, port: number): void => {
    if (condition.is === 'cut') {
      client.destroy();
      return;
    }
    const upstream = connect({host, port});
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
      // What an error means to the other end is dealt with below.
      socket.on('error', () => {});
    }
    client.on('close', () => upstream.destroy());
    client.pipe(upstream);
    carry(upstream, client).catch(() => client.destroy());
  };

  const close = (): void => {
    server?.close();
    server = undefined;
    breakAll();
  };

  return {
    close,
    carried: () => carried,
    condition: () => condition,
    become,
    whenCarried(bytes, act) {
      if (server && carried >= bytes) act();
      else watch = {bytes, act};
    },
    async open(url) {
      const parsed = URL.canParse(url) ? new URL(url) : undefined;
      if (parsed?.protocol !== 'http:') return failed(fault('lab.failed', 'the CD drive reads plain http:// only'));
      close();
      carried = 0;
      const {hostname, port} = parsed;
      const opened = createServer((client) => accept(client, hostname, Number(port || 80)));
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
