import {connect, type Socket} from 'node:net';

/** What became of an attempt to open a TCP connection. `silent` covers an answer that never came and no route alike. */
export type Dialled =
  | {readonly is: 'open'; readonly socket: Socket}
  | {readonly is: 'refused'}
  /** `code`: the errno, where connect(2) gave one. */
  | {readonly is: 'silent'; readonly says: string; readonly code?: string}
  | {readonly is: 'aborted'};

/** Opens a TCP connection within `deadlineMs`. Nagle is off: an SSH request in flight would wait for its own answer. */
export function dial(address: string, port: number, deadlineMs: number, signal: AbortSignal): Promise<Dialled> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve({is: 'aborted'});
    const socket = connect({host: address, port, noDelay: true, keepAlive: true, keepAliveInitialDelay: 10_000});
    const end = (dialled: Dialled): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      socket.removeAllListeners();
      if (dialled.is !== 'open') {
        socket.on('error', () => {});
        socket.destroy();
      }
      resolve(dialled);
    };
    const onAbort = (): void => end({is: 'aborted'});
    const timer = setTimeout(() => end({is: 'silent', says: `no answer within ${deadlineMs} ms`}), deadlineMs);
    signal.addEventListener('abort', onAbort, {once: true});
    socket.once('connect', () => end({is: 'open', socket}));
    socket.once('error', (error: NodeJS.ErrnoException) =>
      end(
        error.code === 'ECONNREFUSED'
          ? {is: 'refused'}
          : {is: 'silent', says: error.code ?? error.message, ...(error.code !== undefined && {code: error.code})},
      ),
    );
  });
}
