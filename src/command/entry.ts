import {readFileSync} from 'node:fs';
import {writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {hostName} from '../brand.ts';
import type {Globals} from '../cli.ts';
import {systemClock} from '../clock.ts';
import {exit, type ExitCode} from '../exit.ts';
import {fault, type Fault} from '../fault.ts';
import {failed, ok} from '../result.ts';
import {kinds} from '../step/registry.ts';
import {paintFor} from '../view/paint.ts';
import {abandon as abandonRun} from './abandon.ts';
import {checkExit, checkRunbooks, renderChecks} from './check.ts';
import {renderDiagnostic} from './excerpt.ts';
import {explain as explainName} from './explain.ts';
import {renderExplanation} from './explain-text.ts';
import {onLab} from './lab-devices.ts';
import {lab as runLab} from './lab.ts';
import {labUsage, parseLab} from './lab-request.ts';
import {makeSuspect} from './lab-images.ts';
import {log as showLog} from './log.ts';
import {refuse, type Reading} from './reading.ts';
import {report as showReport} from './report.ts';
import {resume as resumeRun, run as runRun, showPlan, type RunOptions} from './run.ts';
import {loadRunbook, packagedRunbooks, runbookPlaces} from './runbook-file.ts';
import {schemaText} from './schema.ts';
import {openScreen, type Screen} from './screen.ts';
import {openSession, type Session} from './session.ts';
import {exitOfFault} from './sitting.ts';
import {status as showStatus} from './status.ts';
import type {Subject} from './subject.ts';

/** The commands as `cli.ts` calls them: what they stand on is opened here, and closed again. */

export const run = (host: string, options: RunOptions, globals: Globals): Promise<ExitCode> =>
  withSubject(host, globals, 'fresh', (session, subject, screen) => runRun(session, subject, options, screen));

export const plan = (host: string, {output}: {readonly output?: string}, globals: Globals): Promise<ExitCode> =>
  withSubject(host, globals, 'as it is', (session, subject, screen) => showPlan(session, subject, output, screen));

export const resume = (host: string, options: Pick<RunOptions, 'until'>, globals: Globals): Promise<ExitCode> =>
  withSubject(host, globals, 'as it is', (session, subject, screen) => resumeRun(session, subject, options, screen));

export const abandon = (host: string, why: string, globals: Globals): Promise<ExitCode> =>
  withReading(globals, (reading) => abandonRun(host, why, reading));

export const status = (host: string | undefined, globals: Globals): Promise<ExitCode> =>
  withReading(globals, (reading) => {
    const name = host === undefined ? undefined : hostName(host);
    if (host !== undefined && name === undefined)
      return Promise.resolve(refuse(reading, fault('run.missing', `"${host}" is no host name`)));
    return showStatus(name, reading);
  });

export const log = (name: string, options: {step?: string; follow?: boolean}, globals: Globals): Promise<ExitCode> =>
  withReading(globals, (reading) => showLog(name, options, reading));

export const report = (name: string, {output}: {readonly output?: string}, globals: Globals): Promise<ExitCode> =>
  withReading(globals, (reading) =>
    showReport(name, output === undefined ? {} : {save: (text) => saved(output, text)}, reading),
  );

/** Writes a result to a file; what went wrong, in words, if anything. */
const saved = (file: string, text: string): Promise<string | undefined> =>
  writeFile(file, text).then(
    () => undefined,
    (error: unknown) => `${file} cannot be written: ${error instanceof Error ? error.message : 'unknown error'}`,
  );

export async function check(names: readonly string[], {json}: Globals): Promise<ExitCode> {
  const checks = await checkRunbooks(names, runbookPlaces(), kinds);
  process.stdout.write(json ? `${JSON.stringify(checks, null, 2)}\n` : renderChecks(checks, process.stdout.columns));
  return checkExit(checks);
}

export async function explain(name: string, {json}: Globals): Promise<ExitCode> {
  const example = readFileSync(join(packagedRunbooks, 'marruuk.yaml'), 'utf8');
  const explanation = explainName(name, {kinds, example});
  process.stdout.write(json ? `${JSON.stringify(explanation, null, 2)}\n` : renderExplanation(explanation));
  return explanation.topic === 'unknown' ? exit.usage : exit.done;
}

export async function schema(): Promise<ExitCode> {
  process.stdout.write(schemaText(kinds));
  return exit.done;
}

/** `rebuild lab ...`, which reads its own words. */
export async function lab(argv: readonly string[]): Promise<ExitCode> {
  const json = argv.includes('--json');
  const words = argv.filter((word) => word !== '--json' && word !== '--no-color');
  if (words.length === 0 || words.includes('--help') || words.includes('-h')) {
    process.stdout.write(labUsage);
    return words.length === 0 ? exit.usage : exit.done;
  }
  const request = parseLab(words);
  if (!request.ok) return tellFault(request.fault, {json}, undefined);
  const interrupt = new AbortController();
  const stop = (): void => interrupt.abort();
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  const done = await runLab(request.value, {
    json,
    out: (text) => void process.stdout.write(text),
    say: (line) => void process.stderr.write(`lab: ${line}\n`),
    signal: interrupt.signal,
    suspect: makeSuspect,
    runbook: async (host) => {
      const loaded = await loadRunbook(host, runbookPlaces(), kinds, host);
      return loaded.ok ? ok(loaded.runbook) : failed(loaded.fault);
    },
  });
  if (done.ok) return exit.done;
  return interrupt.signal.aborted ? exit.interrupted : tellFault(done.fault, {json}, request.value.host);
}

async function withReading(globals: Globals, work: (reading: Reading) => Promise<ExitCode>): Promise<ExitCode> {
  const {stdout, stderr, env} = process;
  const opened = openSession(globals.lab === true);
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

async function withSubject(
  name: string,
  globals: Globals,
  machine: 'fresh' | 'as it is',
  work: (session: Session, subject: Subject, screen: Screen) => Promise<ExitCode>,
): Promise<ExitCode> {
  const lab = globals.lab === true;
  const loaded = await loadRunbook(globals.runbook ?? name, runbookPlaces(), kinds, hostName(name));
  if (!loaded.ok) {
    for (const diagnostic of loaded.diagnostics)
      process.stderr.write(`${renderDiagnostic(diagnostic, process.stderr.columns)}\n\n`);
    return tellFault(loaded.fault, globals, name);
  }
  const {file, digest} = loaded;
  const {name: host} = loaded.runbook.host;
  const screen = openScreen({
    json: globals.json === true,
    quiet: globals.quiet === true,
    lab,
    host,
    clock: systemClock,
  });
  const opened = openSession(lab);
  if (!opened.ok) return tellFault(opened.fault, globals, host);
  const session = opened.value;
  try {
    let runbook = loaded.runbook;
    if (lab) {
      const unfinished = await session.journal.unfinished(host);
      if (!unfinished.ok) return tellFault(unfinished.fault, globals, host);
      // The lab's machine is taken away only where no run still needs it.
      const fresh = machine === 'fresh' && unfinished.value === undefined;
      const devices = await onLab(runbook, {
        fresh,
        say: screen.say,
        ...(globals.firmware === undefined ? {} : {firmware: globals.firmware}),
      });
      if (!devices.ok) return tellFault(devices.fault, globals, host);
      runbook = devices.value;
    }
    return await work(session, {file, runbook, digest, lab}, screen);
  } finally {
    session.journal.close();
  }
}

function tellFault(trouble: Fault, globals: Globals, host: string | undefined): ExitCode {
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
