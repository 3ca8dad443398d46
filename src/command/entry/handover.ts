import type {Globals} from '../../cli.ts';
import type {ExitCode} from '../../exit.ts';
import {exportRun} from '../export.ts';
import {importRun} from '../import.ts';
import {openSession} from '../session.ts';
import {withReading} from '../with-reading.ts';

export const handOver = (
  name: string,
  options: {readonly output: string; readonly passphrase?: string},
  globals: Globals,
): Promise<ExitCode> =>
  withReading(globals, openSession, (reading, session) =>
    exportRun(
      name,
      {...options, ...(globals.runbook === undefined ? {} : {runbook: globals.runbook})},
      reading,
      session,
    ),
  );

export const takeUp = (file: string, options: {readonly passphrase?: string}, globals: Globals): Promise<ExitCode> =>
  withReading(globals, openSession, (reading, session) => importRun(file, options, reading, session));
