import {promisify} from 'node:util';
import {gunzip} from 'node:zlib';
import {request as send} from 'undici';
import {fault} from '../../fault.ts';
import type {JsonObject} from '../../json.ts';
import {failed, ok, type Result} from '../../result.ts';
import {excerpt, parseBody} from './body.ts';
import type {Limits} from './limits.ts';
import {local} from './local.ts';
import {CertificateDiffers, type Wire} from './wire.ts';

export interface Request {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Path on the BMC, from `local()`. */
  readonly path: string;
  readonly body?: JsonObject;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Reply {
  readonly status: number;
  /** Parsed JSON, or undefined where the body is none. */
  readonly body: unknown;
  /** The first words of a body that is not JSON. */
  readonly plain: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Sends requests over one wire and remembers what that BMC's web server cannot take. */
export interface Exchange {
  /** Any answer of the BMC is a value; a fault means that there was none. */
  (request: Request, signal: AbortSignal): Promise<Result<Reply>>;
}

const redirects = new Set([301, 302, 303, 307, 308]);
const unzip = promisify(gunzip);

export function exchange(wire: Wire, limits: Limits): Exchange {
  // gzip turns ETags weak, so it is declined; HPE iLO 5 answers 406 to that, and is asked without the header.
  let declineGzip = true;

  return async (request, signal) => {
    let {path} = request;
    for (let hop = 0; hop < 4; hop++) {
      const reply = await one({...request, path}, signal);
      if (!reply.ok) return reply;
      const {status, headers} = reply.value;
      if (status === 406 && declineGzip) {
        declineGzip = false;
        continue;
      }
      const location = headers['location'];
      if (!redirects.has(status) || location === undefined) return reply;
      const to = local(wire.origin, location, path);
      // A redirect may name another path of this BMC (bmcweb adds a slash) and nothing else: the token goes nowhere else.
      if (to === undefined || (request.method !== 'GET' && status !== 307 && status !== 308))
        return failed(fault('bmc.refused', `${request.method} ${path} was redirected away; not followed`));
      path = to;
    }
    return failed(fault('bmc.refused', `${request.method} ${request.path} was redirected too often`));
  };

  async function one(request: Request, signal: AbortSignal): Promise<Result<Reply>> {
    try {
      const answer = await send(`${wire.origin}${request.path}`, {
        dispatcher: wire.dispatcher,
        method: request.method,
        // Web servers of BMCs lose requests on kept connections (sushy, gofish and Ansible all close them).
        reset: true,
        signal: AbortSignal.any([signal, AbortSignal.timeout(limits.exchangeMs)]),
        headers: {
          accept: 'application/json',
          'odata-version': '4.0',
          'user-agent': 'rebuild',
          ...(declineGzip ? {'accept-encoding': 'identity'} : {}),
          ...(request.body === undefined ? {} : {'content-type': 'application/json'}),
          ...request.headers,
        },
        ...(request.body === undefined ? {} : {body: JSON.stringify(request.body)}),
      });
      const headers = Object.fromEntries(
        Object.entries(answer.headers).flatMap(([name, value]) =>
          value === undefined ? [] : [[name, Array.isArray(value) ? (value[0] ?? '') : value]],
        ),
      );
      const raw = new Uint8Array(await answer.body.arrayBuffer());
      const bytes =
        headers['content-encoding'] === 'gzip' ? await unzip(raw, {maxOutputLength: limits.bodyBytes}) : raw;
      const body = bytes.length === 0 ? undefined : parseBody(bytes);
      return ok({status: answer.statusCode, body, plain: body === undefined ? excerpt(bytes) : '', headers});
    } catch (error) {
      return noAnswer(error, signal);
    }
  }

  function noAnswer(error: unknown, signal: AbortSignal): Result<Reply> {
    if (signal.aborted) return failed(fault('run.interrupted', 'interrupted while the BMC was asked'));
    const address = new URL(wire.origin).host;
    if (error instanceof CertificateDiffers)
      return failed(
        fault(
          'bmc.certificate-differs',
          `${address} shows a certificate that is not the pinned one: SHA-256 ${error.found ?? 'of none'}`,
          {
            detail: {found: error.found ?? null},
          },
        ),
      );
    const code = codeOf(error);
    if (code === 'UND_ERR_RES_EXCEEDED_MAX_SIZE' || code === 'ERR_BUFFER_TOO_LARGE')
      return failed(fault('bmc.refused', `${address} sent more than ${limits.bodyBytes} bytes`));
    if (code.startsWith('HPE_') || code.startsWith('Z_') || code === 'UND_ERR_HEADERS_OVERFLOW')
      return failed(fault('bmc.refused', `${address} does not answer in HTTP (${code})`));
    // undici's own argument checks are our bugs; everything else that has a code is the network's or TLS's.
    if (code === '' || code === 'UND_ERR_INVALID_ARG') throw error;
    return failed(fault('bmc.unreachable', `${address} did not answer (${code})`, {detail: {code}}));
  }
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return '';
  if (error.name === 'TimeoutError' || error.name === 'AbortError') return 'ETIMEDOUT';
  const {code} = error as {readonly code?: unknown};
  if (typeof code === 'string') return code;
  // Happy Eyeballs gives one error for all addresses it tried.
  return error instanceof AggregateError ? codeOf(error.errors[0]) : '';
}
