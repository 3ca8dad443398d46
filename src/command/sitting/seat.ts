import {sha256, type RunId, type Sha256, type StepId} from '../../brand.ts';
import type {Event, Stored} from '../../engine/event.ts';
import {exit, type ExitCode} from '../../exit.ts';
import {fault, type Fault} from '../../fault.ts';
import type {Lease} from '../../journal/journal.ts';
import {masked} from '../../mask/journal.ts';
import type {Plan} from '../../plan/plan.ts';
import {failed, ok, type Result} from '../../result.ts';
import type {Runbook} from '../../runbook/runbook.ts';
import {bmcRotate} from '../../step/bmc-rotate.ts';
import type {BmcPassword} from '../../step/bmc/state.ts';
import {targetBoot} from '../../step/target-boot.ts';
import {exitOf, exitOfFault} from '../exit-of.ts';
import {signersFile} from './gatekeeper.ts';
import {leaseMs} from './lease-keeper.ts';
import type {Screen} from '../screen.ts';
import type {Session} from '../session.ts';
import {sit} from './sitting.ts';
import type {Subject} from '../subject.ts';
import {holder} from '../who.ts';
import type {Workbench} from './workbench.ts';

/** Says why nothing was done. */
export const refuse = (screen: Screen, refused: {readonly fault: Fault}): ExitCode => {
  screen.fault(refused.fault);
  // Nothing has been touched yet, so this is a refusal and not a failed step.
  return exitOfFault(refused.fault, refused.fault.code === 'confirm.missing' ? exit.waits : exit.refused);
};

/** Does `work` with the host's lease, or says who has it. */
export async function leased(
  {journal}: Session,
  {runbook}: Subject,
  reason: string,
  screen: Screen,
  work: (lease: Lease) => Promise<ExitCode>,
): Promise<ExitCode> {
  const lease = await journal.take(runbook.host.name, holder(reason), leaseMs);
  if (!lease.ok) return refuse(screen, lease);
  try {
    return await work(lease.value);
  } finally {
    await journal.release(lease.value);
  }
}

/** Digest of the run's light ISO; undefined where no step of the runbook starts it. */
export async function lightOf({steps}: Runbook, {world}: Workbench): Promise<Result<Sha256 | undefined>> {
  if (!steps.some(({kind}) => kind === targetBoot.kind)) return ok(undefined);
  const iso = await world.shelf.light();
  return iso.ok ? ok(iso.value.sha256) : iso;
}

export interface Begun {
  readonly lease: Lease;
  readonly id: RunId;
  readonly first: Event;
  readonly until: StepId | undefined;
  readonly plan?: Plan;
  readonly history?: readonly Stored[];
}

/** One sitting at the run, as a person sees it. */
export async function sitDown(
  session: Session,
  subject: Subject,
  {world, masker}: Workbench,
  screen: Screen,
  {lease, id, first, until, plan, history = []}: Begun,
): Promise<ExitCode> {
  const end = await sit({
    run: id,
    runbook: subject.runbook,
    journal: masked(session.journal, masker),
    lease,
    clock: session.clock,
    world,
    reporter: screen.report(history, plan),
    first,
    signers: signersFile(subject),
    ...(until === undefined ? {} : {until}),
  });
  if (end.end === 'cut') screen.trouble(end.fault);
  return exitOf(end);
}

/** The images that a run goes by: those it was begun with, and a light ISO that another machine had to make anew. */
export function imagesOf(history: readonly Stored[]): {readonly image?: Sha256; readonly iso?: Sha256} {
  let found: {image?: Sha256; iso?: Sha256} = {};
  for (const {event} of history) {
    if (event.type === 'run.resumed' && event.iso) found = {...found, iso: event.iso};
    if (event.type !== 'run.begun') continue;
    const digest = (fact: 'image' | 'iso'): Sha256 | undefined => {
      const text = event.facts[fact];
      return typeof text === 'string' ? sha256(text) : undefined;
    };
    const [image, iso] = [digest('image'), digest('iso')];
    found = {...(image && {image}), ...(iso && {iso})};
  }
  return found;
}

/** The BMC's password as far as this run has changed it; after a crash a login tells. */
export function passwordOf(history: readonly Stored[]): BmcPassword {
  const rotates = new Set(
    history.flatMap(({event}) =>
      event.type === 'run.begun' ? event.steps.filter(({kind}) => kind === bmcRotate.kind).map(({id}) => id) : [],
    ),
  );
  const changed = history.some(({event}) => event.type === 'effect.settled' && rotates.has(event.step));
  return changed ? 'newpassword' : 'password';
}

/** The step that `--until` names. */
export function stepNamed({runbook}: Subject, name: string | undefined): Result<StepId | undefined> {
  if (name === undefined) return ok(undefined);
  const step = runbook.steps.find(({id}) => id === name);
  if (step) return ok(step.id);
  const ids = runbook.steps.map(({id}) => id).join(', ');
  return failed(fault('step.missing', `no step is called ${name}; there is ${ids}`));
}
