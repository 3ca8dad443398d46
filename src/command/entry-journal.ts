import {writeFile} from 'node:fs/promises';
import {hostName} from '../brand.ts';
import type {Globals} from '../cli.ts';
import {systemClock} from '../clock.ts';
import type {ExitCode} from '../exit.ts';
import {fault} from '../fault.ts';
import {paintFor} from '../view/paint.ts';
import {abandon as abandonRun} from './abandon.ts';
import {log as showLog} from './log.ts';
import {refuse, type Reading} from './reading.ts';
import {report as showReport} from './report.ts';
import {openReading, openSession} from './session.ts';
import {status as showStatus} from './status.ts';
import {tellFault} from './tell-fault.ts';

// The commands that need the journal alone. They are typed by reflex, so they load nothing else.

export const abandon = (host: string, why: string, globals: Globals): Promise<ExitCode> =>
  withReading(globals, openSession, (reading) => abandonRun(host, why, reading));

export const status = (host: string | undefined, globals: Globals): Promise<ExitCode> =>
  withReading(globals, openReading, (reading) => {
    const name = host === undefined ? undefined : hostName(host);
    if (host !== undefined && name === undefined)
      return Promise.resolve(refuse(reading, fault('run.missing', `"${host}" is no host name`)));
    return showStatus(name, reading);
  });

export const log = (name: string, options: {step?: string; follow?: boolean}, globals: Globals): Promise<ExitCode> =>
  withReading(globals, openReading, (reading) => showLog(name, options, reading));

export const report = (name: string, {output}: {readonly output?: string}, globals: Globals): Promise<ExitCode> =>
  withReading(globals, openReading, (reading) =>
    showReport(name, output === undefined ? {} : {save: (text) => saved(output, text)}, reading),
  );

/** Writes a result to a file; what went wrong, in words, if anything. */
const saved = (file: string, text: string): Promise<string | undefined> =>
  writeFile(file, text).then(
    () => undefined,
    (error: unknown) => `${file} cannot be written: ${error instanceof Error ? error.message : 'unknown error'}`,
  );

async function withReading(
  globals: Globals,
  open: typeof openSession,
  work: (reading: Reading) => Promise<ExitCode>,
): Promise<ExitCode> {
  const {stdout, stderr, env} = process;
  const opened = open(globals.lab === true);
  if (!opened.ok) return tellFault(opened.fault, globals, undefined);
  const {journal} = opened.value;
  try {
    return await work({
      journal,
      clock: systemClock,
      out: (text) => void stdout.write(text),
      err: (text) => void stderr.write(text),
      paint: paintFor(stdout, env),
      json: globals.json === true,
      lab: globals.lab === true,
      ...(stdout.isTTY ? {columns: stdout.columns} : {}),
    });
  } finally {
    journal.close();
  }
}
