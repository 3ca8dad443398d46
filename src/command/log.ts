import type {RunId} from '../brand.ts';
import type {Stored} from '../engine/event.ts';
import {exit, type ExitCode} from '../exit.ts';
import {extend, type History} from '../view/history.ts';
import {jsonLine} from '../view/json.ts';
import {logLines} from '../view/log.ts';
import {readRun, refuse, type Reading} from './reading.ts';

export interface LogOptions {
  /** Only this step's events. */
  readonly step?: string;
  /** Goes on until the run ends, nobody works on it any more, or `signal` aborts. */
  readonly follow?: boolean;
  readonly signal?: AbortSignal;
}

const everyMs = 500;
// A resume takes over within seconds; a lease that stays free longer means nobody is coming.
const freePolls = 4;

/** `rebuild log RUN`: events as plain lines, `RUN` may be a host for its newest. With `json`, the events as NDJSON. */
export async function log(name: string, options: LogOptions, reading: Reading): Promise<ExitCode> {
  const found = await readRun(reading, name);
  if (!found.ok) return refuse(reading, found.fault);
  const {run, stored} = found.value;
  let history: History | undefined;
  let shown = 0;

  const show = (events: readonly Stored[]): void => {
    for (const event of events) {
      shown = event.seq;
      history = extend(history, event);
      if (!history || (options.step !== undefined && !isOf(event, options.step))) continue;
      if (reading.json) reading.out(`${jsonLine(run, event)}\n`);
      else reading.out(`${logLines(history, event, reading.columns).join('\n')}\n`);
    }
  };

  show(stored);
  if (options.step !== undefined && history && !history.steps.some(({heading}) => heading.id === options.step)) {
    const ids = history.steps.map(({heading}) => heading.id).join(', ');
    reading.err(`${run} has no step called ${options.step}; its steps are ${ids}\n`);
    return exit.usage;
  }
  return options.follow ? follow(run, () => ({history, shown}), show, options, reading) : exit.done;
}

async function follow(
  run: RunId,
  at: () => {history: History | undefined; shown: number},
  show: (events: readonly Stored[]) => void,
  {signal}: LogOptions,
  reading: Reading,
): Promise<ExitCode> {
  const {journal, clock, err} = reading;
  let free = 0;
  for (;;) {
    const {history} = at();
    if (!history || history.end.is !== 'open') return exit.done;
    if (signal?.aborted) return exit.interrupted;
    const holder = await journal.holder(history.host);
    if (!holder.ok) return refuse(reading, holder.fault, history.host);
    free = holder.value ? 0 : free + 1;
    if (free >= freePolls) {
      err(`nobody works on ${run} now: rebuild resume ${history.host}${history.lab ? ' --lab' : ''}\n`);
      return exit.done;
    }
    await clock.sleep(everyMs, signal);
    const stored = await journal.read(run);
    if (!stored.ok) return refuse(reading, stored.fault, history.host);
    show(stored.value.filter(({seq}) => seq > at().shown));
  }
}

const isOf = ({event}: Stored, step: string): boolean => 'step' in event && event.step === step;
