import {spawn, type ChildProcess} from 'node:child_process';
import {once} from 'node:events';
import {existsSync} from 'node:fs';
import {chmod, mkdir, mkdtemp, readFile, rm, writeFile} from 'node:fs/promises';
import {createServer} from 'node:net';
import {tmpdir, userInfo} from 'node:os';
import {join} from 'node:path';
import {execa} from 'execa';
import {hostKeyPin, type HostKeyPin} from '../../../src/brand.ts';

/** Debian's openssh-server; these tests mean nothing without a real one. */
export const sshdPath = '/usr/sbin/sshd';
export const haveSshd = existsSync(sshdPath);

export interface Sshd {
  readonly port: number;
  readonly user: string;
  /** The private key that may log in, and one that may not. */
  readonly key: string;
  readonly strangerKey: string;
  readonly hostKey: HostKeyPin;
  /** The host key itself, a line as `.pub` files hold it. */
  readonly hostPublic: string;
  readonly process: ChildProcess;
  stop(): Promise<void>;
}

/** Where it listens: on loopback, or at an address of a network namespace that `on` puts a program into. */
export interface Place {
  readonly on: readonly string[];
  readonly address: string;
}

/** A real sshd with keys and configuration of its own; `more` are further lines of sshd_config. */
export async function startSshd(
  more: readonly string[] = [],
  {on, address}: Place = {on: [], address: '127.0.0.1'},
): Promise<Sshd> {
  const folder = await mkdtemp(join(tmpdir(), 'rebuild-sshd-'));
  // Where sshd's privileged parent empties itself; Debian's unit makes it, and without systemd nobody does.
  if (process.getuid?.() === 0) await mkdir('/run/sshd', {recursive: true, mode: 0o755});
  const user = userInfo().username;
  const keygen = async (name: string): Promise<string> => {
    await execa('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', join(folder, name)]);
    return readFile(join(folder, name), 'utf8');
  };
  await keygen('host');
  const [key, strangerKey] = [await keygen('user'), await keygen('stranger')];
  await writeFile(join(folder, 'authorized'), await readFile(join(folder, 'user.pub')));
  await chmod(join(folder, 'authorized'), 0o600);
  const {stdout} = await execa('ssh-keygen', ['-l', '-f', join(folder, 'host.pub')]);
  const hostKey = hostKeyPin(stdout.split(' ')[1] ?? '');
  if (!hostKey) throw new Error(`no fingerprint in: ${stdout}`);
  const port = await freePort();
  await writeFile(
    join(folder, 'config'),
    [
      `Port ${port}`,
      `ListenAddress ${address}`,
      `HostKey ${join(folder, 'host')}`,
      `AuthorizedKeysFile ${join(folder, 'authorized')}`,
      'PidFile none',
      'StrictModes no',
      'UsePAM no',
      'PasswordAuthentication no',
      'PermitRootLogin prohibit-password',
      'AllowTcpForwarding yes',
      // Else bash reads the ~/.bashrc of whoever runs this, for every command.
      'SetEnv HOME=/nonexistent',
      ...more,
      '',
    ].join('\n'),
  );
  const argv = ['-D', '-e', '-f', join(folder, 'config')];
  const [program, ...words] = [...on, sshdPath];
  const child = spawn(program, [...words, ...argv], {stdio: ['ignore', 'ignore', 'pipe']});
  let said = '';
  await new Promise<void>((resolve, reject) => {
    child.stderr.on('data', (data: Buffer) => {
      said += data.toString();
      if (said.includes('Server listening')) resolve();
    });
    child.once('exit', () => reject(new Error(`sshd ended: ${said}`)));
  });
  return {
    port,
    user,
    key,
    strangerKey,
    hostKey,
    hostPublic: await readFile(join(folder, 'host.pub'), 'utf8'),
    process: child,
    async stop() {
      if (child.exitCode === null && child.kill('SIGTERM')) await once(child, 'exit');
      await rm(folder, {recursive: true, force: true});
    },
  };
}

/** The processes that serve one connection: sshd forks for each. */
export async function childrenOf(pid: number): Promise<readonly number[]> {
  const direct = (await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')).split(' ').filter(Boolean).map(Number);
  return [...direct, ...(await Promise.all(direct.map(childrenOf))).flat()];
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (!address || typeof address === 'string') throw new Error('no port');
  return address.port;
}
