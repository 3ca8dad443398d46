import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {copyFile, readFile, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {execa} from 'execa';
import {newEd25519} from '../../src/device/ssh-key/ed25519.ts';
import {privateKeyText, publicLine} from '../../src/device/ssh-key/openssh-key.ts';
import {systemClock} from '../../src/clock.ts';
import type {HostKey} from '../../src/image/os/host-files.ts';
import {firmwareArguments, ovmfOf} from '../../src/lab/machine/firmware.ts';
import {until} from '../../src/pace.ts';
import {Secret} from '../../src/secret.ts';
import {freePort} from '../device/ssh/sshd.ts';

/** The card and the addresses of a machine on QEMU's user network. */
export const userNetwork = {mac: '52:54:00:12:34:56', address: '10.0.2.15/24', gateway: '10.0.2.2', dns: ['10.0.2.3']};

export interface OsMachine {
  /** Milliseconds from power on to the first login. */
  readonly bootMs: number;
  run(...command: readonly string[]): Promise<string>;
  /** What a stranger's connection to a port of the machine gets back after sending a line. */
  readonly echoPort: number;
  stop(): Promise<void>;
}

export function newKey(): HostKey {
  const pair = newEd25519();
  return {privateKey: new Secret(privateKeyText(pair, 'test')), publicLine: publicLine(pair, 'test')};
}

/**
 * Starts a machine from a raw disk, whose changes are dropped, and waits until it lets `client` in with exactly
 * `hostKey`. Throws with the end of its console where that takes more than ten minutes.
 */
export async function bootDisk(
  folder: string,
  disk: string,
  firmware: 'bios' | 'uefi' | 'secure-boot',
  {hostKey, client}: {readonly hostKey: HostKey; readonly client: HostKey},
): Promise<OsMachine> {
  const [port, echoPort] = [await freePort(), await freePort()];
  const at = (name: string) => join(folder, `${firmware}-${name}`);
  await writeFile(at('key'), client.privateKey.reveal(), {mode: 0o600});
  await writeFile(at('known'), `machine ${hostKey.publicLine}\n`);
  const choice = {firmware: firmware === 'bios' ? 'bios' : 'uefi', secureBoot: firmware === 'secure-boot'} as const;
  const flash = ovmfOf(choice);
  if (flash) await copyFile(flash.variables, at('vars'));
  const began = systemClock.ticks();
  const child = spawn(
    'qemu-system-x86_64',
    [
      [
        ...firmwareArguments(choice, at('vars')),
        '-accel',
        'tcg,thread=multi',
        '-m',
        '1024',
        '-smp',
        '2',
        '-nodefaults',
        '-no-user-config',
      ],
      ['-display', 'none', '-device', 'VGA', '-device', 'virtio-rng-pci', '-no-reboot'],
      ['-chardev', `file,id=serial,path=${at('serial')}`, '-serial', 'chardev:serial'],
      ['-drive', `if=none,id=disk,file=${disk},format=raw,snapshot=on,cache=unsafe`],
      ['-device', 'virtio-blk-pci,drive=disk,serial=OS-1'],
      ['-netdev', `user,id=net,hostfwd=tcp:127.0.0.1:${port}-:22,hostfwd=tcp:127.0.0.1:${echoPort}-:445`],
      ['-device', `virtio-net-pci,netdev=net,mac=${userNetwork.mac}`],
    ].flat(),
    {stdio: ['ignore', 'ignore', 'inherit']},
  );
  const exited = once(child, 'exit');
  const stop = async (): Promise<void> => {
    child.kill('SIGKILL');
    await exited;
  };
  const ssh = (command: readonly string[]) =>
    execa(
      'ssh',
      [
        ['-F', 'none', '-i', at('key'), '-p', String(port), '-o', 'IdentitiesOnly=yes', '-o', 'BatchMode=yes'],
        ['-o', `UserKnownHostsFile=${at('known')}`, '-o', 'StrictHostKeyChecking=yes', '-o', 'HostKeyAlias=machine'],
        ['-o', 'ConnectTimeout=20', 'root@127.0.0.1', ...command],
      ].flat(),
      {reject: false, timeout: 60_000, stdin: 'ignore'},
    );
  const up = await until(
    async () => {
      if (child.exitCode !== null) throw new Error('the machine went down');
      const asked = await ssh(['true']);
      if (asked.stderr.includes('Host key verification failed')) throw new Error('it answers with another host key');
      return asked.exitCode === 0 ? systemClock.ticks() - began : undefined;
    },
    {everyMs: 500, deadlineMs: 600_000, clock: systemClock, signal: new AbortController().signal},
  ).catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  if (up.end !== 'met') {
    await stop();
    throw new Error(`no login; the console ends:\n${(await readFile(at('serial'), 'latin1')).slice(-2000)}`);
  }
  return {
    bootMs: up.value,
    echoPort,
    stop,
    run: async (...command) => {
      const asked = await ssh(command);
      if (asked.exitCode !== 0) throw new Error(`${command.join(' ')}: ${asked.stderr}`);
      return asked.stdout.trim();
    },
  };
}
