import type {HostName, Instant, RunId, StepId} from '../brand.ts';
import type {ExitCode} from '../exit.ts';
import {fault, type Fault} from '../fault.ts';
import {differencesOf} from '../plan/difference.ts';
import {documentOf} from '../plan/document.ts';
import {onlyLook} from '../plan/only-look.ts';
import type {Plan} from '../plan/plan.ts';
import {failed, ok, type Result} from '../result.ts';
import {read} from '../view/history.ts';
import {begun} from './begin.ts';
import {confirm} from './confirm.ts';
import {request, signersFor} from './sitting/gatekeeper.ts';
import {makePlan} from './make-plan.ts';
import {keepPlan, planFileText} from './sitting/run-plan.ts';
import {makeRunKeys} from './sitting/run-keys.ts';
import {noteRunbook} from './sitting/run-runbook.ts';
import {readPlan, runnable, sound, staleFault} from './saved-plan.ts';
import type {Screen} from './screen.ts';
import {tidyLight} from './tidy.ts';
import {leased, lightOf, refuse, sitDown, stepNamed} from './sitting/seat.ts';
import type {Session} from './session.ts';
import type {Subject} from './subject.ts';
import {openWorkbench, type Workbench} from './sitting/workbench.ts';

export interface RunOptions {
  readonly confirm?: string;
  /** A saved plan that must still fit. */
  readonly plan?: string;
  readonly until?: string;
  /** Although the host's last run reached its end. */
  readonly again?: boolean;
  /** The script by which the lab is struck. */
  readonly faults?: string;
  /** The SSH key that makes the requester of a run with a gate known; by default the user's own. */
  readonly key?: string;
}

/** Plans, shows, asks for the host's name, and carries the runbook out. */
export async function run(session: Session, subject: Subject, options: RunOptions, screen: Screen): Promise<ExitCode> {
  const {journal, home} = session;
  const {name: host} = subject.runbook.host;
  const until = stepNamed(subject, options.until);
  if (!until.ok) return refuse(screen, until);
  const id = await journal.nextRun(host);
  if (!id.ok) return refuse(screen, id);

  return leased(session, subject, `run ${id.value}`, screen, async (lease) => {
    // Only whoever has the host can tell a run that was left from one that a colleague is at.
    const unfinished = await journal.unfinished(host);
    if (!unfinished.ok) return refuse(screen, unfinished);
    if (unfinished.value) return refuse(screen, failed(await inTheWay(session, unfinished.value)));
    const before = await lastDone(session, host);
    if (!before.ok) return refuse(screen, before);
    if (before.value && !subject.lab && !options.again) return refuse(screen, failed(alreadyDone(before.value)));
    if (before.value && options.again) screen.say(`${doneText(before.value)}; again, as asked`);
    const signers = await signersFor(subject);
    if (!signers.ok) return refuse(screen, signers);
    const keys = await makeRunKeys(home.state, id.value);
    if (!keys.ok) return refuse(screen, keys);
    const {epoch} = lease;
    const {say, work} = screen;
    const opening = {run: id.value, keys: keys.value, epoch, say, tell: work.tell};
    const bench = await openWorkbench(session, subject, opening);
    if (!bench.ok) return refuse(screen, bench);
    try {
      const plan = await agreed(session, subject, bench.value, options, screen, until.value);
      if (!plan.ok) return refuse(screen, plan);
      // Made before anything is touched, so that its digest is in the run's first entry, out of reach of who can change files.
      const iso = await lightOf(subject.runbook, bench.value);
      if (!iso.ok) return refuse(screen, iso);
      await tidyLight(home, journal);
      const asks = {key: options.key, clock: session.clock};
      const gate = await request(subject.runbook, plan.value, id.value, signers.value, asks);
      if (!gate.ok) return refuse(screen, gate);
      const kept = await keepPlan(home, id.value, planFileText(plan.value));
      if (!kept.ok) return refuse(screen, kept);
      const noted = await noteRunbook(home, id.value, subject.file);
      if (!noted.ok) return refuse(screen, noted);
      const first = begun(id.value, subject, plan.value, bench.value.world.run, {
        iso: iso.value,
        gate: gate.value,
        faults: options.faults,
        again: options.again ? before.value?.run : undefined,
      });
      return await sitDown(session, subject, bench.value, screen, {
        lease,
        id: id.value,
        first,
        until: until.value,
        plan: plan.value,
      });
    } finally {
      await bench.value.close();
    }
  });
}

