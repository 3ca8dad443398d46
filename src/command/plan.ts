import {writeFile} from 'node:fs/promises';
import {exit, type ExitCode} from '../exit.ts';
import {fault} from '../fault.ts';
import {differencesOf} from '../plan/difference.ts';
import {documentOf} from '../plan/document.ts';
import {onlyLook} from '../plan/only-look.ts';
import {failed, ok, type Result} from '../result.ts';
import {exitOfFault} from './exit-of.ts';
import {makePlan} from './make-plan.ts';
import {newRunKeys} from './sitting/run-keys.ts';
import {planFileText} from './sitting/run-plan.ts';
import {readPlan, type SavedPlan} from './saved-plan.ts';
import type {Screen} from './screen.ts';
import {refuse, stepNamed} from './sitting/seat.ts';
import type {Session} from './session.ts';
import type {Subject} from './subject.ts';
import {openWorkbench} from './sitting/workbench.ts';

export interface PlanOptions {
  /** Where it is saved. */
  readonly output?: string;
  /** A saved plan to compare it with. */
  readonly against?: string;
  /** The step after which a sitting would stop. */
  readonly until?: string;
}

/**
 * Reads what a plan needs, shows it, and saves it where asked. Nothing else is written, here or anywhere: the journal is
 * open for reading, and the run's keys that devices want to be named are made for the moment and forgotten.
 */
export async function showPlan(
  session: Session,
  subject: Subject,
  {output, against, until}: PlanOptions,
  screen: Screen,
): Promise<ExitCode> {
  const {journal, clock} = session;
  const last = stepNamed(subject, until);
  if (!last.ok) return refuse(screen, last);
  const saved = against === undefined ? ok(undefined) : await readPlan(against);
  if (!saved.ok) return refuse(screen, saved);
  const id = await journal.nextRun(subject.runbook.host.name);
  if (!id.ok) return refuse(screen, id);
  const {say, work} = screen;
  const bench = await openWorkbench(session, subject, {run: id.value, keys: newRunKeys(), say, tell: work.tell});
  if (!bench.ok) return refuse(screen, bench);
  try {
    const read = await makePlan(onlyLook(bench.value.world), subject, clock, work.tell);
    if (!read.ok) return refuse(screen, read);
    const plan = read.value;
    if (output !== undefined) {
      const written = await save(output, planFileText(plan));
      if (!written.ok) return refuse(screen, written);
    }
    const [error] = plan.errors;
    const sound = error ? exitOfFault(error.fault, exit.refused) : exit.done;
    if (saved.value === undefined) {
      screen.planned(plan, {savedAs: output, until: last.value});
      return sound;
    }
    return compare(saved.value, against ?? '', screen, documentOf(plan)) ? sound : exit.refused;
  } finally {
    await bench.value.close();
  }
}

/** Whether a saved plan still fits. */
function compare(
  {document: before}: SavedPlan,
  file: string,
  screen: Screen,
  now: ReturnType<typeof documentOf>,
): boolean {
  const differences = differencesOf(before, now);
  screen.compared({file, before, now, differences});
  return differences.stale.length === 0;
}

async function save(file: string, text: string): Promise<Result<void>> {
  try {
    await writeFile(file, text);
    return ok(undefined);
  } catch (error) {
    return failed(fault('plan.unwritable', `${file}: ${(error as NodeJS.ErrnoException).code ?? 'unknown'}`));
  }
}
