import type {HostName} from '../brand.ts';
import {exit, type ExitCode} from '../exit.ts';
import {jsonText} from '../view/json.ts';
import {statusDocument} from '../view/status-document.ts';
import {statusText} from '../view/status.ts';
import {refuse, type Reading} from './reading.ts';
import {standingsOf} from './standings.ts';

/**
 * `rebuild status [HOST]`: each host's newest run, or one host step by step. Reads the journal and the leases, nothing
 * else. A run whose record cannot be read is shown as that, and does not hide the others; the exit code is its fault's.
 */
export async function status(host: HostName | undefined, reading: Reading): Promise<ExitCode> {
  const {journal, clock, out, json, paint} = reading;
  const found = await standingsOf(journal, host);
  if (!found.ok) return refuse(reading, found.fault, host);
  const now = clock.now();
  if (json) out(`${jsonText(statusDocument(found.value, now), 2)}\n`);
  else out(`${statusText(found.value, {now, one: host, ...(reading.lab && {lab: true})}, paint).join('\n')}\n`);
  const worst = found.value.find(({fault}) => fault)?.fault;
  if (!worst) return exit.done;
  return json ? exit.refused : refuse(reading, worst, host);
}
