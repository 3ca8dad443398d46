import {existsSync} from 'node:fs';
import {mkdir, rm, symlink} from 'node:fs/promises';
import {dirname} from 'node:path';
import type {HostName} from '../brand.ts';
import {labFolderAt, labPlace, linkedFrom} from './folder.ts';

// A run that is handed over goes on at the machine it was begun at. Where that machine is a lab, it stays with the
// $REBUILD_HOME that brought it up, and the other one only points to it.

export type Borrowing = 'own' | 'borrowed' | 'not here' | 'in the way';

/** What `borrow` would come to, with nothing changed. `in the way`: this home has another lab of that host. */
export function borrowing(host: HostName, directory: string): Borrowing {
  const place = labPlace(host);
  if (place === directory) return 'own';
  if (linkedFrom(place) === undefined && existsSync(place)) return 'in the way';
  return existsSync(labFolderAt(directory).description) ? 'borrowed' : 'not here';
}

/** Makes the lab in `directory` this home's lab of the host, where it is on this machine and nothing is in the way. */
export async function borrow(host: HostName, directory: string): Promise<Borrowing> {
  const found = borrowing(host, directory);
  if (found !== 'borrowed') return found;
  await giveBack(host);
  const place = labPlace(host);
  await mkdir(dirname(place), {recursive: true, mode: 0o700});
  await symlink(directory, place);
  return found;
}

/** Lets go of a lab of another home, which stays as it is: where it is kept, or undefined where none was borrowed. */
export async function giveBack(host: HostName): Promise<string | undefined> {
  const place = labPlace(host);
  const from = linkedFrom(place);
  if (from !== undefined) await rm(place);
  return from;
}
