import type {RunId, Sha256} from '../brand.ts';
import type {Event, Stored} from '../engine/event.ts';
import {fold} from '../engine/evolve.ts';
import {exit, type ExitCode} from '../exit.ts';
import {fault, type Fault} from '../fault.ts';
import {isGated, isOpen} from '../gate/judge.ts';
import type {Lease} from '../journal/journal.ts';
import {ok, type Result} from '../result.ts';
import {currentStep, read, type History} from '../view/history.ts';
import {judged, signersFile} from './sitting/gatekeeper.ts';
import {loadRunKeys} from './sitting/run-keys.ts';
import type {RunOptions} from './run.ts';
import type {Screen} from './screen.ts';
import {imagesOf, leased, lightOf, passwordOf, refuse, sitDown, stepNamed} from './sitting/seat.ts';
import type {Session} from './session.ts';
import type {Subject} from './subject.ts';
import {who} from './who.ts';
import {openWorkbench, type Workbench} from './sitting/workbench.ts';

/** Checks what is done, and goes on with the unfinished run. */
export async function resume(
  session: Session,
  subject: Subject,
  options: Pick<RunOptions, 'until' | 'faults'>,
  screen: Screen,
): Promise<ExitCode> {
  const {journal, home} = session;
  const {name: host} = subject.runbook.host;
  const until = stepNamed(subject, options.until);
  if (!until.ok) return refuse(screen, until);
  const unfinished = await journal.unfinished(host);
  if (!unfinished.ok) return refuse(screen, unfinished);
  const id = unfinished.value;
  if (!id) return refuse(screen, {fault: fault('run.missing', `${host} has no unfinished run`)});
  const whole = await journal.verify(id);
  if (!whole.ok) return refuse(screen, whole);
  if (!whole.value.holds)
    return refuse(screen, {fault: fault('journal.broken', `entry ${whole.value.seq} of ${id}: ${whole.value.says}`)});

  return leased(session, subject, `resume ${id}`, screen, async (lease) => {
    // Read by whoever has the host: until then a colleague could add to it, or hand it over.
    const stored = await journal.read(id);
    if (!stored.ok) return refuse(screen, stored);
    const history = read(stored.value);
    const wrong = objectionTo(history, id, subject);
    if (wrong || !history) return refuse(screen, {fault: wrong ?? fault('journal.broken', `${id} has no beginning`)});
    const open = await mayGoOn(history, stored.value, session, subject);
    if (!open.ok) return refuse(screen, open);
    if (!open.value) {
      screen.waits(history);
      return exit.waits;
    }
    const keys = await loadRunKeys(home.state, id);
    if (!keys.ok) return refuse(screen, keys);
    const opening = {
      run: id,
      keys: keys.value,
      epoch: lease.epoch,
      say: screen.say,
      tell: screen.work.tell,
      ...imagesOf(stored.value),
      inForce: passwordOf(stored.value),
    };
    if (needsOwnIso(stored.value)) delete opening.iso;
    const bench = await openWorkbench(session, subject, opening);
    if (!bench.ok) return refuse(screen, bench);
    try {
      const iso = needsOwnIso(stored.value) ? await ownIso(history, subject, bench.value, screen) : ok(undefined);
      if (!iso.ok) return refuse(screen, iso);
      screen.resuming(stored.value, lease.takenFrom);
      const first = resumed(lease, iso.value, options.faults);
      return await sitDown(session, subject, bench.value, screen, {
        lease,
        id,
        first,
        until: until.value,
        history: stored.value,
      });
    } finally {
      await bench.value.close();
    }
  });
}

function objectionTo(history: History | undefined, id: RunId, {file, digest}: Subject): Fault | undefined {
  if (!history) return undefined;
  const {end} = history;
  if (end.is === 'away') return fault('run.handed-over', `${id} was handed over by ${end.by} at ${end.at}`);
  if (end.is === 'done' || end.is === 'abandoned') return fault('run.missing', `${id} has ended in the meantime`);
  return history.runbook === digest
    ? undefined
    : fault('runbook.changed', `${file} is not the runbook that ${id} was begun with`);
}

/** Whether the step it stands at may begin: a run that still waits for people is not disturbed. */
async function mayGoOn(
  history: History,
  stored: readonly Stored[],
  {clock}: Session,
  subject: Subject,
): Promise<Result<boolean>> {
  const state = fold(stored);
  const next = currentStep(history)?.heading.id;
  const step = state.phase === 'unborn' ? undefined : state.steps.find(({heading}) => heading.id === next);
  if (!step || !history.gate || !isGated(step, history.gate.terms)) return ok(true);
  const counted = await judged(history, signersFile(subject), clock.now());
  return counted.ok ? ok(isOpen(counted.value)) : counted;
}

/** A machine that has taken the run over, and has not yet made a light ISO of its own for it. */
function needsOwnIso(stored: readonly Stored[]): boolean {
  const since = stored.findLastIndex(({event}) => event.type === 'run.taken-over');
  return since !== -1 && !stored.slice(since).some(({event}) => event.type === 'run.resumed' && event.iso);
}

/**
 * The light ISO as this machine makes it, with the same keys: packages may have changed since the first one was made,
 * and its digest must be on record before it is served. What runs from RAM already does not wait for it.
 */
async function ownIso(
  {steps}: History,
  {runbook}: Subject,
  bench: Workbench,
  screen: Screen,
): Promise<Result<Sha256 | undefined>> {
  const iso = await lightOf(runbook, bench);
  if (iso.ok) return iso;
  const booted = steps.some(({heading, status}) => heading.kind === 'target.boot' && status.is === 'done');
  if (!booted) return iso;
  screen.say(`no light ISO could be made here (${iso.fault.says}); the light system runs from RAM and needs none`);
  return ok(undefined);
}

const resumed = ({takenFrom}: Lease, iso: Sha256 | undefined, faults: string | undefined): Event => ({
  type: 'run.resumed',
  by: who(),
  pid: process.pid,
  ...(takenFrom && {over: {who: takenFrom.who, since: takenFrom.since, because: takenFrom.because}}),
  ...(iso && {iso}),
  ...(faults !== undefined && {faults}),
});
