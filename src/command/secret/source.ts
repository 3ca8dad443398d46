import {constants} from 'node:fs';
import {open} from 'node:fs/promises';
import {homedir} from 'node:os';
import {join} from 'node:path';
import {execa} from 'execa';
import {fault} from '../../fault.ts';
import {failed, ok, type Result} from '../../result.ts';
import type {SecretReference} from '../../runbook/runbook.ts';
import {Secret} from '../../secret.ts';

// A key or a password is small; what is larger is the wrong file.
const maxBytes = 64 * 1024;
// A password manager may ask a person for its own passphrase first.
const commandMs = 120_000;
const allUsers = 0o007;

/**
 * Fetches a secret that a runbook names: `env:NAME`, `file:/PATH` (or `~/PATH`), `command:PROGRAM ARGUMENT...` (split at
 * spaces, no shell; its standard output is the secret). One line end at the end is not part of it. Faults:
 * `secret.missing`, `secret.exposed`. No fault shows what the source held, nor what the program printed.
 */
export async function fetchSecret(
  reference: SecretReference,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<Result<Secret>> {
  const colon = reference.indexOf(':');
  const source = reference.slice(0, colon);
  const rest = reference.slice(colon + 1);
  switch (source) {
    case 'env':
      return secret(environment[rest] ?? '', `the environment variable ${rest} is not set`);
    case 'file':
      return fromFile(rest, environment);
    case 'command':
      return fromCommand(rest, environment);
    default:
      return failed(fault('secret.missing', `no such kind of secret reference: ${source}`));
  }
}

function secret(text: string, empty: string): Result<Secret> {
  const stripped = text.replace(/\r?\n$/, '');
  return stripped === '' ? failed(fault('secret.missing', empty)) : ok(new Secret(stripped));
}

async function fromFile(path: string, environment: NodeJS.ProcessEnv): Promise<Result<Secret>> {
  const file = path.startsWith('~/') ? join(environment['HOME'] ?? homedir(), path.slice(2)) : path;
  try {
    // Opened once and then asked, so that what was checked is what is read; O_NONBLOCK, so that a pipe cannot hold us.
    await using handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
    const stat = await handle.stat();
    if (!stat.isFile()) return failed(fault('secret.missing', `${path} is not a regular file`));
    if ((stat.mode & allUsers) !== 0) {
      const mode = (stat.mode & 0o777).toString(8).padStart(4, '0');
      return failed(
        fault('secret.exposed', `${path} is open to every user of this machine (mode ${mode})`, {
          next: `chmod 600 ${path}, change the secret, then repeat the command`,
        }),
      );
    }
    if (stat.size > maxBytes) return failed(fault('secret.missing', `${path} is too large to be a secret`));
    return secret(await handle.readFile('utf8'), `${path} is empty`);
  } catch (error) {
    return failed(fault('secret.missing', `${path} cannot be read: ${errorCode(error)}`));
  }
}

async function fromCommand(line: string, environment: NodeJS.ProcessEnv): Promise<Result<Secret>> {
  const [program = '', ...argv] = line.split(' ').filter(Boolean);
  const by = fault('secret.missing', '', {next: 'run the program of the reference by hand, then repeat the command'});
  const done = await execa(program, argv, {
    env: environment,
    extendEnv: false,
    reject: false,
    stdin: 'inherit',
    timeout: commandMs,
    forceKillAfterDelay: 2_000,
    maxBuffer: maxBytes,
    stripFinalNewline: false,
  });
  if (done.timedOut) return failed({...by, says: `${program} did not end within ${commandMs / 1000} s`});
  if (done.isMaxBuffer) return failed({...by, says: `${program} printed more than a secret has`});
  if (done.exitCode === undefined)
    return failed({...by, says: `${program} could not be run: ${done.code ?? 'killed'}`});
  if (done.exitCode !== 0) return failed({...by, says: `${program} ended with exit code ${done.exitCode}`});
  return secret(done.stdout, `${program} printed nothing`);
}

const errorCode = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unreadable';
