import type {Instant, StepId} from '../brand.ts';
import type {Event} from '../engine/event.ts';
import type {Signed} from '../gate/gate.ts';
import {tally, type Asked, type Tally} from '../gate/judge.ts';
import type {Approval} from '../gate/statement.ts';
import {clockTime, duration, secondsBetween, wholeSeconds} from './duration.ts';
import {escape, escapeTo, wrap} from './escape.ts';
import {currentStep, numberOf, stepOf, type History} from './history.ts';
import type {Paint} from './paint.ts';
import {screenColumns} from './row.ts';

/** What approvals of the run must be for; undefined where it has no gate. */
export const askedBy = ({gate, host, run, plan}: History): Asked | undefined =>
  gate && {host, run, plan, terms: gate.terms};

/** As far as the record tells. Whether the signers are still allowed is found out when the gate is judged. */
export function tallyOf(history: History, now: Instant): Tally | undefined {
  const asked = askedBy(history);
  return asked && tally(history.gate?.approvals.map(({approval}) => approval) ?? [], asked, now);
}

/** Seconds the step has waited for people, over all its waits; those of a wait that goes on count up to the last event. */
export const waitedAtGate = (history: History, id: StepId, now: Instant = history.last): number =>
  (stepOf(history, id)?.gates ?? []).reduce(
    (sum, {reached, opened}) => sum + secondsBetween(reached, opened ?? now),
    0,
  );

/** What a step that waits at the gate waits for, as far as the record tells; undefined for every other step. */
export function gateWords(history: History, id: StepId, now: Instant): string | undefined {
  const {end} = history;
  if (end.is !== 'waits' || currentStep(history)?.heading.id !== id) return undefined;
  const counted = tallyOf(history, now);
  return counted && `waits for people: ${counted.hold.length} of ${counted.needs} approvals`;
}

/** `omar@example.org approved until 11:24:07Z: the worlds disk is not in it`. */
export const approvalLine = ({principal, statement}: Signed<Approval>): string =>
  `${escape(principal)} approved until ${clockTime(statement.expires)}${statement.why ? `: ${escape(statement.why)}` : ''}`;

export function openedText(history: History, {step, by}: Extract<Event, {type: 'gate.opened'}>): string {
  const seconds = waitedAtGate(history, step);
  return `approved by ${by.join(' and ')}${seconds > 0 ? `, waited ${duration(seconds)}` : ''}`;
}

/** What a run at a gate needs, and every command that brings it on. Begins in the middle of a line: `marruuk-3 waits ...`. */
export function gateText(history: History, now: Instant, paint: Paint): readonly string[] {
  const {gate, host, run} = history;
  const step = currentStep(history);
  const counted = tallyOf(history, now);
  if (!gate || !step || !counted) return ['waits.'];
  const {terms} = gate;
  const at = `${numberOf(history, step.heading.id)} ${step.heading.id}`;
  const lab = history.lab ? ' --lab' : '';
  const missing = counted.needs - counted.hold.length;
  const open = missing <= 0;
  const head = `waits before ${at}: ${counted.hold.length} of ${counted.needs} approvals${open ? '; it may go on' : ''}.`;
  return [
    paint('care', head),
    ...fact('asked', `by ${terms.requester.principal}, who cannot approve it`),
    ...fact('plan', `${history.plan.slice(0, 8)}, each approval good for ${duration(terms.withinSeconds)}`),
    ...fact('machine', terms.machine),
    ...fact('disks', terms.disks.join(', ')),
    ...counted.hold.flatMap(({principal, statement}) =>
      fact(
        'agreed',
        `${principal}, until ${wholeSeconds(statement.expires)}${statement.why ? `: ${statement.why}` : ''}`,
      ),
    ),
    ...counted.void.flatMap(({approval, because}) => fact('void', `${approval.principal}: ${because.says}`)),
    ...(open
      ? [`    rebuild resume ${host}${lab}`]
      : [
          missing === 1
            ? 'One more person, with a key of their own:'
            : `${missing} more people, each with a key of their own:`,
          `    rebuild approve ${host}${lab} --key FILE -m WHY`,
          'or on another machine, with the plan brought there and the approval back:',
          `    rebuild approve ${host}${lab} --ask ${run}.plan`,
          `    rebuild approve --plan ${run}.plan -o NAME.approval -m WHY`,
          `    rebuild approve ${host}${lab} --add NAME.approval`,
          'Then:',
          `    rebuild resume ${host}${lab}`,
        ]),
  ];
}

const fact = (name: string, text: string): readonly string[] =>
  wrap(escapeTo(600, text), screenColumns - 1 - 11).map(
    (line, index) => `  ${(index === 0 ? name : '').padEnd(8)} ${line}`,
  );

export interface GateSummary {
  readonly step: StepId;
  readonly needs: number;
  /** Principals of those whose approvals held when it opened, or hold as far as is known. */
  readonly approvedBy: readonly string[];
  readonly reached: Instant;
  readonly opened: Instant | null;
  readonly waitedSeconds: number;
}

/** Every wait at the gate, in order. */
export const gateSummaries = (history: History): readonly GateSummary[] =>
  history.steps.flatMap(({heading, gates = []}) =>
    gates.map(({reached, opened, by}) => ({
      step: heading.id,
      needs: history.gate?.terms.approvers ?? 0,
      approvedBy:
        opened === undefined ? (tallyOf(history, history.last)?.hold.map(({principal}) => principal) ?? []) : by,
      reached,
      opened: opened ?? null,
      waitedSeconds: secondsBetween(reached, opened ?? history.last),
    })),
  );

/** What is signed, as its signer and whoever brings it read it. */
export const statementText = (approval: Approval): readonly string[] => [
  `Approval: ${approval.host}, before ${approval.steps.join(', ')}.`,
  ...fact('who', approval.by),
  ...fact('at', wholeSeconds(approval.at)),
  ...fact('until', wholeSeconds(approval.expires)),
  ...fact('why', approval.why || '-'),
  ...fact(
    'for',
    'run' in approval.seen ? approval.seen.run : `a saved plan, its file ${approval.seen.planFile.slice(0, 12)}`,
  ),
  ...fact('plan', approval.plan.slice(0, 8)),
  ...fact('machine', approval.machine),
  ...fact('disks', approval.disks.join(', ') || 'none'),
];

/** That an approval is on record, and how far that brings the run. */
export const approvedText = (
  run: string,
  {principal, key}: Signed<Approval>,
  {hold, needs}: Tally,
  known: boolean,
): readonly string[] => [
  ...wrap(
    `${run}: ${known ? 'was approved already' : 'approved'} by ${escape(principal)} (${escape(key)}).`,
    screenColumns - 1,
  ),
  `${hold.length} of ${needs} approvals${hold.length >= needs ? ': the gate opens.' : '.'}`,
];
