import {writeFile} from 'node:fs/promises';
import {sha256, type RunId, type Sha256, type StepId} from '../brand.ts';
import type {Event, Stored} from '../engine/event.ts';
import {exit, type ExitCode} from '../exit.ts';
import {fault} from '../fault.ts';
import type {Lease} from '../journal/journal.ts';
import {masked} from '../mask/journal.ts';
import type {Plan} from '../plan/plan.ts';
import {failed, ok, type Result} from '../result.ts';
import type {Runbook} from '../runbook/runbook.ts';
import {targetBoot} from '../step/target-boot.ts';
import {begun} from './begin.ts';
import {confirm} from './confirm.ts';
import {leaseMs} from './lease-keeper.ts';
import {exitOf, exitOfFault} from './exit-of.ts';
import {makePlan, runnable, stillFits} from './plan.ts';
import {loadRunKeys, makeRunKeys} from './run-keys.ts';
import type {Screen} from './screen.ts';
import type {Session} from './session.ts';
import {sit} from './sitting.ts';
import type {Subject} from './subject.ts';
import {holder, who} from './who.ts';
import {openWorkbench, type Workbench} from './workbench.ts';

export interface RunOptions {
  readonly confirm?: string;
  /** A saved plan that must still fit. */
  readonly plan?: string;
  readonly until?: string;
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
    if (unfinished.value) return refuse(screen, failed(fault('run.unfinished', `${unfinished.value} has not ended`)));
    const keys = await makeRunKeys(home.state, id.value);
    if (!keys.ok) return refuse(screen, keys);
    const bench = await openWorkbench(session, subject, {run: id.value, keys: keys.value, say: screen.say});
    if (!bench.ok) return refuse(screen, bench);
    try {
      const plan = await agreed(session, subject, bench.value, options, screen);
      if (!plan.ok) return refuse(screen, plan);
      // Made before anything is touched, so that its digest is in the run's first entry, out of reach of who can change files.
      const iso = await lightOf(subject.runbook, bench.value);
      if (!iso.ok) return refuse(screen, iso);
      const first = begun(id.value, subject.runbook, plan.value, bench.value.world.run, subject.lab, iso.value);
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

/** Reads what a plan needs, shows it, and saves it where asked. Nothing is changed. */
export async function showPlan(
  session: Session,
  subject: Subject,
  output: string | undefined,
  screen: Screen,
): Promise<ExitCode> {
  const {journal, home, clock} = session;
  const id = await journal.nextRun(subject.runbook.host.name);
  if (!id.ok) return refuse(screen, id);
  const keys = await makeRunKeys(home.state, id.value);
  if (!keys.ok) return refuse(screen, keys);
  const bench = await openWorkbench(session, subject, {run: id.value, keys: keys.value, say: screen.say});
  if (!bench.ok) return refuse(screen, bench);
  try {
    const look = {...bench.value.world, earlier: () => undefined};
    const plan = await makePlan(look, subject.runbook, subject.digest, clock);
    if (!plan.ok) return refuse(screen, plan);
    if (output !== undefined) await writeFile(output, `${JSON.stringify(plan.value, null, 2)}\n`);
    screen.planned(plan.value, output);
    const [error] = plan.value.errors;
    return error ? exitOfFault(error.fault, exit.refused) : exit.done;
  } finally {
    await bench.value.close();
  }
}

/** Checks what is done, and goes on with the unfinished run. */
export async function resume(
  session: Session,
  subject: Subject,
  options: Pick<RunOptions, 'until'>,
  screen: Screen,
): Promise<ExitCode> {
  const {journal, home} = session;
  const {name: host} = subject.runbook.host;
  const until = stepNamed(subject, options.until);
  if (!until.ok) return refuse(screen, until);
  const unfinished = await journal.unfinished(host);
  if (!unfinished.ok) return refuse(screen, unfinished);
  const id = unfinished.value;
  if (!id) return refuse(screen, failed(fault('run.missing', `${host} has no unfinished run`)));
  const whole = await journal.verify(id);
  if (!whole.ok) return refuse(screen, whole);
  if (!whole.value.holds)
    return refuse(screen, failed(fault('journal.broken', `entry ${whole.value.seq} of ${id}: ${whole.value.says}`)));
  const history = await journal.read(id);
  if (!history.ok) return refuse(screen, history);
  const [start] = history.value;
  if (start?.event.type === 'run.begun' && start.event.runbook !== subject.digest)
    return refuse(
      screen,
      failed(fault('runbook.changed', `${subject.file} is not the runbook that ${id} was begun with`)),
    );

  return leased(session, subject, `resume ${id}`, screen, async (lease) => {
    const keys = await loadRunKeys(home.state, id);
    if (!keys.ok) return refuse(screen, keys);
    const bench = await openWorkbench(session, subject, {
      run: id,
      keys: keys.value,
      say: screen.say,
      ...imagesOf(start),
    });
    if (!bench.ok) return refuse(screen, bench);
    try {
      screen.resuming(history.value);
      const first: Event = {type: 'run.resumed', by: who(), pid: process.pid};
      return await sitDown(session, subject, bench.value, screen, {
        lease,
        id,
        first,
        until: until.value,
        history: history.value,
      });
    } finally {
      await bench.value.close();
    }
  });
}

const refuse = (screen: Screen, refused: Result<unknown> & {ok: false}): ExitCode => {
  screen.fault(refused.fault);
  // Nothing has been touched yet, so this is a refusal and not a failed step.
  return exitOfFault(refused.fault, refused.fault.code === 'confirm.missing' ? exit.waits : exit.refused);
};

async function leased(
  {journal}: Session,
  {runbook}: Subject,
  reason: string,
  screen: Screen,
  work: (lease: Lease) => Promise<ExitCode>,
): Promise<ExitCode> {
  const lease = await journal.take(runbook.host.name, holder(reason), leaseMs);
  if (!lease.ok) return refuse(screen, lease);
  const from = lease.value.takenFrom;
  if (from) screen.say(`taken over from ${from.who} (${from.reason}), who no longer holds the host`);
  try {
    return await work(lease.value);
  } finally {
    await journal.release(lease.value);
  }
}

/** The plan that a person has agreed to. */
async function agreed(
  {clock}: Session,
  {runbook, digest}: Subject,
  {world}: Workbench,
  options: RunOptions,
  screen: Screen,
): Promise<Result<Plan>> {
  const look = {...world, earlier: () => undefined};
  const read = async (): Promise<Result<Plan>> => {
    const plan = await makePlan(look, runbook, digest, clock);
    return plan.ok ? runnable(plan.value) : plan;
  };
  const plan = await read();
  if (!plan.ok) return plan;
  screen.plan(plan.value);
  if (options.plan !== undefined) {
    const fits = await stillFits(options.plan, plan.value);
    if (!fits.ok) return fits;
  }
  const yes = await confirm(plan.value, options.confirm, screen);
  if (!yes.ok) return yes;
  if (options.confirm !== undefined) return plan;
  // A person may have thought for an hour: what was agreed to must still be so.
  const now = await read();
  if (!now.ok || now.value.digest === plan.value.digest) return now;
  return failed(fault('plan.stale', 'what the plan relies on has changed since it was shown'));
}

/** Digest of the run's light ISO; undefined where no step of the runbook starts it. */
async function lightOf({steps}: Runbook, {world}: Workbench): Promise<Result<Sha256 | undefined>> {
  if (!steps.some(({kind}) => kind === targetBoot.kind)) return ok(undefined);
  const iso = await world.shelf.light();
  return iso.ok ? ok(iso.value.sha256) : iso;
}

interface Begun {
  readonly lease: Lease;
  readonly id: RunId;
  readonly first: Event;
  readonly until: StepId | undefined;
  readonly plan?: Plan;
  readonly history?: readonly Stored[];
}

async function sitDown(
  session: Session,
  {runbook}: Subject,
  {world, masker}: Workbench,
  screen: Screen,
  {lease, id, first, until, plan, history = []}: Begun,
): Promise<ExitCode> {
  const end = await sit({
    run: id,
    runbook,
    journal: masked(session.journal, masker),
    lease,
    clock: session.clock,
    world,
    reporter: screen.report(history, plan),
    say: screen.say,
    first,
    ...(until === undefined ? {} : {until}),
  });
  if (end.end === 'cut') screen.trouble(end.fault);
  return exitOf(end);
}

/** The images that a run was begun with, from its first event. */
function imagesOf(start: Stored | undefined): {readonly image?: Sha256; readonly iso?: Sha256} {
  const facts = start?.event.type === 'run.begun' ? start.event.facts : {};
  const digest = (fact: 'image' | 'iso'): Sha256 | undefined => {
    const text = facts[fact];
    return typeof text === 'string' ? sha256(text) : undefined;
  };
  const [image, iso] = [digest('image'), digest('iso')];
  return {...(image && {image}), ...(iso && {iso})};
}

function stepNamed({runbook}: Subject, name: string | undefined): Result<StepId | undefined> {
  if (name === undefined) return ok(undefined);
  const step = runbook.steps.find(({id}) => id === name);
  if (step) return ok(step.id);
  const ids = runbook.steps.map(({id}) => id).join(', ');
  return failed(fault('step.missing', `no step is called ${name}; there is ${ids}`));
}
