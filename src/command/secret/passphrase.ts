import {createInterface} from 'node:readline/promises';
import {Writable} from 'node:stream';
import {fault} from '../../fault.ts';
import {newPassphrase} from '../../handover/seal.ts';
import {failed, ok, type Result} from '../../result.ts';
import type {SecretReference} from '../../runbook/runbook.ts';
import {Secret} from '../../secret.ts';
import {fetchSecret} from './source.ts';

const reference = /^(?:env:[A-Za-z_][A-Za-z0-9_]*|file:(?:\/|~\/)[ -~]+|command:[!-~][ -~]*)$/;
// The file may be tried against without end, so what is given must not be guessable.
const shortest = 16;

const missing = (says: string) => failed(fault('handover.secret-missing', says));

export const hasTerminal = (): boolean => process.stdin.isTTY && process.stderr.isTTY;

/** The passphrase to seal with: from a reference, else made here, to be shown to the person at the terminal once. */
export async function sealingPassphrase(
  given: string | undefined,
): Promise<Result<{readonly secret: Secret; readonly made: boolean}>> {
  if (given !== undefined) {
    const secret = await referred(given);
    if (!secret.ok) return secret;
    return secret.value.reveal().length < shortest
      ? missing(`what ${given} holds has fewer than ${shortest} characters`)
      : ok({secret: secret.value, made: false});
  }
  return hasTerminal()
    ? ok({secret: new Secret(newPassphrase()), made: true})
    : missing('there is no terminal to show a passphrase at');
}

/** The passphrase to open with: from a reference, else asked for at the terminal, where it is not shown. */
export async function openingPassphrase(given: string | undefined): Promise<Result<Secret>> {
  if (given !== undefined) return referred(given);
  if (!hasTerminal()) return missing('there is no terminal to type the passphrase at');
  process.stderr.write('  Passphrase of the hand-over: ');
  const silent = new Writable({write: (_chunk, _encoding, done) => done()});
  const lines = createInterface({input: process.stdin, output: silent, terminal: true});
  try {
    return ok(new Secret((await lines.question('')).trim()));
  } finally {
    lines.close();
    process.stderr.write('\n');
  }
}

const referred = (given: string): Promise<Result<Secret>> =>
  reference.test(given)
    ? fetchSecret(given as SecretReference)
    : Promise.resolve(missing('--passphrase takes a reference: env:NAME, file:/PATH or command:PROGRAM'));
