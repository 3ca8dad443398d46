import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {createReadStream, existsSync, openSync} from 'node:fs';
import {copyFile, mkdtemp, readFile, rm, stat, writeFile} from 'node:fs/promises';
import {createServer, type IncomingMessage, type ServerResponse} from 'node:http';
import type {AddressInfo, Socket} from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {execa} from 'execa';
import {runId, type Serial} from '../../src/brand.ts';
import {systemClock} from '../../src/clock.ts';
import {newEd25519} from '../../src/device/ssh-key/ed25519.ts';
import {privateKeyText, publicLine} from '../../src/device/ssh-key/openssh-key.ts';
import type {HostOverlay} from '../../src/image/light/host.ts';
import {firmwareArguments, ovmfOf} from '../../src/lab/machine/firmware.ts';
import {connectQmp} from '../../src/lab/machine/qmp.ts';
import {until} from '../../src/pace.ts';
import {Secret} from '../../src/secret.ts';
import {freePort} from '../device/ssh/sshd.ts';

/** `secure-boot`: UEFI that starts only what is signed. */
export type Firmware = 'bios' | 'uefi' | 'secure-boot';

/** What the machine starts from: a medium in its drive, or a kernel and an archive put into its memory. */
export type Source =
  | {
      readonly medium:
        | {readonly driver: 'file'; readonly filename: string}
        | {readonly driver: 'http'; readonly url: string};
      /**
       * `sata` unless given. Firmware tells of every read from a `usb` drive that fails, as of a BMC's virtual CD; from
       * the other one OVMF hands on what happens to be in memory.
       */
      readonly drive?: 'sata' | 'usb';
    }
  | {readonly kernel: string; readonly archive: string; readonly commandLine: string};

export interface LightMachine {
  /** All that the serial port said. */
  console(): Promise<string>;
  /** Waits until the console has it; false when the machine reset or went off before. */
  says(words: RegExp, deadlineMs?: number): Promise<boolean>;
  /** True once the machine has reset itself, false where it did not in time. */
  resets(deadlineMs?: number): Promise<boolean>;
  /** Takes the medium out of the drive, locked or not. */
  eject(): Promise<void>;
  ssh(command: readonly string[], other?: {readonly hostKey?: string; readonly key?: string}): Promise<SshEnd>;
  stop(): Promise<void>;
}

