import {exit, type ExitCode} from '../exit.ts';
import {fault} from '../fault.ts';
import {escape} from '../view/escape.ts';
import {currentStep, read} from '../view/history.ts';
import {jsonText} from '../view/json.ts';
import {refuse, unfinishedOf, type Reading} from './reading.ts';
import {who} from './who.ts';

/** Ends the hold that the host's run stands in, by name. Durable: whoever drives the run, now or later, heeds it. */
export async function release(name: string, why: string, reading: Reading): Promise<ExitCode> {
  const {journal, out, json, lab} = reading;
  const found = await unfinishedOf(reading, name);
  if (!found.ok) return refuse(reading, found.fault, name);
  const {host, run} = found.value;
  const stored = await journal.read(run);
  if (!stored.ok) return refuse(reading, stored.fault, name);
  const history = read(stored.value);
  const step = history && currentStep(history)?.heading;
  if (step?.kind !== 'evidence.hold')
    return refuse(reading, fault('hold.none', `${run} stands at ${step?.id ?? 'no step'}, which is no hold`), name);
  const ended = await journal.append(run, {type: 'hold.released', step: step.id, by: who(), why});
  if (!ended.ok) return refuse(reading, ended.fault, name);
  const next = `rebuild status ${host}${lab ? ' --lab' : ''}`;
  if (json) out(`${jsonText({type: 'release', run, step: step.id, next})}\n`);
  else
    out(
      `The hold of ${run} at ${escape(step.id)} is ended. If nobody drives the run: rebuild resume ${host}${lab ? ' --lab' : ''}\n    ${next}\n`,
    );
  return exit.done;
}
