import {constants, copyFile} from 'node:fs/promises';
import {hostName, runId, type RunId} from '../../brand.ts';
import type {Globals} from '../../cli.ts';
import {exit, type ExitCode} from '../../exit.ts';
import {fault} from '../../fault.ts';
import {failed, ok, type Result} from '../../result.ts';
import {kinds} from '../../step/registry.ts';
import {escape} from '../../view/escape.ts';
import {addApproval, approvePlan, approveRun, type ApproveOptions} from '../approve.ts';
import {signersFile} from '../sitting/gatekeeper.ts';
import {refuse, type Reading} from '../reading.ts';
import {loadRunbook, runbookPlaces} from '../runbook-file.ts';
import {planFileOf} from '../sitting/run-plan.ts';
import {runbookOf} from '../sitting/run-runbook.ts';
import {openSession, type Session} from '../session.ts';
import {withReading} from '../with-reading.ts';

export interface ApproveArguments {
  readonly message?: string;
  readonly key?: string;
  /** An approval to add. */
  readonly add?: string;
  /** A saved plan to approve. */
  readonly plan?: string;
  readonly output?: string;
  /** Where the run's plan goes, for an approver elsewhere. */
  readonly ask?: string;
}

/** `rebuild approve`: signs, asks for, or brings what a gate waits for. */
export const approve = (name: string | undefined, given: ApproveArguments, globals: Globals): Promise<ExitCode> =>
  withReading(globals, openSession, async (reading, {home}) => {
    const wrong = misuse(name, given);
    if (wrong !== undefined) {
      reading.err(`${wrong}\n    rebuild approve --help\n`);
      return exit.usage;
    }
    const how: ApproveOptions = {why: given.message ?? '', ...(given.key === undefined ? {} : {key: given.key})};
    if (given.plan !== undefined) return approvePlan(given.plan, given.output ?? '', how, reading);
    const run = await runNamed(name ?? '', reading);
    if (!run.ok) return refuse(reading, run.fault, name);
    if (given.ask !== undefined) return handOut(planFileOf(home, run.value), given.ask, run.value, reading);
    const file = await signersOf(run.value, globals, {journal: reading.journal, home});
    if (!file.ok) return refuse(reading, file.fault, hostOf(run.value));
    return given.add === undefined
      ? approveRun(run.value, file.value, how, reading)
      : addApproval(run.value, given.add, file.value, reading);
  });

function misuse(
  name: string | undefined,
  {add, plan, output, ask, key, message}: ApproveArguments,
): string | undefined {
  if ([add, plan, ask].filter((each) => each !== undefined).length > 1)
    return '--add, --plan and --ask are three different things to do';
  if (plan !== undefined && output === undefined) return '--plan FILE needs -o FILE, where the approval goes';
  if (plan === undefined && output !== undefined) return '-o FILE belongs to --plan FILE';
  if (plan === undefined && name === undefined) return 'a host or a run is missing';
  if ((add ?? ask) !== undefined && (key ?? message) !== undefined)
    return 'nothing is signed here: --key and -m do nothing';
  if ((message?.length ?? 0) > 1000) return 'a reason has at most 1000 characters';
  return undefined;
}

/** A run by its id, or a host's unfinished one. */
async function runNamed(name: string, {journal}: Reading): Promise<Result<RunId>> {
  const id = runId(name);
  const runs = id && (await journal.runs());
  if (runs && !runs.ok) return runs;
  if (id && runs?.value.includes(id)) return ok(id);
  const host = hostName(name);
  const unfinished = host && (await journal.unfinished(host));
  if (unfinished && !unfinished.ok) return unfinished;
  return unfinished?.value
    ? ok(unfinished.value)
    : failed(fault('run.missing', `${name} is no run, and no host with an unfinished one`));
}

/** Where the run's runbook keeps its list of signers; the runbook must be the one the run was begun with. */
async function signersOf(
  run: RunId,
  {runbook}: Globals,
  session: Pick<Session, 'journal' | 'home'>,
): Promise<Result<string>> {
  const stored = await session.journal.read(run);
  if (!stored.ok) return stored;
  const begun = stored.value[0]?.event;
  const loaded = await loadRunbook(await runbookOf(run, runbook, session), runbookPlaces(), kinds);
  if (!loaded.ok) return loaded;
  return begun?.type === 'run.begun' && begun.runbook !== loaded.digest
    ? failed(fault('runbook.changed', `${loaded.file} is not the runbook that ${run} was begun with`))
    : ok(signersFile(loaded));
}

async function handOut(plan: string, to: string, run: RunId, {out, err}: Reading): Promise<ExitCode> {
  try {
    await copyFile(plan, to, constants.COPYFILE_EXCL);
  } catch (error) {
    const {code = 'unknown error'} = error as NodeJS.ErrnoException;
    err(`${escape(to)} ${code === 'EEXIST' ? 'exists already' : `cannot be written: ${code}`}\n`);
    return exit.usage;
  }
  out(`The plan of ${run} is in ${escape(to)}. Whoever approves it, where they are:\n`);
  out(`    rebuild approve --plan ${escape(to)} -o NAME.approval -m WHY\n`);
  return exit.done;
}

const hostOf = (run: RunId): string => run.slice(0, run.lastIndexOf('-'));
