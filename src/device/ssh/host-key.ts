import type {Duplex} from 'node:stream';
import ssh2 from 'ssh2';
import type {HostKeyPin} from '../../brand.ts';
import {fault} from '../../fault.ts';
import {failed, ok, type Result} from '../../result.ts';
import {hostKeyAlgorithms} from './algorithms.ts';
import {dial} from './dial.ts';
import {pinOf} from './pin.ts';

const handshakeMs = 15_000;

/** The host key that answers at the address, without logging in; undefined where nothing answers SSH. */
export async function hostKeyOf(
  address: string,
  port: number,
  signal: AbortSignal,
  connectMs = 3000,
): Promise<Result<HostKeyPin | undefined>> {
  const dialled = await dial(address, port, connectMs, signal);
  if (dialled.is === 'aborted')
    return failed(fault('run.interrupted', `reading the host key of ${address} was interrupted`));
  return ok(dialled.is === 'open' ? await hostKeyThrough(dialled.socket, signal) : undefined);
}

/** The host key of the SSH server at the other end of `stream`, which is destroyed as soon as the key is seen. */
export function hostKeyThrough(stream: Duplex, signal: AbortSignal): Promise<HostKeyPin | undefined> {
  return new Promise((resolve) => {
    const client = new ssh2.Client();
    const end = (seen: HostKeyPin | undefined): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      stream.destroy();
      resolve(seen);
    };
    const timer = setTimeout(() => end(undefined), handshakeMs);
    const onAbort = (): void => end(undefined);
    signal.addEventListener('abort', onAbort, {once: true});
    client.on('error', () => end(undefined));
    client.once('close', () => end(undefined));
    client.connect({
      sock: stream,
      username: 'root',
      authHandler: [],
      hostVerifier: (blob: Buffer) => {
        end(pinOf(blob));
        return false;
      },
      algorithms: {serverHostKey: hostKeyAlgorithms},
      readyTimeout: 0,
    });
  });
}
