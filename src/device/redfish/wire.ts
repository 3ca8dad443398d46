import {TLSSocket} from 'node:tls';
import {buildConnector, Pool, type Dispatcher} from 'undici';
import type {Sha256} from '../../brand.ts';
import type {Limits} from './limits.ts';

/** A BMC's certificate was not the pinned one. The socket was destroyed before any HTTP was written to it. */
export class CertificateDiffers extends Error {
  readonly found: string | undefined;

  constructor(found: string | undefined) {
    super('certificate differs');
    this.found = found;
  }
}

/** Connections to one BMC, each checked against the pin when it is made. */
export interface Wire {
  readonly origin: string;
  readonly dispatcher: Dispatcher;
  /** This controller's address on the path to the BMC, once a connection has been made. */
  localAddress(): string | undefined;
  destroy(): Promise<void>;
}

/**
 * BMC certificates are self-signed, expired and issued for other names, so a chain says nothing; the pin is the whole
 * check. `rejectUnauthorized: false` would skip `checkServerIdentity` too, hence the comparison on the connected socket.
 * Every connection makes its own handshake (no TLS session is kept): a resumed one shows no certificate of its own.
 */
export function wire(origin: string, certificate: Sha256, limits: Limits): Wire {
  let localAddress: string | undefined;
  const dial = buildConnector({
    rejectUnauthorized: false,
    allowH2: false,
    maxCachedSessions: 0,
    timeout: limits.connectMs,
  });
  const pool = new Pool(origin, {
    connections: limits.connections,
    pipelining: 1,
    headersTimeout: limits.headersMs,
    bodyTimeout: limits.headersMs,
    maxResponseSize: limits.bodyBytes,
    allowH2: false,
    connect: (options, callback) => {
      dial(options, (...dialled) => {
        const [error, socket] = dialled;
        if (error !== null) return callback(error, null);
        const found = socket instanceof TLSSocket ? fingerprint(socket) : undefined;
        if (found !== certificate) {
          socket.destroy();
          return callback(new CertificateDiffers(found), null);
        }
        localAddress = socket.localAddress?.replace(/^::ffff:/, '');
        callback(null, socket);
      });
    },
  });
  return {origin, dispatcher: pool, localAddress: () => localAddress, destroy: () => pool.destroy()};
}

/** SHA-256 over the leaf's DER, 64 lower-case hex digits. */
const fingerprint = (socket: TLSSocket): string | undefined =>
  socket.getPeerX509Certificate()?.fingerprint256.replaceAll(':', '').toLowerCase();
