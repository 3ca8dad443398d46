import {mkdir, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {certificatesOf, type Certificate} from '../certificate/certificate.ts';
import {exit, type ExitCode} from '../exit.ts';
import {certificateText} from '../view/certificate.ts';
import {escape} from '../view/escape.ts';
import {jsonText} from '../view/json.ts';
import {findRun, refuse, type Reading} from './reading.ts';

/**
 * `rebuild certificate RUN`: what was done to each disk, printed, or written to a folder as SERIAL.json and SERIAL.md.
 * Exit code 3 where the journal's hash chain does not hold.
 */
export async function certificate(name: string, folder: string | undefined, reading: Reading): Promise<ExitCode> {
  const {journal, out, err, json} = reading;
  const run = await findRun(reading, name);
  if (!run.ok) return refuse(reading, run.fault);
  const chain = await journal.verify(run.value);
  if (!chain.ok) return refuse(reading, chain.fault);
  const stored = await journal.read(run.value);
  if (!stored.ok) return refuse(reading, stored.fault);
  const certificates = certificatesOf(stored.value, chain.value);
  const end = chain.value.holds ? exit.done : exit.refused;
  if (folder === undefined) {
    if (json) out(`${jsonText(certificates, 2)}\n`);
    else out(certificates.map(markdown).join('\n') || `No disk was erased in ${run.value}.\n`);
    return end;
  }
  try {
    await mkdir(folder, {recursive: true});
    for (const each of certificates) {
      await writeFile(join(folder, `${each.serial}.json`), `${jsonText(each, 2)}\n`);
      await writeFile(join(folder, `${each.serial}.md`), markdown(each));
    }
  } catch (error) {
    err(`${escape(folder)} cannot be written: ${error instanceof Error ? escape(error.message) : 'unknown error'}\n`);
    return exit.usage;
  }
  out(`${certificates.length} certificates in ${escape(folder)}\n`);
  return end;
}

const markdown = (one: Certificate): string => `${certificateText(one).join('\n')}\n`;
