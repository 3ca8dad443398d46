import {hostName} from '../brand.ts';
import {exit, type ExitCode} from '../exit.ts';
import {fault} from '../fault.ts';
import {read, doneSteps} from '../view/history.ts';
import {leaseMs} from './lease-keeper.ts';
import {refuse, type Reading} from './reading.ts';
import {holder, who} from './who.ts';

/** Ends an unfinished run for good. Nothing is undone: it says what is left as it is. */
export async function abandon(name: string, why: string, reading: Reading): Promise<ExitCode> {
  const {journal, out} = reading;
  const host = hostName(name);
  const unfinished = host && (await journal.unfinished(host));
  if (unfinished && !unfinished.ok) return refuse(reading, unfinished.fault, name);
  const run = unfinished?.value;
  if (!host || !run) return refuse(reading, fault('run.missing', `${name} has no unfinished run`), name);
  const lease = await journal.take(host, holder(`abandon ${run}`), leaseMs);
  if (!lease.ok) return refuse(reading, lease.fault, name);
  try {
    const ended = await journal.append(run, {type: 'run.abandoned', by: who(), why}, lease.value);
    if (!ended.ok) return refuse(reading, ended.fault, name);
    const stored = await journal.read(run);
    const story = stored.ok ? read(stored.value) : undefined;
    const left = story ? doneSteps(story).map(({heading}) => heading.id) : [];
    out(`${run} is ended. Nothing was undone${left.length ? `; what these did stays: ${left.join(', ')}` : ''}.\n`);
    out(`next: rebuild report ${run}\n`);
    return exit.done;
  } finally {
    await journal.release(lease.value);
  }
}
