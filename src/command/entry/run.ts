import {hostName, type HostName} from '../../brand.ts';
import type {Globals} from '../../cli.ts';
import {systemClock} from '../../clock.ts';
import type {ExitCode} from '../../exit.ts';
import {kinds} from '../../step/registry.ts';
import {fault, type Fault} from '../../fault.ts';
import type {FaultScript} from '../../lab/fault/script.ts';
import {failed, ok, type Result} from '../../result.ts';
import {beforeRun} from '../before-run.ts';
import {renderDiagnostic} from '../excerpt.ts';
import {loadScript} from '../lab/fault-script.ts';
import {armLab, onLab} from '../lab/devices.ts';
import {leaseMs} from '../sitting/lease-keeper.ts';
import type {PlanOptions} from '../plan.ts';
import type {RunOptions} from '../run.ts';
import {runbookOf} from '../sitting/run-runbook.ts';
import {loadRunbook, runbookPlaces} from '../runbook-file.ts';
import {openScreen, type Screen} from '../screen.ts';
import {openReading, openSession, type Session} from '../session.ts';
import type {Subject} from '../subject.ts';
import {tellFault} from '../tell-fault.ts';
import {holder} from '../who.ts';

// With `--lab` this process becomes another one first: what carries a run out is loaded only by the one that does.

export const run = (host: string, options: RunOptions, globals: Globals): Promise<ExitCode> =>
  withSubject(host, {...globals, ...options}, 'run', async (session, subject, screen) =>
    (await import('../run.ts')).run(session, subject, options, screen),
  );

export const plan = (host: string, options: PlanOptions, globals: Globals): Promise<ExitCode> =>
  withSubject(host, globals, 'plan', async (session, subject, screen) =>
    (await import('../plan.ts')).showPlan(session, subject, options, screen),
  );

export const resume = (
  host: string,
  options: Pick<RunOptions, 'until' | 'faults'>,
  globals: Globals,
): Promise<ExitCode> =>
  withSubject(host, {...globals, ...options}, 'resume', async (session, subject, screen) =>
    (await import('../resume.ts')).resume(session, subject, options, screen),
  );

export const undo = (
  host: string,
  options: {readonly step: string; readonly confirm?: string},
  globals: Globals,
): Promise<ExitCode> =>
  withSubject(host, globals, 'resume', async (session, subject, screen) =>
    (await import('../undo.ts')).undo(session, subject, options, screen),
  );

async function withSubject(
  name: string,
  globals: Globals & Pick<RunOptions, 'plan' | 'faults'>,
  command: 'run' | 'plan' | 'resume',
  work: (session: Session, subject: Subject, screen: Screen) => Promise<ExitCode>,
): Promise<ExitCode> {
  const lab = globals.lab === true;
  const wanted = command === 'resume' ? await resumedBy(name, globals) : globals.runbook;
  const loaded = await loadRunbook(wanted ?? name, runbookPlaces(), kinds, hostName(name));
  if (!loaded.ok) {
    for (const diagnostic of loaded.diagnostics)
      process.stderr.write(`${renderDiagnostic(diagnostic, process.stderr.columns)}\n\n`);
    return tellFault(loaded.fault, globals, name);
  }
  const script = await faultsFor(globals);
  if (!script.ok) return tellFault(script.fault, globals, name);
  const {file, digest} = loaded;
  const {name: host} = loaded.runbook.host;
  const told = (trouble: Fault): Fault =>
    command === 'resume' ? trouble : beforeRun(trouble, command, globals.runbook);
  const plain = openScreen({
    json: globals.json === true,
    quiet: globals.quiet === true,
    lab,
    host,
    clock: systemClock,
    ...(globals.runbook !== undefined && {runbook: globals.runbook}),
  });
  const screen: Screen = {...plain, fault: (trouble) => plain.fault(told(trouble))};
  const refuse = (trouble: Fault): ExitCode => tellFault(told(trouble), globals, host);
  const opened = command === 'plan' ? openReading(lab) : openSession(lab);
  if (!opened.ok) return refuse(opened.fault);
  const session = opened.value;
  try {
    let runbook = loaded.runbook;
    if (lab) {
      const unfinished = await session.journal.unfinished(host);
      if (!unfinished.ok) return refuse(unfinished.fault);
      // The lab's machine is taken away only where no run still needs it, and no saved plan is about it.
      const fresh = command === 'run' && unfinished.value === undefined && globals.plan === undefined;
      const free = fresh ? await isFree(session, host) : ok(undefined);
      if (!free.ok) return refuse(free.fault);
      const devices = await onLab(runbook, {
        fresh,
        work: screen.work,
        ...(globals.firmware === undefined ? {} : {firmware: globals.firmware}),
        ...(globals.secureBoot && {secureBoot: true}),
      });
      if (!devices.ok) return refuse(devices.fault);
      runbook = devices.value;
      const armed = script.value === undefined ? ok(undefined) : await armLab(host, script.value);
      if (!armed.ok) return refuse(armed.fault);
    }
    return await work(session, {file, runbook, digest, lab}, screen);
  } finally {
    screen.work.pause();
    session.journal.close();
  }
}

/** The runbook of the host's unfinished run; undefined where there is none, which resume will say. */
async function resumedBy(name: string, {runbook, lab}: Globals): Promise<string | undefined> {
  const host = hostName(name);
  const opened = runbook === undefined && host ? openReading(lab === true) : undefined;
  if (!host || !opened?.ok) return runbook;
  const {journal} = opened.value;
  try {
    const unfinished = await journal.unfinished(host);
    return unfinished.ok && unfinished.value ? await runbookOf(unfinished.value, runbook, opened.value) : runbook;
  } finally {
    journal.close();
  }
}

/** The script of `--faults`, read before anything is begun. */
async function faultsFor({
  faults,
  lab,
}: Globals & Pick<RunOptions, 'faults'>): Promise<Result<FaultScript | undefined>> {
  if (faults === undefined) return ok(undefined);
  if (lab !== true) return failed(fault('lab.usage', '--faults strikes the lab alone: give --lab too'));
  const script = await loadScript(faults, process.stderr.columns);
  if (!script.ok) for (const excerpt of script.excerpts) process.stderr.write(`${excerpt}\n\n`);
  return script;
}

/** Whether nobody works on the host: a colleague who still reads the plan has begun no run, and has the machine. */
async function isFree({journal}: Session, host: HostName): Promise<Result<void>> {
  const lease = await journal.take(host, holder('lab up'), leaseMs);
  return lease.ok ? journal.release(lease.value) : lease;
}
