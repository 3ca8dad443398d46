import {statSync} from 'node:fs';
import type {HostName} from '../../brand.ts';
import type {Clock} from '../../clock.ts';
import type {Event} from '../../engine/event.ts';
import type {Holder, Journal} from '../../journal/journal.ts';
import {openJournalReading} from '../../journal/sqlite-reading.ts';
import {ok, type Result} from '../../result.ts';
import type {Moment} from './moment.ts';

/** The host's run in the lab's journal, which is only ever read here. */
export interface RunWatch {
  /** Resolves at the event's n-th coming from now on, once it is durable; false when `signal` aborts first. */
  event(when: Extract<Moment, {at: 'event'}>, signal: AbortSignal): Promise<boolean>;
  /** Who holds the host's lease now. */
  holder(): Promise<Result<Holder | undefined>>;
}

interface Newest {
  readonly run: string;
  readonly events: readonly Event[];
}

// A commit changes the log's time and mostly its size; a stat(2) costs microseconds.
const everyMs = 5;

export function runWatch(file: string, host: HostName, clock: Clock): RunWatch {
  const reading = async <T>(read: (journal: Journal) => Promise<Result<T>>): Promise<Result<T>> => {
    // Opened for each look: the file may not have been there before, or have been replaced.
    const opened = openJournalReading(file, clock);
    if (!opened.ok) return opened;
    try {
      return await read(opened.value);
    } finally {
      opened.value.close();
    }
  };

  /** The newest run of the host and its events; none where there is none, or where it cannot be read now. */
  const newest = async (): Promise<Newest> => {
    const found = await reading<Newest>(async (journal) => {
      const runs = await journal.runs(host);
      if (!runs.ok) return runs;
      const [run] = runs.value;
      if (run === undefined) return ok({run: '', events: []});
      const stored = await journal.read(run);
      return stored.ok ? ok({run, events: stored.value.map(({event}) => event)}) : stored;
    });
    return found.ok ? found.value : {run: '', events: []};
  };

  return {
    holder: () => reading((journal) => journal.holder(host)),
    async event(when, signal) {
      let state = stateOf(file);
      let seen = await newest();
      let left = when.nth;
      while (!signal.aborted) {
        await clock.sleep(everyMs, signal);
        const now = stateOf(file);
        if (now === state) continue;
        state = now;
        const next = await newest();
        const fresh = next.run === seen.run ? next.events.slice(seen.events.length) : next.events;
        if (fresh.length > 0) seen = next;
        left -= fresh.filter((event) => isMeant(event, when)).length;
        if (left <= 0) return true;
      }
      return false;
    },
  };
}

const isMeant = (event: Event, {event: type, step}: Extract<Moment, {at: 'event'}>): boolean =>
  event.type === type && (step === undefined || ('step' in event && event.step === step));

/** Changes with every commit. */
function stateOf(file: string): string {
  return [`${file}-wal`, file]
    .map((path) => {
      const found = statSync(path, {bigint: true, throwIfNoEntry: false});
      return found === undefined ? '' : `${found.mtimeNs} ${found.size}`;
    })
    .join();
}
