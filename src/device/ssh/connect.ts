import ssh2, {type PublicKeyAuthMethod} from 'ssh2';
import type {Socket} from 'node:net';
import type {HostKeyPin} from '../../brand.ts';
import {fault, type Fault} from '../../fault.ts';
import {failed, ok, type Result} from '../../result.ts';
import type {Secret} from '../../secret.ts';
import {ciphers, hostKeyAlgorithms} from './algorithms.ts';
import {dial} from './dial.ts';
import {usualLimits, type SshLimits} from './limits.ts';
import {Session} from './open-session.ts';
import {pinOf} from './pin.ts';
import type {SshSession} from './session.ts';
import {printable} from './printable.ts';

export interface SshLogin {
  readonly address: string;
  readonly port: number;
  readonly user: string;
  /** Private key, OpenSSH or PEM, without a passphrase. */
  readonly key: Secret | string;
  readonly hostKey: HostKeyPin;
  readonly limits?: Partial<SshLimits>;
}

/**
 * Logs in by public key to the server that holds the pinned host key. Faults: `ssh.unreachable`,
 * `ssh.host-key-differs` (nothing was sent but the key exchange), `ssh.refused`, `ssh.lost`, `run.interrupted`.
 */
export async function connectSsh(login: SshLogin, signal: AbortSignal): Promise<Result<SshSession>> {
  const limits = {...usualLimits, ...login.limits};
  const where = `${login.address} port ${login.port}`;
  const key = typeof login.key === 'string' ? login.key : login.key.reveal();
  if (ssh2.utils.parseKey(key) instanceof Error)
    return failed(fault('ssh.refused', `the private key for ${where} cannot be read`));
  const dialled = await dial(login.address, login.port, limits.connectMs, signal);
  switch (dialled.is) {
    case 'open':
      return authenticate(dialled.socket, {...login, key}, limits, where, signal);
    case 'refused':
      return failed(fault('ssh.unreachable', `${where} refuses connections`));
    case 'silent':
      return failed(fault('ssh.unreachable', `${where}: ${dialled.says}`));
    case 'aborted':
      return failed(fault('run.interrupted', `connecting to ${where} was interrupted`));
    default:
      return dialled satisfies never;
  }
}

function authenticate(
  socket: Socket,
  {user, key, hostKey}: Omit<SshLogin, 'key'> & {readonly key: string},
  limits: SshLimits,
  where: string,
  signal: AbortSignal,
): Promise<Result<SshSession>> {
  return new Promise((resolve) => {
    const client = new ssh2.Client();
    let seen: HostKeyPin | undefined;
    const end = (result: Result<SshSession>): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      client.removeListener('ready', onReady);
      client.removeListener('close', onClose);
      if (!result.ok) socket.destroy();
      resolve(result);
    };
    const timer = setTimeout(
      () =>
        end(failed(fault('ssh.unreachable', `${where} did not finish the SSH handshake in ${limits.handshakeMs} ms`))),
      limits.handshakeMs,
    );
    const onAbort = (): void => end(failed(fault('run.interrupted', `connecting to ${where} was interrupted`)));
    const onReady = (): void => end(ok(new Session(client, socket, where, limits, hostKey)));
    const onClose = (): void =>
      end(failed(fault('ssh.unreachable', `${where} closed the connection in the handshake`)));
    signal.addEventListener('abort', onAbort, {once: true});
    client.once('ready', onReady);
    client.once('close', onClose);
    // Stays for the client's life: ssh2 may emit several errors, and one without a listener would end the process.
    client.on('error', (error) => {
      end(
        failed(seen !== undefined && seen !== hostKey ? differs(where, seen, hostKey) : handshakeFault(where, error)),
      );
    });
    const byKey: PublicKeyAuthMethod = {type: 'publickey', username: user, key};
    client.connect({
      sock: socket,
      username: user,
      // Without `none` first: one round trip less, and no server lists what else it would take.
      authHandler: [byKey],
      hostVerifier: (blob: Buffer) => (seen = pinOf(blob)) === hostKey,
      algorithms: {serverHostKey: hostKeyAlgorithms, cipher: ciphers},
      readyTimeout: 0,
      keepaliveInterval: Math.max(50, Math.floor(limits.stallMs / 3)),
      // Never drops by count: a busy link delays answers. `watchStall` judges by movement.
      keepaliveCountMax: Number.MAX_SAFE_INTEGER,
    });
  });
}

const differs = (where: string, seen: HostKeyPin, pinned: HostKeyPin): Fault =>
  fault('ssh.host-key-differs', `${where} shows ${seen}, pinned is ${pinned}`, {detail: {seen, pinned}});

function handshakeFault(where: string, error: Error & {level?: string}): Fault {
  return error.level === 'client-authentication'
    ? fault('ssh.refused', `${where} refused our key`)
    : fault('ssh.unreachable', `${where}: ${printable(error.message)}`);
}
