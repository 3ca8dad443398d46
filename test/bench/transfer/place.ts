import {spawn, type ChildProcess} from 'node:child_process';
import {once} from 'node:events';
import {mkdtemp, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {execa} from 'execa';
import {startSshd} from '../../device/ssh/sshd.ts';
import {addressOf, type End, type Link} from '../link/link.ts';
import type {BenchImage} from './image.ts';
import {logFormat} from './contestant/asked.ts';
import {makeLightEnd, type LightEnd} from './light-end.ts';

const httpPort = 8080;
const accessLog = 'access.log';

/** The two ends of one link as one contestant finds them: files at the source, an empty disk at the target. */
export interface Place {
  readonly link: Link;
  readonly image: BenchImage;
  /** The target's RAM. */
  readonly folder: string;
  /** The target's disk: a file full of zeros, as large as the image. */
  readonly disk: string;
  url(name: string): string;
  /** `log`: which ranges were asked of it. */
  readonly http: {readonly address: string; readonly port: number; readonly log: string};
  readonly ssh: Openssh;
  /** The light system's own server and agent, for whoever needs them. */
  readonly light?: LightEnd;
}

interface Openssh {
  readonly address: string;
  readonly port: number;
  readonly user: string;
  /** With which its own clients log in. */
  readonly options: readonly string[];
}

/** Lays out a place over a link that was just laid, in the folder for temporary files. */
export async function setUp(
  link: Link,
  image: BenchImage,
  needs: 'agent' | undefined,
): Promise<Place & {readonly close: () => Promise<void>}> {
  const folder = await mkdtemp(join(tmpdir(), 'rebuild-place-'));
  const light = needs === 'agent' ? await makeLightEnd(image.bytes, addressOf.target) : undefined;
  const started: ChildProcess[] = [];
  const stops: (() => Promise<void>)[] = [];
  const begin = async (end: End, argv: readonly string[], ready: string): Promise<ChildProcess> => {
    const [program, ...words] = link.at(end, argv);
    const child = spawn(program, words, {stdio: ['ignore', 'ignore', 'pipe']});
    started.push(child);
    let said = '';
    await new Promise<void>((resolve, reject) => {
      child.stderr.on('data', (data: Buffer) => {
        said += data.toString();
        if (said.includes(ready)) resolve();
      });
      child.once('exit', () => reject(new Error(`${argv[0]} ended: ${said}`)));
    });
    child.stderr.resume();
    return child;
  };
  const close = async (): Promise<void> => {
    for (const child of started)
      if (child.exitCode === null && child.signalCode === null) {
        const gone = once(child, 'exit');
        child.kill('SIGTERM');
        await gone;
      }
    for (const stop of stops) await stop();
    await rm(folder, {recursive: true, force: true});
    await light?.remove();
  };
  try {
    const nginx = await nginxConfiguration(folder, image.folder);
    await begin('source', ['/usr/sbin/nginx', '-p', folder, '-c', nginx, '-e', 'stderr'], 'start worker process');
    const ssh = await openssh(link, folder);
    stops.push(ssh.stop);
    if (light) await begin('target', light.server, 'Not backgrounding');
    const disk = join(folder, 'disk');
    await writeFile(disk, '');
    await execa('truncate', ['-s', String(image.bytes), disk]);
    return {
      link,
      image,
      folder,
      disk,
      url: (name) => `http://${addressOf.source}:${httpPort}/${name}`,
      http: {address: addressOf.source, port: httpPort, log: join(folder, accessLog)},
      ssh,
      ...(light && {light}),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function nginxConfiguration(folder: string, root: string): Promise<string> {
  const file = join(folder, 'nginx.conf');
  await writeFile(
    file,
    `daemon off;
user root;
worker_processes 1;
pid ${join(folder, 'nginx.pid')};
error_log stderr notice;
events {}
http {
  log_format asked '${logFormat}';
  access_log ${join(folder, accessLog)} asked;
  sendfile on;
  tcp_nopush on;
  keepalive_timeout 75;
  server { listen ${addressOf.source}:${httpPort}; root ${root}; }
}
`,
  );
  return file;
}

/** OpenSSH's server as most machines have it, and how its own clients log in to it. */
async function openssh(link: Link, folder: string): Promise<Openssh & {readonly stop: () => Promise<void>}> {
  const address = addressOf.target;
  const more = ['UseDNS no', 'MaxStartups 100', 'MaxSessions 100', 'Subsystem sftp internal-sftp'];
  const sshd = await startSshd(more, {on: link.at('target', []), address});
  const {port, user, key, hostPublic} = sshd;
  const [keyFile, hosts] = [join(folder, 'user'), join(folder, 'known_hosts')];
  await writeFile(keyFile, key, {mode: 0o600});
  await writeFile(hosts, `[${address}]:${port} ${hostPublic}`);
  const wish = {
    IdentityFile: keyFile,
    UserKnownHostsFile: hosts,
    IdentitiesOnly: 'yes',
    BatchMode: 'yes',
    LogLevel: 'ERROR',
  };
  const options = Object.entries(wish).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
  return {address, port, user, options, stop: () => sshd.stop()};
}
