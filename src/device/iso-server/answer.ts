import type {IncomingMessage, RequestListener, ServerResponse} from 'node:http';
import type {Clock} from '../../clock.ts';
import type {HeldFile} from './held-file.ts';
import {span} from './range.ts';
import type {Reads} from './reads.ts';

/** One file as it is handed out. */
export interface Resource {
  readonly etag: string;
  readonly file: HeldFile;
  readonly clock: Clock;
  readonly account: Reads;
}

const pieceBytes = 256 << 10;

/** Answers requests: the file at a path, or a part of it, or the least that HTTP asks for. */
export function answering(at: (path: string) => Resource | undefined): {
  readonly listener: RequestListener;
  settled(): Promise<unknown>;
} {
  const open = new Set<Promise<void>>();
  return {
    listener(request, response) {
      const answered: Promise<void> = respond(at, request, response).finally(() => open.delete(answered));
      open.add(answered);
    },
    /** Nothing reads any file any more. */
    settled: () => Promise.all(open),
  };
}

async function respond(
  at: (path: string) => Resource | undefined,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const {method} = request;
  const resource = at(target(request.url));
  // Whoever asks for anything else learns nothing, not even which methods there are.
  if (resource === undefined) return void response.writeHead(404, {'content-length': 0}).end();
  if (method !== 'GET' && method !== 'HEAD')
    return void response.writeHead(405, {allow: 'GET, HEAD', 'content-length': 0, connection: 'close'}).end();

  const {etag, file, clock, account} = resource;
  const now = clock.now();
  const begun = clock.ticks();
  const from = (request.socket.remoteAddress ?? '').replace(/^::ffff:/, '');
  account.requested();
  const {status, first, last} = select(request, etag, file.size);
  const length = last - first + 1;
  response.writeHead(status, {
    'accept-ranges': 'bytes',
    'content-type': 'application/octet-stream',
    'content-length': status === 416 ? 0 : length,
    'last-modified': file.modified.toUTCString(),
    'cache-control': 'no-store',
    etag,
    ...(status === 206 ? {'content-range': `bytes ${first}-${last}/${file.size}`} : {}),
    ...(status === 416 ? {'content-range': `bytes */${file.size}`} : {}),
  });
  const bytes = method === 'HEAD' || status === 416 ? 0 : await send(resource, response, first, last);
  response.end();
  const range = status === 206 ? {first, last} : undefined;
  account.ended({at: now, from, method, status, range, bytes, ms: Math.round(clock.ticks() - begun)});
}

/** The path of the request line; some clients write the whole URL there, as to a proxy. */
const target = (url = ''): string => url.replace(/^http:\/\/[^/]*/i, '');

function select(request: IncomingMessage, etag: string, size: number) {
  const whole = {status: 200, first: 0, last: size - 1};
  const condition = request.headers['if-range'];
  // A date is no strong validator here: a file rebuilt within a second would pass for the old one.
  if (condition !== undefined && condition !== etag) return whole;
  // RFC 9110: Range is for GET. HEAD is answered as if it were asked for all, which is what readers want to know.
  const wanted = request.method === 'HEAD' ? ({is: 'whole'} as const) : span(request.headers.range, size);
  switch (wanted.is) {
    case 'whole':
      return whole;
    case 'part':
      return {status: 206, first: wanted.first, last: wanted.last};
    case 'unsatisfiable':
      return {status: 416, first: 0, last: -1};
    default:
      return wanted satisfies never;
  }
}

/** Sends a range at the reader's pace and returns what was handed to the network. */
async function send({file, account}: Resource, response: ServerResponse, first: number, last: number): Promise<number> {
  let sent = 0;
  for (let at = first; at <= last && response.writable;) {
    const piece = await file.read(at, Math.min(pieceBytes, last - at + 1));
    if (piece === undefined) {
      // The length promised cannot be kept, so the connection must not look complete.
      response.destroy();
      break;
    }
    if (!(await write(response, piece))) break;
    account.sent(at, at + piece.length);
    at += piece.length;
    sent += piece.length;
  }
  return sent;
}

/** True once the kernel has taken the piece; false when the reader has gone. */
function write(response: ServerResponse, piece: Uint8Array): Promise<boolean> {
  return new Promise((resolve) => {
    const gone = (): void => resolve(false);
    response.once('close', gone);
    response.write(piece, (error) => {
      response.off('close', gone);
      resolve(error === undefined || error === null);
    });
  });
}
