import {once} from 'node:events';
import {createServer} from 'node:http';
import type {AddressInfo, Socket} from 'node:net';

/** A plain static HTTP server with ranges, and what may be wrong with one. */
export interface StaticServer {
  readonly port: number;
  /** Body bytes handed to the network. */
  readonly sent: () => number;
  readonly requests: () => number;
  /** Resets every connection. */
  cut(): void;
  close(): Promise<void>;
}

export interface Manner {
  /** Body bytes after which it resets all it has and answers nobody any more. */
  readonly diesAt?: number;
  /** Gives other bytes than the file's. */
  readonly garbles?: (at: number) => boolean;
  /** Sends the head of an answer and then nothing, for so many requests. */
  readonly stalls?: number;
  /** Begins a line of an answer's head that has no end. */
  readonly rambles?: boolean;
  /** Knows no ranges: the whole file with 200. */
  readonly whole?: boolean;
  /** Ends each connection after one answer. */
  readonly closes?: boolean;
  readonly bytesPerSecond?: number;
}

export async function startStatic(
  path: string,
  blob: Uint8Array,
  manner: Manner = {},
  [address, port] = ['127.0.0.1', 0],
): Promise<StaticServer> {
  const sockets = new Set<Socket>();
  let [sent, requests, stalled] = [0, 0, 0];
  let dead = false;
  const cut = (): void => {
    for (const socket of sockets) socket.resetAndDestroy();
  };
  const server = createServer((request, response) => {
    requests++;
    if (request.url !== path) {
      response.writeHead(404, {'content-length': 0}).end();
      return;
    }
    if (manner.rambles) {
      const {socket} = request;
      const on = (): void => void (socket.destroyed || socket.write('a'.repeat(16_384), () => setImmediate(on)));
      socket.write('HTTP/1.1 206 Partial Content\r\nX-Words: ', on);
      return;
    }
    const [, from = '0', to = ''] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? [];
    const first = manner.whole ? 0 : Number(from);
    const last = manner.whole || to === '' ? blob.length - 1 : Number(to);
    response.writeHead(manner.whole ? 200 : 206, {
      'content-length': last - first + 1,
      ...(manner.whole ? {} : {'content-range': `bytes ${first}-${last}/${blob.length}`}),
      ...(manner.closes ? {connection: 'close'} : {}),
    });
    if (stalled < (manner.stalls ?? 0)) {
      stalled++;
      response.flushHeaders();
      return;
    }
    const step = (at: number): void => {
      if (at > last) {
        response.end();
        return;
      }
      if (response.destroyed) return;
      const piece = Buffer.from(blob.subarray(at, Math.min(last + 1, at + 16_384)));
      if (manner.garbles?.(at)) piece.fill(0x2a);
      sent += piece.length;
      if (manner.diesAt !== undefined && sent > manner.diesAt) {
        dead = true;
        cut();
        return;
      }
      const waitMs = manner.bytesPerSecond ? (piece.length / manner.bytesPerSecond) * 1000 : 0;
      response.write(piece, () =>
        waitMs ? setTimeout(() => step(at + piece.length), waitMs) : step(at + piece.length),
      );
    };
    step(first);
  });
  server.on('connection', (socket) => {
    if (dead) {
      socket.resetAndDestroy();
      return;
    }
    sockets.add(socket);
    socket.on('error', () => {});
    socket.once('close', () => sockets.delete(socket));
  });
  server.listen(port, address);
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    sent: () => sent,
    requests: () => requests,
    cut,
    async close() {
      cut();
      server.close();
      await once(server, 'close');
    },
  };
}
