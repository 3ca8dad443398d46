import {mkdir, readFile, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import type {HostKeyPin} from '../../../src/brand.ts';
import {newEd25519} from '../../../src/device/ssh-key/ed25519.ts';
import {dropbearKey, fingerprint, privateKeyText, publicLine} from '../../../src/device/ssh-key/openssh-key.ts';
import {agentAsked, makeStage, type Stage} from '../../image/target-stage.ts';
import {device, system} from './stage-disk.ts';

/** A server, and the key that may log in to it. */
export interface Login {
  readonly address: string;
  readonly port: number;
  readonly user: string;
  readonly keyFile: string;
  readonly hostKey: HostKeyPin;
}

/** The target's end as the light system has it: its agent on a stage, behind dropbear as its `init` starts it. */
export interface LightEnd {
  readonly stage: Stage;
  readonly login: Login;
  /** argv of the server. */
  readonly server: readonly string[];
  remove(): Promise<void>;
}

const port = 2223;
// Room for the latch behind the image.
const spare = 16 * 2 ** 20;

export async function makeLightEnd(imageBytes: number, address: string): Promise<LightEnd> {
  const stage = await makeStage();
  await stage.addDisk({name: device, bytes: imageBytes + spare, attributes: {serial: system}});
  await stage.plan(['run bench-1', `wipe ${system}`, `install ${system}`]);
  const [host, user] = [newEd25519(), newEd25519()];
  const etc = join(stage.folder, 'etc');
  await writeFile(join(etc, 'passwd'), 'root:x:0:0:root:/etc/root:/bin/sh\n');
  await writeFile(join(etc, 'dropbear/host_ed25519'), dropbearKey(host), {mode: 0o600});
  await mkdir(join(etc, 'root/.ssh'), {recursive: true, mode: 0o700});
  await writeFile(join(etc, 'root/.ssh/authorized_keys'), `${publicLine(user, 'bench')}\n`, {mode: 0o600});
  const keyFile = join(stage.folder, 'user');
  await writeFile(keyFile, privateKeyText(user, 'bench'), {mode: 0o600});
  return {
    stage,
    login: {address, port, user: 'root', keyFile, hostKey: fingerprint(host)},
    server: stage.at([
      'dropbear',
      ...(await options()),
      // So that it says when it listens.
      '-E',
      '-p',
      `${address}:${port}`,
      '-P',
      '/run/dropbear.pid',
      // The stage's own path to the agent, in the shell that dropbear starts for every command.
      '-c',
      `eval "exec ${agentAsked}"`,
    ]),
    remove: () => stage.remove(),
  };
}

/** The options of dropbear in the light system's `init`, but for the port. */
async function options(): Promise<readonly string[]> {
  const init = await readFile(join(import.meta.dirname, '../../../src/image/light/system/init'), 'utf8');
  const [, words] = /^ *dropbear (.*) -p 22 /m.exec(init) ?? [];
  if (words === undefined) throw new Error('init starts no dropbear that this knows');
  return words.split(' ');
}
