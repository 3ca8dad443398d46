import {X509Certificate, randomBytes} from 'node:crypto';
import {mkdir, readFile, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import type {HostKeyPin, Sha256} from '../brand.ts';
import {newEd25519} from '../device/ssh-key/ed25519.ts';
import {fingerprint, privateKeyText, publicLine} from '../device/ssh-key/openssh-key.ts';
import {failed, ok, type Result} from '../result.ts';
import {Secret} from '../secret.ts';
import {sshStations, type SshStation} from './blueprint.ts';
import type {LabFolder} from './folder.ts';
import {runProgram} from './program.ts';

/** Files of a lab's keys and passwords, each readable by its owner alone. */
export interface KeyFiles {
  readonly certificate: string;
  readonly certificateKey: string;
  readonly bmcUser: string;
  readonly bmcPassword: string;
  /** What `bmc.rotate` sets. */
  readonly bmcNextPassword: string;
  /** Logs in to every SSH server of the lab. */
  readonly clientKey: string;
  readonly clientPublic: string;
  /** Logs in to the old system and to nothing else. */
  readonly suspectKey: string;
  readonly hostKey: (station: SshStation) => string;
}

export function keyFiles({keys}: Pick<LabFolder, 'keys'>): KeyFiles {
  return {
    certificate: join(keys, 'bmc.crt'),
    certificateKey: join(keys, 'bmc.key'),
    bmcUser: join(keys, 'bmc-user'),
    bmcPassword: join(keys, 'bmc-password'),
    bmcNextPassword: join(keys, 'bmc-next-password'),
    clientKey: join(keys, 'client'),
    clientPublic: join(keys, 'client.pub'),
    suspectKey: join(keys, 'suspect'),
    hostKey: (station) => join(keys, `${station}-host-key`),
  };
}

/** The BMC's account. */
export const labUser = 'rebuild';

export interface Material {
  readonly certificate: Sha256;
  readonly pins: Readonly<Record<SshStation, HostKeyPin>>;
  /** For the old system's authorized_keys. */
  readonly suspectLine: string;
}

/** Makes every key, certificate and password of a lab anew. */
export async function makeMaterial(folder: LabFolder, bmcAddress: string): Promise<Result<Material>> {
  const files = keyFiles(folder);
  await mkdir(folder.keys, {recursive: true, mode: 0o700});
  const certified = await runProgram(
    [
      ['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-noenc'],
      ['-days', '3650', '-subj', '/CN=rebuild lab BMC', '-addext', `subjectAltName=IP:${bmcAddress}`],
      ['-keyout', files.certificateKey, '-out', files.certificate],
    ].flat(),
  );
  if (!certified.ok) return failed(certified.fault);
  await put(files.bmcUser, labUser);
  await put(files.bmcPassword, randomBytes(18).toString('base64url'));
  await put(files.bmcNextPassword, randomBytes(18).toString('base64url'));
  const client = newEd25519();
  await put(files.clientKey, privateKeyText(client, 'rebuild-lab'));
  await put(files.clientPublic, `${publicLine(client, 'rebuild-lab')}\n`);
  const forSuspect = newEd25519();
  await put(files.suspectKey, privateKeyText(forSuspect, 'rebuild-lab-suspect'));
  const pins: Partial<Record<SshStation, HostKeyPin>> = {};
  for (const station of sshStations) {
    const key = newEd25519();
    await put(files.hostKey(station), privateKeyText(key, station));
    pins[station] = fingerprint(key);
  }
  const {fingerprint256} = new X509Certificate(await readFile(files.certificate));
  return ok({
    certificate: fingerprint256.replaceAll(':', '').toLowerCase() as Sha256,
    pins: pins as Record<SshStation, HostKeyPin>,
    suspectLine: publicLine(forSuspect, 'rebuild-lab-suspect'),
  });
}

/** What the BMC needs to stand up: read by the keeper alone. */
export async function bmcSecrets(folder: LabFolder): Promise<{
  readonly certificate: string;
  readonly key: string;
  readonly user: string;
  readonly password: Secret;
}> {
  const files = keyFiles(folder);
  return {
    certificate: await read(files.certificate),
    key: await read(files.certificateKey),
    user: await read(files.bmcUser),
    password: new Secret(await read(files.bmcPassword)),
  };
}

const put = (path: string, text: string): Promise<void> => writeFile(path, text, {mode: 0o600});

const read = (path: string): Promise<string> => readFile(path, 'utf8');
