import {join} from 'node:path';
import type {LabFolder} from '../folder.ts';
import {contactSchema, listening} from './contact.ts';
import {settle, type Resident} from './resident.ts';

/** A counting listener on a station, and who came to it so far. */
export interface ContactCounter extends Resident {
  readonly address: string;
  readonly port: number;
  /** Connections taken, by where they came from. */
  counts(): Readonly<Record<string, number>>;
}

// Beside this file in whichever form it runs, TypeScript or compiled.
const program = join(import.meta.dirname, `listener${import.meta.filename.endsWith('.ts') ? '.ts' : '.js'}`);

/** Resolves once it listens. */
export async function countContacts(
  {address, port}: {readonly address: string; readonly port: number},
  {folder, on}: {readonly folder: LabFolder; readonly on: readonly string[]},
): Promise<ContactCounter> {
  const counts: Record<string, number> = {};
  const resident = settle({
    argv: [process.execPath, program, address, String(port)],
    on,
    log: join(folder.directory, `listener-${port}.log`),
    channel: true,
  });
  const ready = Promise.withResolvers<void>();
  resident.child.once('exit', () => ready.reject(new Error(`no listener on ${address} port ${port}`)));
  resident.child.on('message', (message) => {
    if (message === listening) ready.resolve();
    const contact = contactSchema.safeParse(message);
    if (contact.success) counts[contact.data.from] = (counts[contact.data.from] ?? 0) + 1;
  });
  await ready.promise;
  return {...resident, address, port, counts: () => ({...counts})};
}
