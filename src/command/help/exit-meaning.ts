import {exit} from '../../exit.ts';

/** What each exit code tells a person or a script. */
export const exitMeaning: Readonly<Record<keyof typeof exit, string>> = {
  done: 'Done.',
  failed: 'A step failed. The run stays open; rebuild resume HOST goes on from its checkpoint.',
  usage: 'Wrong usage or an invalid runbook. Nothing was touched.',
  refused: 'Refused by a safety gate: a wrong name, a stale plan, a held lease, a wrong key. Nothing was touched.',
  waits: 'Waits for a person: a gate, or a host name that must be typed.',
  bug: 'A mistake in rebuild itself. Please report it with the lines it printed.',
  interrupted: 'Interrupted. The checkpoint is kept; rebuild resume HOST goes on.',
};
