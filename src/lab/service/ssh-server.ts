import {mkdir, readFile, writeFile} from 'node:fs/promises';
import {connect} from 'node:net';
import {join} from 'node:path';
import {systemClock} from '../../clock.ts';
import {until} from '../../pace.ts';
import type {SshStation} from '../blueprint.ts';
import type {LabFolder} from '../folder.ts';
import {keyFiles} from '../material.ts';
import {settle, type Resident} from './resident.ts';

/** Debian's sshd refuses a relative name: it starts itself again for every connection. */
export const sshd = '/usr/sbin/sshd';
// Compiled into Debian's sshd; its service file makes it, and there may be no such service here.
const privilegeSeparation = '/run/sshd';

/** sshd_config(5) of one station: root's key login and nothing else. */
export const sshServerConfig = (
  address: string,
  files: {readonly hostKey: string; readonly authorizedKeys: string},
  rootLocked: boolean,
): string =>
  [
    `ListenAddress ${address}`,
    'Port 22',
    `HostKey ${files.hostKey}`,
    `AuthorizedKeysFile ${files.authorizedKeys}`,
    'PidFile none',
    'PermitRootLogin prohibit-password',
    'AuthenticationMethods publickey',
    // The folder is its owner's alone, but it may stand below one that is everybody's, such as /tmp.
    'StrictModes no',
    // Without PAM sshd refuses an account whose password is locked; with it, a container's pam_loginuid may fail.
    `UsePAM ${rootLocked ? 'yes' : 'no'}`,
    'UseDNS no',
    'PrintMotd no',
    'PrintLastLog no',
    'X11Forwarding no',
    // bash reads ~/.bashrc also for a command that sshd gives it: what this machine's root has there is no part of a station.
    'SetEnv HOME=/nonexistent',
    // A scan from this place is a session of thousands of forwarded connections.
    'MaxSessions 100',
    'MaxStartups 100',
    'ClientAliveInterval 15',
    'LogLevel VERBOSE',
    '',
  ].join('\n');

/** Resolves once it answers. */
export async function startSshServer(
  station: SshStation,
  address: string,
  {folder, on}: {readonly folder: LabFolder; readonly on: readonly string[]},
): Promise<Resident> {
  const files = keyFiles(folder);
  const path = join(folder.directory, `${station}-sshd.conf`);
  const config = {hostKey: files.hostKey(station), authorizedKeys: files.clientPublic};
  await writeFile(path, sshServerConfig(address, config, await rootIsLocked()), {mode: 0o600});
  await mkdir(privilegeSeparation, {recursive: true, mode: 0o755});
  const log = join(folder.directory, `${station}-sshd.log`);
  const resident = settle({argv: [sshd, '-D', '-e', '-f', path], on, log});
  const up = await until(async () => ((await answers(address)) ? true : undefined), {
    everyMs: 20,
    deadlineMs: 15_000,
    clock: systemClock,
    signal: new AbortController().signal,
  });
  if (up.end !== 'met') throw new Error(`no SSH server on ${address}: ${await readFile(log, 'utf8')}`);
  return resident;
}

async function answers(host: string): Promise<boolean> {
  const socket = connect({host, port: 22, timeout: 2_000});
  const open = await new Promise<boolean>((resolve) => {
    socket.once('connect', () => resolve(true));
    socket.once('timeout', () => resolve(false));
    socket.once('error', () => resolve(false));
  });
  socket.destroy();
  return open;
}

async function rootIsLocked(): Promise<boolean> {
  const shadow = await readFile('/etc/shadow', 'utf8').catch(() => '');
  return shadow.split('\n').some((line) => line.startsWith('root:!'));
}
