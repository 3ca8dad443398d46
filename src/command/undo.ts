import {fold} from '../engine/evolve.ts';
import {fenced} from '../engine/fenced-world.ts';
import type {StepRecord} from '../engine/state.ts';
import {exit, type ExitCode} from '../exit.ts';
import {fault, type Fault} from '../fault.ts';
import type {Lease} from '../journal/journal.ts';
import {masked} from '../mask/journal.ts';
import {failed, ok, type Result} from '../result.ts';
import type {AnyStep} from '../step/kinds.ts';
import {kinds} from '../step/registry.ts';
import type {Proof} from '../step/step.ts';
import type {World} from '../step/world.ts';
import {read} from '../view/history.ts';
import {confirmHost} from './confirm.ts';
import {loadRunKeys} from './sitting/run-keys.ts';
import type {Screen} from './screen.ts';
import {imagesOf, leased, passwordOf, refuse} from './sitting/seat.ts';
import type {Session} from './session.ts';
import type {Subject} from './subject.ts';
import {who} from './who.ts';
import {openWorkbench} from './sitting/workbench.ts';

export interface UndoOptions {
  readonly step: string;
  readonly confirm?: string;
}

interface Undoing {
  readonly record: StepRecord;
  readonly kind: AnyStep;
  readonly proof: Proof;
}

/** Takes a done step of the unfinished run back, where its kind can; a resume then does it again. */
export async function undo(
  session: Session,
  subject: Subject,
  {step, confirm}: UndoOptions,
  screen: Screen,
): Promise<ExitCode> {
  const {journal, home} = session;
  const {name: host} = subject.runbook.host;
  const unfinished = await journal.unfinished(host);
  if (!unfinished.ok) return refuse(screen, unfinished);
  const id = unfinished.value;
  if (!id) return refuse(screen, {fault: fault('run.missing', `${host} has no unfinished run`)});
  return leased(session, subject, `undo ${step} of ${id}`, screen, async (lease) => {
    const stored = await journal.read(id);
    if (!stored.ok) return refuse(screen, stored);
    const history = read(stored.value);
    if (history?.runbook !== subject.digest)
      return refuse(screen, {
        fault: fault('runbook.changed', `${subject.file} is not the runbook that ${id} was begun with`),
      });
    const state = fold(stored.value);
    const found = undoable(state.phase === 'unborn' ? [] : state.steps, step);
    if (!found.ok) return refuse(screen, found);
    const {record, kind, proof} = found.value;
    const yes = await confirmHost({host}, confirm, `rebuild undo HOST ${step}`, screen, () =>
      screen.say(`This takes ${record.heading.id} (${kind.kind}) of ${id} back: ${proof.says}.`),
    );
    if (!yes.ok) return refuse(screen, yes);
    const keys = await loadRunKeys(home.state, id);
    if (!keys.ok) return refuse(screen, keys);
    const bench = await openWorkbench(session, subject, {
      run: id,
      keys: keys.value,
      epoch: lease.epoch,
      say: screen.say,
      tell: screen.work.tell,
      ...imagesOf(stored.value),
      inForce: passwordOf(stored.value),
    });
    if (!bench.ok) return refuse(screen, bench);
    try {
      const entry = subject.runbook.steps.find(({id: named}) => named === record.heading.id);
      const world: World = {
        ...fenced(bench.value.world, () => stillHeld(session, lease)),
        earlier: () => undefined,
        forgone: () => false,
      };
      const undone = await kind.undo?.(world, entry?.params ?? {}, proof);
      if (!undone?.ok) return refuse(screen, undone ?? cannot(record));
      const says = `taken back by ${who()}: ${undone.value.says}`;
      const kept = await masked(journal, bench.value.masker).append(
        id,
        {type: 'step.lapsed', step: record.heading.id, fault: fault('step.undone', says)},
        lease,
      );
      if (!kept.ok) return refuse(screen, kept);
      screen.say(`${record.heading.id}: ${undone.value.says}`);
      return exit.done;
    } finally {
      await bench.value.close();
    }
  });
}

/** The step of that name, done, of a kind that can be taken back, and with nothing after it that cannot. */
export function undoable(steps: readonly StepRecord[], name: string): Result<Undoing> {
  const index = steps.findIndex(({heading}) => heading.id === name);
  const record = steps[index];
  if (!record)
    return failed(
      fault('step.missing', `no step is called ${name}; there is ${steps.map(({heading}) => heading.id).join(', ')}`),
    );
  const kind = kinds.get(record.heading.kind);
  if (!kind?.undo) return cannot(record);
  const {status} = record;
  if (status.is !== 'done') return failed(fault('step.not-undoable', `${name} is ${status.is}, not done`));
  const ended = steps
    .slice(index + 1)
    .find(({heading, attempts}) => attempts > 0 && kind.heldUntil.includes(heading.kind));
  if (ended)
    return failed(
      fault(
        'step.not-undoable',
        `${ended.heading.id} has begun since, and has put its own in place of what ${name} did`,
      ),
    );
  return ok({record, kind, proof: status.proof});
}

const cannot = ({heading}: StepRecord): {readonly ok: false; readonly fault: Fault} =>
  failed(fault('step.not-undoable', `nothing takes a ${heading.kind} back`));

async function stillHeld({journal}: Session, lease: Lease): Promise<void> {
  const held = await journal.holds(lease);
  if (!held.ok) throw new Error(held.fault.says);
}
