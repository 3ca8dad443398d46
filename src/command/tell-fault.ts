import type {Globals} from '../cli.ts';
import {systemClock} from '../clock.ts';
import {exit, type ExitCode} from '../exit.ts';
import type {Fault} from '../fault.ts';
import {exitOfFault} from './exit-of.ts';
import {openScreen} from './screen.ts';

/** Says why nothing was done, and gives the exit code for it. */
export function tellFault(trouble: Fault, globals: Globals, host: string | undefined): ExitCode {
  const screen = openScreen({
    json: globals.json === true,
    quiet: false,
    lab: globals.lab === true,
    host: host ?? 'HOST',
    clock: systemClock,
  });
  screen.fault(trouble);
  return exitOfFault(trouble, exit.refused);
}
