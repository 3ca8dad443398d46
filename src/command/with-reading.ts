import type {Globals} from '../cli.ts';
import {systemClock} from '../clock.ts';
import type {ExitCode} from '../exit.ts';
import {paintFor} from '../view/paint.ts';
import type {Reading} from './reading.ts';
import type {openSession, Session} from './session.ts';

/** Opens the journal and the streams for a command that asks no device, and closes them behind it. */
export async function withReading(
  globals: Globals,
  open: typeof openSession,
  work: (reading: Reading, session: Session) => Promise<ExitCode>,
): Promise<ExitCode> {
  const {stdout, stderr, env} = process;
  const opened = open(globals.lab === true);
  if (!opened.ok) return (await import('./tell-fault.ts')).tellFault(opened.fault, globals, undefined);
  const {journal} = opened.value;
  try {
    return await work(
      {
        journal,
        clock: systemClock,
        out: (text) => void stdout.write(text),
        err: (text) => void stderr.write(text),
        paint: paintFor(stdout, env),
        json: globals.json === true,
        lab: globals.lab === true,
        ...(stdout.isTTY ? {columns: stdout.columns} : {}),
      },
      opened.value,
    );
  } finally {
    journal.close();
  }
}
