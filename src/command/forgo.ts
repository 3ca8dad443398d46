import {serial} from '../brand.ts';
import {exit, type ExitCode} from '../exit.ts';
import {fault, type Fault} from '../fault.ts';
import type {Json} from '../json.ts';
import {escape} from '../view/escape.ts';
import {read, type History} from '../view/history.ts';
import {jsonText} from '../view/json.ts';
import {refuse, unfinishedOf, type Reading} from './reading.ts';
import {who} from './who.ts';

/**
 * Lets an unfinished run go on without a disk that it was to erase. Nothing is sent to any device: the plan keeps the
 * disk, and the run's record says who left it out and why, that no certificate is missed for want of a reason.
 */
export async function forgo(name: string, disk: string, why: string, reading: Reading): Promise<ExitCode> {
  const {journal, out, json, lab} = reading;
  const found = await unfinishedOf(reading, name);
  if (!found.ok) return refuse(reading, found.fault, name);
  const {host, run} = found.value;
  const stored = await journal.read(run);
  if (!stored.ok) return refuse(reading, stored.fault, name);
  const known = serial(disk);
  const history = read(stored.value);
  const wrong = history ? objectionTo(history, disk) : fault('journal.broken', `${run} has no beginning`);
  if (wrong || !known) return refuse(reading, wrong ?? fault('disk.not-found', `"${disk}" is no serial number`), name);
  const added = await journal.append(run, {type: 'disk.forgone', disk: known, by: who(), why});
  if (!added.ok) return refuse(reading, added.fault, name);
  const next = `rebuild resume ${host}${lab ? ' --lab' : ''}`;
  if (json) out(`${jsonText({type: 'forgo', run, disk: known, next})}\n`);
  else out(`${run} goes on without disk ${escape(known)}: it stays as it is, and the report says so.\n    ${next}\n`);
  return exit.done;
}

function objectionTo({facts, run, end}: History, disk: string): Fault | undefined {
  if (end.is === 'away') return fault('run.handed-over', `${run} was handed over by ${end.by}`);
  const erases = texts(facts['erases']);
  if (!erases.includes(disk))
    return fault('disk.not-found', `${run} erases no disk ${disk}; it erases ${erases.join(', ') || 'none'}`);
  return texts(facts['installs']).includes(disk)
    ? fault('disk.needed', `${disk} gets the new system or its installer, so ${run} cannot go on without it`)
    : undefined;
}

const texts = (value: Json | undefined): readonly string[] =>
  Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : [];