/** The plan that a person has agreed to. */
async function agreed(
  {clock}: Session,
  subject: Subject,
  {world}: Workbench,
  options: RunOptions,
  screen: Screen,
  until: StepId | undefined,
): Promise<Result<Plan>> {
  const saved = options.plan === undefined ? undefined : await readPlan(options.plan);
  if (saved && !saved.ok) return saved;
  const reviewed = saved && sound(options.plan ?? '', saved.value);
  if (reviewed && !reviewed.ok) return reviewed;
  const look = onlyLook(world);
  const read = (): Promise<Result<Plan>> => makePlan(look, subject, clock, screen.work.tell);
  const plan = await read();
  if (!plan.ok) return plan;
  screen.plan(plan.value, until);
  // Before its errors: one that the saved plan has not is a fact that has changed since.
  if (saved) {
    const {stale} = differencesOf(saved.value.document, documentOf(plan.value));
    screen.fits(saved.value.plan, stale);
    if (stale.length > 0) return failed(staleFault(stale, options.plan ?? ''));
  }
  const faultless = runnable(plan.value);
  if (!faultless.ok) return faultless;
  const yes = await confirm(plan.value, options.confirm, typed(options), screen, until);
  if (!yes.ok) return yes;
  if (options.confirm !== undefined) return plan;
  // A person may have thought for an hour: what was agreed to must still be so.
  const now = await read();
  if (!now.ok || now.value.digest === plan.value.digest) return now;
  const {stale} = differencesOf(documentOf(plan.value), documentOf(now.value));
  screen.fits(plan.value, stale);
  return failed(staleFault(stale, 'it was shown'));
}

/** The command as it was typed, but for its confirmation. */
const typed = ({plan, until, again, key}: RunOptions): string =>
  [
    'rebuild run HOST',
    ...(plan === undefined ? [] : [`--plan ${plan}`]),
    ...(until === undefined ? [] : [`--until ${until}`]),
    ...(again ? ['--again'] : []),
    ...(key === undefined ? [] : [`--key ${key}`]),
  ].join(' ');

/** A run that has not ended: here, or on the machine it was handed over to. */
async function inTheWay({journal}: Session, run: RunId): Promise<Fault> {
  const stored = await journal.read(run);
  const end = stored.ok ? read(stored.value)?.end : undefined;
  return end?.is === 'away'
    ? fault('run.handed-over', `${run} was handed over by ${end.by}, and has not come back`)
    : fault('run.unfinished', `${run} has not ended`);
}

interface Ended {
  readonly run: RunId;
  readonly at: Instant;
}

/** The host's last run, if it reached its end. */
async function lastDone({journal}: Session, host: HostName): Promise<Result<Ended | undefined>> {
  const runs = await journal.runs(host);
  if (!runs.ok) return runs;
  const [newest] = runs.value;
  if (newest === undefined) return ok(undefined);
  const stored = await journal.read(newest);
  if (!stored.ok) return stored;
  const end = stored.value.at(-1);
  return ok(end?.event.type === 'run.done' ? {run: newest, at: end.at} : undefined);
}

const doneText = ({run, at}: Ended): string => `${run} was done at ${at.slice(0, 16).replace('T', ' ')}Z`;

const alreadyDone = (ended: Ended): Fault =>
  fault('run.already-done', doneText(ended), {
    next: `rebuild report ${ended.run} shows what was done; to erase and rebuild the host once more: rebuild run HOST --again`,
  });
