import type {HostName, Instant, RunId, Sha256} from '../brand.ts';
import {fault, type Fault} from '../fault.ts';
import type {StepRecord} from '../engine/state.ts';
import type {GateTerms, Signed} from './gate.ts';
import type {Approval} from './statement.ts';
import {isOnlySeen} from '../step/only-seen.ts';

/** What an approval must be for. */
export interface Asked {
  readonly host: HostName;
  readonly run: RunId;
  readonly plan: Sha256;
  readonly terms: GateTerms;
}

export interface Tally {
  readonly needs: number;
  /** Those that hold now, one a person, the newest of each. */
  readonly hold: readonly Signed<Approval>[];
  /** Those that do not, and why. */
  readonly void: readonly {readonly approval: Signed<Approval>; readonly because: Fault}[];
}

export const isOpen = ({needs, hold}: Tally): boolean => hold.length >= needs;

// Clocks of two machines differ; an approval from further ahead than this comes from a clock that is wrong.
const aheadMs = 5 * 60_000;

/**
 * Why an approval does not count for what is asked now; undefined where it does. Whose signature it is has been found
 * before: this judges the statement, and that nobody approves what they asked for themselves.
 */
export function objection(
  {statement, principal, key}: Signed<Approval>,
  asked: Asked,
  now: Instant,
): Fault | undefined {
  const {terms, run, host, plan} = asked;
  if (statement.host !== host) return elsewhere(`it is for ${statement.host}, not ${host}`);
  if ('run' in statement.seen && statement.seen.run !== run)
    return elsewhere(`it is for ${statement.seen.run}, not ${run}`);
  if (statement.plan !== plan)
    return elsewhere(`it is for plan ${statement.plan.slice(0, 8)}, and ${run} carries out plan ${plan.slice(0, 8)}`);
  if (!same(statement.steps, terms.steps))
    return elsewhere(`it is for ${statement.steps.join(', ')}, and the gate is before ${terms.steps.join(', ')}`);
  if (statement.machine !== terms.machine || !same(statement.disks, terms.disks))
    return fault(
      'gate.target-differs',
      `it is for ${list(statement.machine, statement.disks)}; the run is on ${list(terms.machine, terms.disks)}`,
    );
  if (principal === terms.requester.principal || key === terms.requester.key)
    return fault('gate.own-approval', `${principal} began ${run} and cannot be its second pair of eyes`);
  const given = Date.parse(statement.at);
  if (given > Date.parse(now) + aheadMs)
    return fault('gate.approval-expired', `it was given at ${statement.at}, which is still to come: a clock is wrong`);
  // What the approver wrote may be less than the runbook allows, never more.
  const until = Math.min(Date.parse(statement.expires), given + terms.withinSeconds * 1000);
  return Date.parse(now) < until
    ? undefined
    : fault('gate.approval-expired', `it expired at ${new Date(until).toISOString()}; it was given at ${statement.at}`);
}

/** Counts people: two approvals by one person, or with one key, are one. */
export function tally(approvals: readonly Signed<Approval>[], asked: Asked, now: Instant): Tally {
  const hold: Signed<Approval>[] = [];
  const rest: {approval: Signed<Approval>; because: Fault}[] = [];
  const newest = approvals.toSorted((a, b) => (a.statement.at < b.statement.at ? 1 : -1));
  for (const approval of newest) {
    const because = objection(approval, asked, now);
    if (because) rest.push({approval, because});
    else if (!hold.some(({principal, key}) => principal === approval.principal || key === approval.key))
      hold.push(approval);
  }
  return {needs: asked.terms.approvers, hold, void: rest};
}

/**
 * Whether the step waits at a gate. What was approved and has begun to be done is finished without asking anew: an
 * effect that was sent does not become undone because an approval has expired since.
 */
export function isGated({heading, effects, checkpoint}: StepRecord, terms: GateTerms): boolean {
  const underWay = checkpoint !== undefined && !isOnlySeen(checkpoint);
  const begun = underWay || Object.values(effects).some((effect) => effect !== 'absent');
  return terms.steps.includes(heading.id) && !begun;
}

const same = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((each) => b.includes(each));

const list = (machine: string, disks: readonly string[]): string =>
  `machine ${machine}, disks ${disks.join(', ') || '-'}`;

const elsewhere = (says: string): Fault => fault('gate.approval-elsewhere', says);
