import {dirname, resolve} from 'node:path';
import type {Instant, RunId} from '../../brand.ts';
import type {Clock} from '../../clock.ts';
import {peopleIn, readSigners, type Signers} from '../../device/signature/signers.ts';
import {sign} from '../../device/signature/sign.ts';
import {verify} from '../../device/signature/verify.ts';
import type {GateVerdict, Ports} from '../../engine/drive.ts';
import type {Stored} from '../../engine/event.ts';
import type {StepRecord} from '../../engine/state.ts';
import {fault} from '../../fault.ts';
import type {GateTerms, Signed} from '../../gate/gate.ts';
import {isGated, isOpen, tally, type Tally} from '../../gate/judge.ts';
import {textOf, type Approval, type Request} from '../../gate/statement.ts';
import {subjectOf} from '../../gate/subject.ts';
import type {Journal} from '../../journal/journal.ts';
import type {Plan} from '../../plan/plan.ts';
import {failed, ok, type Result} from '../../result.ts';
import type {Runbook} from '../../runbook/runbook.ts';
import {askedBy} from '../../view/gate.ts';
import {read, type History} from '../../view/history.ts';
import type {Subject} from '../subject.ts';
import {who} from '../who.ts';

/** The list of allowed signers that a runbook names, from its own folder. */
export const signersFile = ({file, runbook}: Pick<Subject, 'file' | 'runbook'>): string =>
  resolve(dirname(file), runbook.gate?.signers ?? 'allowed_signers');

/**
 * The list, if it names enough people to ever open the gate: whoever begins the run is none of the approvers.
 * Undefined where the runbook has no gate.
 */
export async function signersFor(subject: Pick<Subject, 'file' | 'runbook'>): Promise<Result<Signers | undefined>> {
  const {gate} = subject.runbook;
  if (!gate) return ok(undefined);
  const signers = await readSigners(signersFile(subject));
  if (!signers.ok) return signers;
  const people = peopleIn(signers.value);
  if (people === undefined || people > gate.approvers) return signers;
  return failed(
    fault(
      'gate.signers-missing',
      `${signers.value.file} names ${people}; the gate needs ${gate.approvers} besides whoever begins the run`,
    ),
  );
}

/** Makes the requester known: what they begin is signed with their key. Fault: `gate.requester-unknown`. */
export async function request(
  runbook: Runbook,
  plan: Plan,
  run: RunId,
  signers: Signers | undefined,
  {key, clock}: {readonly key: string | undefined; readonly clock: Clock},
): Promise<Result<GateTerms | undefined>> {
  const {gate} = runbook;
  if (!gate || !signers) return ok(undefined);
  const subject = subjectOf(plan);
  const statement: Request = {...subject, type: 'rebuild-request', run, by: who(), at: clock.now()};
  const signature = await sign(textOf(statement), key);
  if (!signature.ok) return unknown(signature.fault.says);
  const signer = await verify(textOf(statement), signature.value, signers);
  if (!signer.ok) return unknown(signer.fault.says);
  return ok({
    approvers: gate.approvers,
    withinSeconds: gate.withinSeconds,
    steps: gate.steps,
    machine: subject.machine,
    disks: subject.disks,
    signers: signers.digest,
    requester: {statement, signature: signature.value, ...signer.value},
  });
}

/**
 * Now, and never earlier than anything in the run's history: a clock that was set back must not bring an approval to
 * life again that had expired. One that was wrongly ahead for a moment makes them expire early.
 */
export const notBefore = (now: Instant, entries: readonly Pick<Stored, 'at'>[]): Instant =>
  entries.reduce((latest, {at}) => (at > latest ? at : latest), now);

/** Counts a run's approvals as of now, each with its signature checked once more against the list as it is now. */
export async function judged(history: History, file: string, now: Instant): Promise<Result<Tally>> {
  const asked = askedBy(history);
  if (!asked) throw new Error(`${history.run} has no gate`);
  const signers = await readSigners(file);
  if (!signers.ok) return signers;
  const genuine: Signed<Approval>[] = [];
  for (const {approval} of history.gate?.approvals ?? []) {
    const {statement, signature} = approval;
    const signer = await verify(textOf(statement), signature, signers.value);
    if (signer.ok) genuine.push({statement, signature, ...signer.value});
  }
  return ok(tally(genuine, asked, now));
}

/** The gate of a run as the loop asks for it: approvals are read from the journal, because others bring them. */
export function gatekeeper(
  journal: Journal,
  run: RunId,
  {file, clock, say}: {readonly file: string; readonly clock: Clock; readonly say: (line: string) => void},
): NonNullable<Ports['gate']> {
  return async (step: StepRecord): Promise<Result<GateVerdict | undefined>> => {
    const stored = await journal.read(run);
    if (!stored.ok) return stored;
    const history = read(stored.value);
    const terms = history?.gate?.terms;
    if (!history || !terms || !isGated(step, terms)) return ok(undefined);
    const counted = await judged(history, file, notBefore(clock.now(), stored.value));
    if (!counted.ok) say(`${counted.fault.code}: ${counted.fault.says}`);
    const by = counted.ok ? counted.value.hold.map(({principal}) => principal) : [];
    return ok({open: counted.ok && isOpen(counted.value), by, needs: terms.approvers});
  };
}

const unknown = (says: string) => failed(fault('gate.requester-unknown', says));
