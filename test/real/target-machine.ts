import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {mkdtemp, open, readFile, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {runId, type Serial} from '../../src/brand.ts';
import {systemClock} from '../../src/clock.ts';
import type {SshLogin} from '../../src/device/ssh/connect.ts';
import {keptSession} from '../../src/device/ssh/kept.ts';
import {newEd25519} from '../../src/device/ssh-key/ed25519.ts';
import {fingerprint, privateKeyText, publicLine} from '../../src/device/ssh-key/openssh-key.ts';
import {sshTarget} from '../../src/device/target/target.ts';
import {buildBase} from '../../src/image/light/base.ts';
import {buildIso} from '../../src/image/light/iso.ts';
import {until} from '../../src/pace.ts';
import {Secret} from '../../src/secret.ts';
import type {Memory} from '../../src/step/memory.ts';
import type {Target} from '../../src/step/world/target.ts';
import {freePort} from '../device/ssh/sshd.ts';

const MiB = 1_048_576;

/** A disk of the machine: one of each kind of controller that a server may have. */
export interface MachineDisk {
  readonly serial: string;
  readonly device: (drive: string, serial: string) => readonly string[];
  readonly bytes: number;
  /** Puts something of its own on it, instead of junk in three places. */
  readonly fill?: (file: string) => Promise<void>;
}

export const kinds = {
  virtio: (drive: string, serial: string) => ['-device', `virtio-blk-pci,drive=${drive},serial=${serial}`],
  nvme: (drive: string, serial: string) => ['-device', `nvme,drive=${drive},serial=${serial}`],
  sata: (drive: string, serial: string) => ['-device', `ide-hd,drive=${drive},bus=ide.1,serial=${serial}`],
  keptSata: (drive: string, serial: string) => ['-device', `ide-hd,drive=${drive},bus=ide.2,serial=${serial}`],
  scsi: (drive: string, serial: string) => [
    '-device',
    'virtio-scsi-pci,id=hba',
    '-device',
    `scsi-hd,drive=${drive},bus=hba.0,serial=${serial}`,
  ],
  usbStick: (drive: string, serial: string) => [
    '-device',
    'qemu-xhci,id=usb',
    '-device',
    `usb-storage,drive=${drive},bus=usb.0,removable=on,serial=${serial}`,
  ],
} as const;

export interface Machine {
  readonly target: Target & {close(): void};
  readonly login: SshLogin;
  readonly folder: string;
  /** The file behind a disk. */
  file(serial: string): string;
  /** Resolves once the machine is off. */
  readonly off: Promise<void>;
  stop(): Promise<void>;
}

export interface Fitting {
  /** Set aside by the light system's kernel. */
  readonly memory?: readonly Memory[];
  /** Called with the file behind each disk before the machine is started. */
  readonly lay?: (serial: string, file: string) => Promise<void>;
}

/** A machine in QEMU that has booted this run's light ISO, reached through a port on loopback. Each disk holds junk. */
export async function bootLight(
  disks: readonly MachineDisk[],
  writable: readonly string[],
  {memory = [], lay = async () => {}}: Fitting = {},
): Promise<Machine> {
  const folder = await mkdtemp(join(tmpdir(), 'rebuild-machine-'));
  const [hostKey, userKey] = [newEd25519(), newEd25519()];
  const run = runId('marruuk-7');
  if (!run) throw new Error('no run id');
  const base = await buildBase();
  if (!base.ok) throw new Error(base.fault.says);
  const iso = await buildIso(
    base.value,
    {
      run,
      address: '10.0.2.15/24',
      gateway: '10.0.2.2',
      mac: '52:54:00:12:34:56',
      hostKey: new Secret(privateKeyText(hostKey, 'light')),
      authorizedKey: publicLine(userKey, 'controller'),
      plan: {wipe: writable as Serial[], install: writable as Serial[]},
      memory,
    },
    join(folder, 'light.iso'),
  );
  if (!iso.ok) throw new Error(iso.fault.says);
  const port = await freePort();
  const file = (serial: string): string => join(folder, `${serial}.img`);
  for (const {serial, bytes, fill} of disks) {
    await (fill ? fill(file(serial)) : makeJunk(file(serial), bytes));
    await lay(serial, file(serial));
  }
  const child = spawn(
    'qemu-system-x86_64',
    [
      ['-machine', 'q35', '-accel', 'tcg', '-smp', '2', '-m', '1024', '-nodefaults', '-no-user-config'],
      // GRUB under BIOS does not start on a machine without a screen.
      ['-display', 'none', '-device', 'VGA', '-serial', `file:${join(folder, 'console')}`],
      ['-netdev', `user,id=net,restrict=on,hostfwd=tcp:127.0.0.1:${port}-10.0.2.15:22`],
      ['-device', 'virtio-net-pci,netdev=net,mac=52:54:00:12:34:56'],
      ['-drive', `if=none,id=cd,media=cdrom,readonly=on,format=raw,file=${iso.value.file}`],
      ['-device', 'ide-cd,drive=cd,bus=ide.0,bootindex=0'],
      ...disks.map(({serial, device}, index) => [
        '-drive',
        `if=none,id=disk${index},format=raw,cache=unsafe,file=${file(serial)}`,
        ...device(`disk${index}`, serial),
      ]),
    ].flat(),
    {stdio: ['ignore', 'ignore', 'inherit']},
  );
  const off = once(child, 'exit').then(() => undefined);
  const login = {
    address: '127.0.0.1',
    port,
    user: 'root',
    key: new Secret(privateKeyText(userKey, 'controller')),
    hostKey: fingerprint(hostKey),
    limits: {connectMs: 2000, handshakeMs: 10_000},
  };
  const target = sshTarget(keptSession(login), 1);
  const up = await until(
    async () => {
      const hello = await target.hello();
      return hello.ok ? hello.value : undefined;
    },
    {everyMs: 500, deadlineMs: 240_000, clock: systemClock, signal: new AbortController().signal},
  );
  const stop = async (): Promise<void> => {
    target.close();
    if (child.exitCode === null && child.kill('SIGKILL')) await off;
    await rm(folder, {recursive: true, force: true});
  };
  if (up.end !== 'met') {
    const console = await readFile(join(folder, 'console'), 'latin1').catch(() => '');
    await stop();
    throw new Error(`the light system did not come up: ${console.slice(-500)}`);
  }
  return {target, login, folder, file, off, stop};
}

async function makeJunk(path: string, bytes: number): Promise<void> {
  const file = await open(path, 'w');
  const junk = Buffer.alloc(MiB, 'old system ');
  for (const offset of [0, bytes / 2, bytes - MiB]) await file.write(junk, 0, MiB, offset);
  await file.close();
}
