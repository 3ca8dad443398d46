import type {HostName, RunId} from '../brand.ts';
import {exit, type ExitCode} from '../exit.ts';
import type {Fault} from '../fault.ts';
import {ok, type Result} from '../result.ts';
import {read} from '../view/history.ts';
import {jsonText} from '../view/json.ts';
import {statusText, type Standing} from '../view/status.ts';
import {summarise} from '../view/summary.ts';
import {stateWord} from '../view/state-word.ts';
import {refuse, type Reading} from './reading.ts';

/**
 * `rebuild status [HOST]`: each host's newest run, or one host step by step. Reads the journal and the leases, nothing
 * else. A run whose record cannot be read is shown as that, and does not hide the others; the exit code is its fault's.
 */
export async function status(host: HostName | undefined, reading: Reading): Promise<ExitCode> {
  const {journal, clock, out, json, paint} = reading;
  const newest = await newestRuns(reading, host);
  if (!newest.ok) return refuse(reading, newest.fault, host);
  const standings: Standing[] = [];
  let worst: Fault | undefined;
  for (const [name, run] of newest.value) {
    const [stored, held] = await Promise.all([journal.read(run), journal.holder(name)]);
    if (!held.ok) return refuse(reading, held.fault, name);
    const history = stored.ok ? read(stored.value) : undefined;
    if (!stored.ok) worst ??= stored.fault;
    standings.push({
      host: name,
      run,
      ...(history && {history}),
      ...(held.value && {holder: held.value}),
      ...(!stored.ok && {fault: stored.fault}),
    });
  }
  if (json) out(`${jsonText({type: 'status', at: clock.now(), hosts: standings.map(plainValue)}, 2)}\n`);
  else
    out(`${statusText(standings, {now: clock.now(), one: host, ...(reading.lab && {lab: true})}, paint).join('\n')}\n`);
  if (!worst) return exit.done;
  return json ? exit.refused : refuse(reading, worst, host);
}

async function newestRuns(
  {journal}: Reading,
  host: HostName | undefined,
): Promise<Result<ReadonlyMap<HostName, RunId>>> {
  const runs = await journal.runs(host);
  if (!runs.ok) return runs;
  const newest = new Map<HostName, RunId>();
  for (const run of runs.value) {
    const name = run.slice(0, run.lastIndexOf('-')) as HostName;
    if (!newest.has(name)) newest.set(name, run);
  }
  return ok(newest);
}

function plainValue({host, run, history, holder, fault}: Standing) {
  if (!history) return {host, run, state: 'unreadable', fault: fault ?? null, holder: holder ?? null};
  const {type: _, result: __, ...summary} = summarise(history, holder !== undefined);
  return {...summary, state: stateWord(history, holder !== undefined), holder: holder ?? null};
}
