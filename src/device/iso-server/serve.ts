import {once} from 'node:events';
import {createServer, type Server} from 'node:http';
import {isIPv6, type AddressInfo} from 'node:net';
import type {Sha256} from '../../brand.ts';
import {systemClock, type Clock} from '../../clock.ts';
import {fault} from '../../fault.ts';
import {until} from '../../pace.ts';
import {failed, ok, type Result} from '../../result.ts';
import type {Tell} from '../../progress.ts';
import type {Served} from '../../step/world/shelf.ts';
import {answering, type Resource} from './answer.ts';
import {holdFile} from './held-file.ts';
import {reads, type Read} from './reads.ts';

export interface IsoServerOptions {
  /** Address to listen on: this controller's own towards the BMC, never all of them. */
  readonly address: string;
  /** A run keeps its port and tokens, so that a BMC goes on reading where it was after the controller is resumed. */
  readonly port?: number;
  readonly clock?: Clock;
  readonly limits?: Partial<typeof limits>;
}

export interface IsoFile {
  /** Unguessable, 16 to 64 letters, digits, `-` and `_`; another one for each file. */
  readonly token: string;
  readonly file: string;
  readonly sha256: Sha256;
  readonly onRead?: (read: Read) => void;
  /** Told while the file is compared with its digest. */
  readonly progress?: Tell;
}

/** A file that is handed out. */
export interface OfferedIso {
  /** What satisfies every BMC: an address for a host, no query, no credentials, an end in `.iso`. */
  readonly url: string;
  readonly bytes: number;
  readonly reads: readonly Read[];
  served(): Served;
  /** Starts the count of what is `covered` anew. */
  recount(): void;
  /** Reads the whole file again; `media.digest-differs` where it was changed in place. */
  check(): Promise<Result<void>>;
  /** Whether it may have been changed in place since it was last read whole; costs nothing. */
  touched(): Promise<boolean>;
}

export interface IsoServer {
  readonly port: number;
  /** Checks a file against its digest and hands it out from then on. Faults: `media.digest-differs`, `media.not-served`. */
  offer(iso: IsoFile): Promise<Result<OfferedIso>>;
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
 * Serves ISOs, each under a secret path of its own, with HEAD and single byte ranges: firmware reads a CD in many small
 * concurrent ranges, and a server that answers 200 to a Range breaks iDRAC. Fault: `media.not-served`.
 */
export async function openIsoServer(options: IsoServerOptions): Promise<Result<IsoServer>> {
  const {address, port = 0, clock = systemClock} = options;
  const bounds = {...limits, ...options.limits};
  const resources = new Map<string, Resource>();
  const answers = answering((path) => resources.get(path));
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
  if (!bound.ok) return bound;
  const base = `http://${isIPv6(address) ? `[${address}]` : address}:${bound.value}`;
  return ok({
    port: bound.value,
    async offer({token, file, sha256, onRead, progress}) {
      if (!/^[\w-]{16,64}$/.test(token)) throw new Error('the ISO server’s token is not one');
      const path = `/${token}/rebuild.iso`;
      if (resources.has(path)) throw new Error('two files have the same token');
      const held = await holdFile(file, sha256, progress);
      if (!held.ok) return held;
      const account = reads(clock, onRead);
      resources.set(path, {etag: `"${sha256}"`, file: held.value, clock, account});
      return ok({
        url: `${base}${path}`,
        bytes: held.value.size,
        reads: account.list,
        served: () => account.served(),
        recount: () => account.recount(),
        check: () => held.value.check(),
        touched: () => held.value.touched(),
      });
    },
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
      await answers.settled();
      for (const {file} of resources.values()) await file.close();
    },
  });
}

/** One ISO on a server of its own. */
export async function serveIso(
  options: IsoServerOptions & IsoFile,
): Promise<Result<OfferedIso & Pick<IsoServer, 'port' | 'close'>>> {
  const server = await openIsoServer(options);
  if (!server.ok) return server;
  const offered = await server.value.offer(options);
  if (offered.ok) return ok({...offered.value, port: server.value.port, close: () => server.value.close()});
  await server.value.close();
  return offered;
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
