import {exit, type ExitCode} from '../exit.ts';
import {fault} from '../fault.ts';
import {read} from '../view/history.ts';
import {jsonText} from '../view/json.ts';
import {leftBehind, leftText} from '../view/left-behind.ts';
import {leaseMs} from './sitting/lease-keeper.ts';
import {refuse, unfinishedOf, type Reading} from './reading.ts';
import {holder, who} from './who.ts';

/** Ends an unfinished run for good. Nothing is undone: it says what is left as it is. */
export async function abandon(name: string, why: string, reading: Reading): Promise<ExitCode> {
  const {journal, out, json, lab} = reading;
  const found = await unfinishedOf(reading, name);
  if (!found.ok) return refuse(reading, found.fault, name);
  const {host, run} = found.value;
  const lease = await journal.take(host, holder(`abandon ${run}`), leaseMs);
  if (!lease.ok) return refuse(reading, lease.fault, name);
  try {
    const before = await journal.read(run);
    if (!before.ok) return refuse(reading, before.fault, name);
    const away = read(before.value)?.end;
    if (away?.is === 'away')
      return refuse(reading, fault('run.handed-over', `${run} was handed over by ${away.by}`), name);
    const ended = await journal.append(run, {type: 'run.abandoned', by: who(), why}, lease.value);
    if (!ended.ok) return refuse(reading, ended.fault, name);
    const stored = await journal.read(run);
    const story = stored.ok ? read(stored.value) : undefined;
    const left = story ? leftBehind(story) : [];
    const next = `rebuild report ${run}${lab ? ' --lab' : ''}`;
    if (json) out(`${jsonText({type: 'abandon', run, left, next})}\n`);
    else
      out(
        `${[`${run} is ended. Nothing was undone${left.length ? '; left as it is:' : '.'}`, ...(story ? leftText(story) : []), `    ${next}`].join('\n')}\n`,
      );
    return exit.done;
  } finally {
    await journal.release(lease.value);
  }
}