export interface SshEnd {
  readonly code: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** A run's keys, as files for OpenSSH's own client. */
export interface Stage {
  readonly folder: string;
  readonly host: HostOverlay;
  readonly hostKeyLine: string;
  readonly clientKey: string;
  /** A key that the light system does not know. */
  readonly strangerKey: string;
}

export async function makeStage(): Promise<Stage> {
  const folder = await mkdtemp(join(tmpdir(), 'rebuild-light-'));
  const [light, client, stranger] = [newEd25519(), newEd25519(), newEd25519()];
  const run = runId('marruuk-3');
  if (!run) throw new Error('no run id');
  const clientKey = join(folder, 'client');
  const strangerKey = join(folder, 'stranger');
  await writeFile(clientKey, privateKeyText(client, 'client'), {mode: 0o600});
  await writeFile(strangerKey, privateKeyText(stranger, 'stranger'), {mode: 0o600});
  return {
    folder,
    clientKey,
    strangerKey,
    hostKeyLine: publicLine(light, 'light'),
    host: {
      run,
      address: '10.0.2.15/24',
      gateway: '10.0.2.2',
      mac: '52:54:00:12:34:56',
      hostKey: new Secret(privateKeyText(light, 'light')),
      authorizedKey: publicLine(client, 'client'),
      plan: {wipe: ['S3Z8NB0K412345' as Serial], install: []},
    },
  };
}

/** What a person at the console, or the BMC that shows it to someone else, must never be offered. */
export const prompt =
  /grub>|grub rescue>|login:|password:|\(initramfs\)|BusyBox v|can't access tty|(?:^|\n)[^\n]{0,40}[#$] $/i;

const patience = {everyMs: 200, clock: systemClock, signal: new AbortController().signal};
// Several times what a machine without KVM needs when nothing else runs.
const longMs = 240_000;

export async function startMachine(stage: Stage, firmware: Firmware, source: Source): Promise<LightMachine> {
  const folder = await mkdtemp(join(stage.folder, 'machine-'));
  const port = await freePort();
  const paths = {console: join(folder, 'console'), monitor: join(folder, 'qmp'), variables: join(folder, 'vars.fd')};
  const choice = {firmware: firmware === 'bios' ? 'bios' : 'uefi', secureBoot: firmware === 'secure-boot'} as const;
  const flash = ovmfOf(choice);
  if (flash) await copyFile(flash.variables, paths.variables);
  const child = spawn(
    'qemu-system-x86_64',
    [
      // A reset ends the process, which is how it is seen.
      [
        '-no-reboot',
        ...firmwareArguments(choice, paths.variables),
        '-accel',
        'tcg',
        '-smp',
        '2',
        '-m',
        '1024',
        '-nodefaults',
        '-no-user-config',
      ],
      ['-display', 'none', '-device', 'VGA', '-device', 'virtio-rng-pci'],
      ['-chardev', `file,id=serial,path=${paths.console}`, '-serial', 'chardev:serial'],
      ['-qmp', `unix:${paths.monitor},server=on,wait=off`],
      ['-netdev', `user,id=net,restrict=on,hostfwd=tcp:127.0.0.1:${port}-10.0.2.15:22`],
      ['-device', `virtio-net-pci,netdev=net,mac=${stage.host.mac},romfile=`],
      startFrom(source),
    ].flat(),
    // A lost medium makes it complain with every read.
    {stdio: ['ignore', 'ignore', openSync(join(folder, 'qemu.log'), 'w')]},
  );
  const ended = once(child, 'exit');
  const isOn = (): boolean => child.exitCode === null && child.signalCode === null;
  const console = (): Promise<string> =>
    readFile(paths.console, 'latin1').then(
      (text) => text.replaceAll('\0', ''),
      () => '',
    );

  return {
    console,
    async says(words, deadlineMs = longMs) {
      const heard = await until(async () => (words.test(await console()) ? true : isOn() ? undefined : false), {
        ...patience,
        deadlineMs,
      });
      return heard.end === 'met' && heard.value;
    },
    async resets(deadlineMs = longMs) {
      const over = await until(async () => (isOn() ? undefined : child.exitCode === 0), {...patience, deadlineMs});
      return over.end === 'met' && over.value;
    },
    async eject() {
      const qmp = await connectQmp(paths.monitor);
      if (!qmp.ok) throw new Error(qmp.fault.says);
      for (const command of ['blockdev-open-tray', 'blockdev-remove-medium']) {
        const force = command === 'blockdev-open-tray' ? {force: true} : {};
        const done = await qmp.value.execute(command, {id: 'cd', ...force});
        if (!done.ok) throw new Error(done.fault.says);
      }
      qmp.value.close();
    },
    async ssh(command, {hostKey = stage.hostKeyLine, key = stage.clientKey} = {}) {
      const known = join(folder, 'known_hosts');
      await writeFile(known, `light ${hostKey}\n`);
      const options = {
        BatchMode: 'yes',
        ConnectTimeout: '20',
        GlobalKnownHostsFile: '/dev/null',
        HostKeyAlias: 'light',
        IdentitiesOnly: 'yes',
        StrictHostKeyChecking: 'yes',
        UserKnownHostsFile: known,
      };
      const flags = Object.entries(options).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
      const argv = ['-F', 'none', '-i', key, ...flags, '-p', String(port), 'root@127.0.0.1', ...command];
      const {exitCode, stdout, stderr} = await execa('ssh', argv, {reject: false, stdin: 'ignore', timeout: 120_000});
      return {code: exitCode, stdout, stderr};
    },
    async stop() {
      if (isOn() && child.kill('SIGKILL')) await ended;
      await rm(folder, {recursive: true, force: true});
    },
  };
}

function startFrom(source: Source): readonly string[] {
  if ('kernel' in source) return ['-kernel', source.kernel, '-initrd', source.archive, '-append', source.commandLine];
  const {medium, drive = 'sata'} = source;
  const file = medium.driver === 'http' ? {...medium, timeout: 5, readahead: 262_144} : medium;
  const node = {driver: 'raw', 'node-name': 'medium', 'read-only': true, file};
  const drives = {
    sata: ['-device', 'ide-cd,id=cd,drive=medium,bus=ide.1,bootindex=0'],
    usb: [
      ['-device', 'qemu-xhci,id=usb', '-device', 'usb-bot,id=port,bus=usb.0'],
      ['-device', 'scsi-cd,id=cd,drive=medium,bus=port.0,bootindex=0'],
    ].flat(),
  };
  return ['-blockdev', JSON.stringify(node), ...drives[drive]];
}

export interface CutMedium {
  readonly url: string;
  /** Bytes that have left. */
  sent(): number;
  close(): Promise<void>;
}

/** Where a part of a file lies in it. */
export interface Part {
  readonly from: number;
  readonly to: number;
}

// What a drive is asked for is whole sectors.
const block = 512;

/**
 * Serves a file by HTTP until so many bytes have left, or until a part of the file has been read whole; from then on it
 * is gone for good: cut, then refused.
 */
export async function serveUntil(path: string, loss: number | Part): Promise<CutMedium> {
  if (!existsSync(path)) throw new Error(`${path} is missing`);
  const {size} = await stat(path);
  const sockets = new Set<Socket>();
  const limit = typeof loss === 'number' ? loss : Infinity;
  const unread = new Set<number>();
  if (typeof loss !== 'number') for (let at = loss.from; at < loss.to; at += block) unread.add(Math.floor(at / block));
  let sent = 0;
  const lose = (): void => {
    server.close();
    for (const socket of sockets) socket.destroy();
  };
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    const [, from = '0', to = ''] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') ?? [];
    const [start, end] = [Number(from), Math.min(to === '' ? size - 1 : Number(to), size - 1)];
    const partial = request.headers.range !== undefined;
    if (typeof loss !== 'number' && unread.size === 0) {
      lose();
      return;
    }
    response.writeHead(partial ? 206 : 200, {
      'accept-ranges': 'bytes',
      'content-length': end - start + 1,
      ...(partial ? {'content-range': `bytes ${start}-${end}/${size}`} : {}),
    });
    if (request.method === 'HEAD') {
      response.end();
      return;
    }
    const reading = createReadStream(path, {start, end, highWaterMark: 65_536});
    reading.on('data', (data) => {
      const rest = limit - sent;
      const part = data.slice(0, Math.max(0, rest));
      sent += part.length;
      response.write(part);
      if (rest > data.length) return;
      reading.destroy();
      lose();
    });
    reading.on('end', () => {
      response.end();
      for (let at = Math.ceil(start / block); (at + 1) * block <= end + 1; at++) unread.delete(at);
    });
    response.on('close', () => reading.destroy());
  };
  const server = createServer(answer);
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const {port} = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/light.iso`,
    sent: () => sent,
    async close() {
      for (const socket of sockets) socket.destroy();
      if (!server.listening) return;
      server.close();
      await once(server, 'close');
    },
  };
}
