import {exit, type ExitCode} from '../exit.ts';
import {escape} from '../view/escape.ts';
import {currentStep, numberOf, read} from '../view/history.ts';
import {jsonText} from '../view/json.ts';
import {nextCommand, stateWord} from '../view/state-word.ts';
import {refuse, unfinishedOf, type Reading} from './reading.ts';
import {who} from './who.ts';

/** Asks whoever drives the host's run to stop after the step, or inside it. Durable: it is heeded even if it is missed now. */
export async function stop(name: string, now: boolean, reading: Reading): Promise<ExitCode> {
  const {journal, out, json, lab} = reading;
  const found = await unfinishedOf(reading, name);
  if (!found.ok) return refuse(reading, found.fault, name);
  const {host, run} = found.value;
  const [stored, holder] = [await journal.read(run), await journal.holder(host)];
  if (!stored.ok) return refuse(reading, stored.fault, name);
  if (!holder.ok) return refuse(reading, holder.fault, name);
  const history = read(stored.value);
  const step = history && currentStep(history);
  const at = step && history ? ` at ${numberOf(history, step.heading.id)} ${step.heading.id}` : '';
  if (!holder.value || history?.end.is !== 'open') {
    const next = history ? `rebuild ${nextCommand(history, stateWord(history, false))}` : `rebuild status ${host}`;
    if (json) out(`${jsonText({type: 'stop', run, asked: false, next})}\n`);
    else out(`Nobody works on ${run}: it stands${at}, and there is nothing to stop.\n    ${next}\n`);
    return exit.done;
  }
  const asked = await journal.append(run, {type: 'run.stop-asked', by: who(), now});
  if (!asked.ok) return refuse(reading, asked.fault, name);
  const next = `rebuild log ${host} -f${lab ? ' --lab' : ''}`;
  const how = now ? 'now: the step becomes unsure, and resume asks the world about it' : 'after this step';
  if (json) out(`${jsonText({type: 'stop', run, asked: true, now, next})}\n`);
  else out(`Asked ${escape(holder.value.who)} (pid ${holder.value.pid}) to stop ${run}${at}, ${how}.\n    ${next}\n`);
  return exit.done;
}
