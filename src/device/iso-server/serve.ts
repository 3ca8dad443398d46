import {once} from 'node:events';
import {createServer, type Server} from 'node:http';
import {isIPv6, type AddressInfo} from 'node:net';
import type {Sha256} from '../../brand.ts';
import {systemClock, type Clock} from '../../clock.ts';
import {fault} from '../../fault.ts';
import {until} from '../../pace.ts';
import {failed, ok, type Result} from '../../result.ts';
import type {Served} from '../../step/world.ts';
import {answering} from './answer.ts';
import {holdFile} from './held-file.ts';
import {reads, type Read} from './reads.ts';

export interface IsoOptions {
  /** Address to listen on: this controller's own towards the BMC, never all of them. */
  readonly address: string;
  /** A run keeps its port and token, so that a BMC goes on reading where it was after the controller is resumed. */
  readonly port?: number;
  /** Unguessable, 16 to 64 letters, digits, `-` and `_`. */
  readonly token: string;
  readonly file: string;
  readonly sha256: Sha256;
  readonly clock?: Clock;
  readonly limits?: Partial<typeof limits>;
  readonly onRead?: (read: Read) => void;
}

export interface IsoServer {
  /** What satisfies every BMC: an address for a host, no query, no credentials, an end in `.iso`. */
  readonly url: string;
  readonly port: number;
  readonly bytes: number;
  readonly reads: readonly Read[];
  served(): Served;
  /** Starts the count of what is `covered` anew. */
  recount(): void;
  /** Reads the whole file again; `media.digest-differs` where it was changed in place. */
  check(): Promise<Result<void>>;
  /** Ends connections that still read. */
  close(): Promise<void>;
}

const limits = {
  /** A client that trickles its request is cut off. */
  requestMs: 10_000,
  /**
   * One that reads slowly is not: firmware fetches a CD as it is needed, and may stand at a boot menu for as long as a
   * person does.
   */
  stalledMs: 30 * 60_000,
  keepAliveMs: 120_000,
  connections: 64,
};
// After a crash the old socket may linger, or the old process still be on its way out.
const listening = {everyMs: 250, deadlineMs: 5_000} as const;

/**
 * Serves one ISO under one secret path, with HEAD and single byte ranges: firmware reads a CD in many small concurrent
 * ranges, and a server that answers 200 to a Range breaks iDRAC. Faults: `media.digest-differs`, `media.not-served`.
 */
export async function serveIso(options: IsoOptions): Promise<Result<IsoServer>> {
  const {address, port = 0, token, file, sha256, clock = systemClock, onRead} = options;
  if (!/^[\w-]{16,64}$/.test(token)) throw new Error('the ISO server’s token is not one');
  const bounds = {...limits, ...options.limits};
  const held = await holdFile(file, sha256);
  if (!held.ok) return held;
  const account = reads(clock, onRead);
  const answers = answering({path: `/${token}/rebuild.iso`, etag: `"${sha256}"`, file: held.value, clock, account});
  const server = createServer(
    {
      headersTimeout: bounds.requestMs,
      requestTimeout: bounds.requestMs,
      keepAliveTimeout: bounds.keepAliveMs,
      connectionsCheckingInterval: Math.min(1_000, bounds.requestMs),
    },
    answers.listener,
  );
  server.maxConnections = bounds.connections;
  server.setTimeout(bounds.stalledMs);
  const bound = await listen(server, address, port, clock);
  if (!bound.ok) {
    await held.value.close();
    return bound;
  }
  const at = isIPv6(address) ? `[${address}]` : address;
  return ok({
    url: `http://${at}:${bound.value}/${token}/rebuild.iso`,
    port: bound.value,
    bytes: held.value.size,
    reads: account.list,
    served: () => account.served(),
    recount: () => account.recount(),
    check: () => held.value.check(),
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
      await answers.settled();
      await held.value.close();
    },
  });
}

async function listen(server: Server, address: string, port: number, clock: Clock): Promise<Result<number>> {
  let code = '';
  const bound = await until(
    async () => {
      try {
        server.listen({host: address, port, exclusive: true});
        await once(server, 'listening');
        return ok((server.address() as AddressInfo).port);
      } catch (error) {
        ({code = 'unknown error'} = error as NodeJS.ErrnoException);
        return code === 'EADDRINUSE' ? undefined : cannotListen(address, port, code);
      }
    },
    {...listening, clock, signal: new AbortController().signal},
  );
  return bound.end === 'met' ? bound.value : cannotListen(address, port, code);
}

const cannotListen = (address: string, port: number, code: string): Result<number> =>
  failed(fault('media.not-served', `cannot listen on ${address} port ${port} (${code})`));
