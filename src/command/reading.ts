import {hostName, runId, type HostName, type RunId} from '../brand.ts';
import type {Clock} from '../clock.ts';
import type {Stored} from '../engine/event.ts';
import {exit, type ExitCode} from '../exit.ts';
import {catalogue} from '../fault-catalogue.ts';
import {fault, type Fault} from '../fault.ts';
import type {Journal} from '../journal/journal.ts';
import {failed, ok, type Result} from '../result.ts';
import {faultScreen} from '../view/fault.ts';
import {jsonText} from '../view/json.ts';
import type {Paint} from '../view/paint.ts';

/** What the commands that only read the journal are given. */
export interface Reading {
  readonly journal: Journal;
  readonly clock: Clock;
  /** stdout: the result. */
  readonly out: (text: string) => void;
  /** stderr: everything else. */
  readonly err: (text: string) => void;
  readonly paint: Paint;
  /** Columns of stdout where it is a terminal: long lines are folded there and nowhere else. */
  readonly columns?: number;
  readonly json?: boolean;
  readonly lab?: boolean;
}

/** A run by its id, or a host's newest by the host's name. A name that is both is the run, if there is one. */
export async function findRun({journal}: Reading, name: string): Promise<Result<RunId>> {
  const id = runId(name);
  const runs = await journal.runs();
  if (!runs.ok) return runs;
  if (id && runs.value.includes(id)) return ok(id);
  const own = await journal.runs(name as HostName);
  if (!own.ok) return own;
  const [newest] = own.value;
  if (newest) return ok(newest);
  const known = runs.value.slice(0, 5).join(', ');
  return failed(fault('run.missing', `no run or host is called ${name}; there is ${known || 'none yet'}`));
}

/** The unfinished run of the host of that name. Fault: `run.missing`. */
export async function unfinishedOf(
  {journal}: Reading,
  name: string,
): Promise<Result<{readonly host: HostName; readonly run: RunId}>> {
  const host = hostName(name);
  const unfinished = host ? await journal.unfinished(host) : ok(undefined);
  if (!unfinished.ok) return unfinished;
  const run = unfinished.value;
  return host && run ? ok({host, run}) : failed(fault('run.missing', `${name} has no unfinished run`));
}

export async function readRun(
  reading: Reading,
  name: string,
): Promise<Result<{run: RunId; stored: readonly Stored[]}>> {
  const run = await findRun(reading, name);
  if (!run.ok) return run;
  const stored = await reading.journal.read(run.value);
  return stored.ok ? ok({run: run.value, stored: stored.value}) : stored;
}

/** Says why nothing can be shown, and gives the exit code for it. */
export function refuse({out, err, json, paint, lab}: Reading, trouble: Fault, host?: string): ExitCode {
  if (json) out(`${jsonText({type: 'fault', ...trouble})}\n`);
  else err(`${faultScreen(trouble, {...(host && {host}), ...(lab && {lab})}, paint).join('\n')}\n`);
  const entry: {readonly exit?: 2 | 3} = catalogue[trouble.code];
  return entry.exit ?? exit.failed;
}
