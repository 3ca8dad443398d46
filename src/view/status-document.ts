import type {HostName, Instant, RunId} from '../brand.ts';
import type {Fault} from '../fault.ts';
import {stateWord, type StateWord} from './state-word.ts';
import type {Standing} from './status.ts';
import {summarise, type RunSummary} from './summary.ts';

/** What `status --json` prints, and `status --watch --json` on each line. */
export interface StatusDocument {
  readonly type: 'status';
  readonly at: Instant;
  readonly hosts: readonly (StandingDocument | UnreadableDocument)[];
}

/** A run's summary, with `state` for its `result`. */
export interface StandingDocument extends Omit<RunSummary, 'type' | 'result'> {
  readonly state: StateWord;
  readonly holder: NonNullable<Standing['holder']> | null;
}

export interface UnreadableDocument {
  readonly host: HostName;
  readonly run: RunId;
  readonly state: 'unreadable';
  readonly fault: Fault | null;
  readonly holder: NonNullable<Standing['holder']> | null;
}

export const statusDocument = (standings: readonly Standing[], at: Instant): StatusDocument => ({
  type: 'status',
  at,
  hosts: standings.map(documentOf),
});

function documentOf({host, run, history, holder, fault}: Standing): StandingDocument | UnreadableDocument {
  if (!history) return {host, run, state: 'unreadable', fault: fault ?? null, holder: holder ?? null};
  const {type: _, result: __, ...summary} = summarise(history, holder !== undefined);
  return {...summary, state: stateWord(history, holder !== undefined), holder: holder ?? null};
}
