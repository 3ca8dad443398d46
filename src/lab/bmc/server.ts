import {appendFile} from 'node:fs/promises';
import type {IncomingMessage} from 'node:http';
import {createServer} from 'node:https';
import {once} from 'node:events';
import type {Clock} from '../../clock.ts';
import {refuse, type Request} from './exchange.ts';
import {refusals} from './message.ts';
import type {Redfish} from './redfish.ts';

export interface BmcServerParts {
  readonly address: string;
  readonly port: number;
  readonly certificate: string;
  readonly key: string;
  readonly redfish: Redfish;
  readonly clock: Clock;
  /** Gets a line per request: no body, no header, so no password and no token. */
  readonly accessLog: string;
}

const longestBody = 64 * 1024;

/** The BMC's HTTPS server. */
export interface BmcServer {
  /** Nobody answers at its address any more, and every connection breaks. */
  down(): void;
  up(): Promise<void>;
}

/** Up when it resolves. */
export async function serveBmc(parts: BmcServerParts): Promise<BmcServer> {
  const {address, port, certificate, key, redfish, clock, accessLog} = parts;
  const server = createServer({cert: certificate, key, minVersion: 'TLSv1.2'}, (incoming, outgoing) => {
    const begun = clock.ticks();
    const finish = async (): Promise<void> => {
      const request = await read(incoming);
      const {status, body, headers} = request === undefined ? refuse(refusals.tooLarge()) : await redfish(request);
      const text = body === undefined ? '' : JSON.stringify(body);
      outgoing.writeHead(status, {
        'OData-Version': '4.0',
        'Cache-Control': 'no-cache',
        Server: 'rebuild-lab-bmc',
        ...(text !== '' && {'Content-Type': 'application/json;charset=utf-8'}),
        // RFC 9110, 8.6: none with 204.
        ...(status !== 204 && {'Content-Length': Buffer.byteLength(text)}),
        ...headers,
      });
      outgoing.end(incoming.method === 'HEAD' ? '' : text);
      const ms = Math.round(clock.ticks() - begun);
      const line = {at: clock.now(), method: incoming.method, path: pathOf(incoming), status, ms};
      await appendFile(accessLog, `${JSON.stringify(line)}\n`, {mode: 0o600});
    };
    // A client that goes away in the middle breaks only its own request.
    finish().catch(() => outgoing.destroy());
  });
  const up = async (): Promise<void> => {
    if (server.listening) return;
    server.listen(port, address);
    await once(server, 'listening');
  };
  await up();
  return {
    up,
    down() {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function read(incoming: IncomingMessage): Promise<Request | undefined> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of incoming) {
    length += (part as Buffer).length;
    if (length <= longestBody) parts.push(part as Buffer);
  }
  if (length > longestBody) return undefined;
  const {method = 'GET', headers} = incoming;
  const token = headers['x-auth-token'];
  return {
    method,
    path: pathOf(incoming),
    token: typeof token === 'string' ? token : undefined,
    authorization: headers.authorization,
    ifMatch: headers['if-match'],
    body: Buffer.concat(parts).toString('utf8'),
  };
}

const pathOf = ({url = '/'}: IncomingMessage): string => (url.split('?')[0] ?? '/').replace(/\/+$/, '') || '/';
