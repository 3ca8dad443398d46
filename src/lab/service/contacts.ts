import {join} from 'node:path';
import type {LabFolder} from '../folder.ts';
import {contactSchema, endpointText, listening, type Endpoint} from './contact.ts';
import {settle, type Resident} from './resident.ts';

/** A counting listener on a station, and who came to it so far. */
export interface ContactCounter extends Resident {
  /** Connections and datagrams taken, by endpoint and by where they came from. */
  counts(): Readonly<Record<string, Readonly<Record<string, number>>>>;
}

// Beside this file in whichever form it runs, TypeScript or compiled.
const program = join(import.meta.dirname, `listener${import.meta.filename.endsWith('.ts') ? '.ts' : '.js'}`);

/** Resolves once it listens on all of them. */
export async function countContacts(
  name: string,
  endpoints: readonly Endpoint[],
  {folder, on}: {readonly folder: LabFolder; readonly on: readonly string[]},
): Promise<ContactCounter> {
  const counts = Object.fromEntries(
    endpoints.map((endpoint): [string, Record<string, number>] => [endpointText(endpoint), {}]),
  );
  const resident = settle({
    argv: [
      process.execPath,
      program,
      ...endpoints.map(({protocol, address, port}) => [protocol, address, port].join(',')),
    ],
    on,
    log: join(folder.directory, `listener-${name}.log`),
    channel: true,
  });
  const ready = Promise.withResolvers<void>();
  resident.child.once('exit', () => ready.reject(new Error(`no listener on the ${name}`)));
  resident.child.on('message', (message) => {
    if (message === listening) ready.resolve();
    const contact = contactSchema.safeParse(message);
    const count = contact.success ? counts[contact.data.to] : undefined;
    if (contact.success && count) count[contact.data.from] = (count[contact.data.from] ?? 0) + 1;
  });
  await ready.promise;
  return {...resident, counts: () => structuredClone(counts)};
}
