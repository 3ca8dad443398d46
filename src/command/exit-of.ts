import type {RunEnd} from '../engine/drive.ts';
import {exit, type ExitCode} from '../exit.ts';
import type {Fault} from '../fault.ts';
import {catalogue} from '../fault-catalogue.ts';

/** The exit code of a run's end. */
export function exitOf(end: RunEnd): ExitCode {
  switch (end.end) {
    case 'done':
      return exit.done;
    case 'failed':
      // A safety gate may refuse inside a run as well.
      return exitOfFault(end.fault, exit.failed);
    case 'stopped':
      return {until: exit.done, gate: exit.waits, asked: exit.interrupted, interrupted: exit.interrupted}[end.why];
    case 'cut':
      return exitOfFault(end.fault, exit.failed);
    default:
      return end satisfies never;
  }
}

/** The exit code of a fault: its own where the catalogue has one. */
export function exitOfFault({code}: Fault, otherwise: ExitCode): ExitCode {
  const entry: {readonly exit?: 2 | 3} = catalogue[code];
  return entry.exit ?? otherwise;
}
