import {createHash} from 'node:crypto';
import {constants} from 'node:fs';
import {open} from 'node:fs/promises';
import type {Sha256} from '../../brand.ts';
import {fault} from '../../fault.ts';
import {failed, ok, type Result} from '../../result.ts';

/** A list of allowed signers as it was read, once: what is checked against it is checked against this text. */
export interface Signers {
  readonly file: string;
  readonly text: string;
  readonly digest: Sha256;
}

const maxBytes = 1024 * 1024;
const othersMayWrite = 0o002;

/** Reads a list as ssh-keygen(1) describes under ALLOWED SIGNERS. Fault: `gate.signers-missing`. */
export async function readSigners(file: string): Promise<Result<Signers>> {
  const refused = (says: string) => failed(fault('gate.signers-missing', `${file} ${says}`));
  try {
    await using handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
    const {size, mode} = await handle.stat();
    if (size > maxBytes) return refused('is too large for a list of signers');
    if ((mode & othersMayWrite) !== 0) return refused('may be written by every user of this machine: chmod o-w it');
    const text = await handle.readFile('utf8');
    return ok({file, text, digest: createHash('sha256').update(text).digest('hex') as Sha256});
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
    return refused(`cannot be read: ${code}`);
  }
}

/** How many people a list can name; undefined where an authority in it may vouch for any number. */
export function peopleIn({text}: Signers): number | undefined {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '' && !line.startsWith('#'));
  if (lines.some((line) => /\scert-authority\b/.test(line))) return undefined;
  return new Set(lines.map((line) => /^(?:"[^"]*"|\S+)/.exec(line.trim())?.[0])).size;
}
