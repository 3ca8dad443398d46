import {isOpen} from '../gate/judge.ts';
import {tallyOf} from './gate.ts';
import type {History} from './history.ts';

/**
 * One word for where a run stands. `unsure`: nobody drives it and it never said why, so its controller died.
 * `held` says whether someone holds the host's lease now.
 * `waits`: people must agree to the next step. `away`: handed over to another machine.
 */
export type StateWord = 'running' | 'failed' | 'stopped' | 'waits' | 'away' | 'unsure' | 'done' | 'abandoned';

export function stateWord({end}: History, held: boolean): StateWord {
  if (end.is !== 'open') return end.is;
  return held ? 'running' : 'unsure';
}

/** What to type next, without `rebuild`. Runs of the lab are kept apart, so it says `--lab` for them. */
export function nextCommand(history: History, state: StateWord): string {
  const lab = history.lab ? ' --lab' : '';
  switch (state) {
    case 'running':
      return `log ${history.host} -f${lab}`;
    case 'failed':
    case 'stopped':
    case 'unsure':
      return `resume ${history.host}${lab}`;
    case 'waits': {
      const counted = tallyOf(history, history.last);
      return `${counted && isOpen(counted) ? 'resume' : 'approve'} ${history.host}${lab}`;
    }
    case 'away':
      return `import FILE${lab}`;
    case 'done':
    case 'abandoned':
      return `report ${history.run}${lab}`;
    default:
      return state satisfies never;
  }
}
