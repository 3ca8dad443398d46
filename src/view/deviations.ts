import type {Instant, StepId} from '../brand.ts';
import type {Stored} from '../engine/event.ts';
import {isObject} from '../shape.ts';
import {checksIn} from './checks.ts';
import type {History} from './history.ts';
import {interruptionsOf} from './interruptions.ts';
import {overridesOf} from './overrides.ts';
import type {StepHistory} from './step-history.ts';

/** Something that did not go as planned, or that somebody decided against what rebuild would have done. */
export interface Deviation {
  readonly at: Instant;
  readonly kind:
    | 'again'
    | 'forced'
    | 'faults'
    | 'failed'
    | 'left'
    | 'stopped'
    | 'resumed'
    | 'lapsed'
    | 'medium lost'
    | 'link cut'
    | 'target restarted'
    | 'isolation lost'
    | 'doubt'
    | 'handed over'
    | 'signers'
    | 'iso made anew'
    | 'abandoned'
    | 'skipped'
    | 'not made'
    | 'disk left out'
    | 'hold ended'
    | 'evidence waived'
    | 'evidence accepted'
    | 'approval void';
  readonly step?: StepId;
  readonly says: string;
}

/** In the order in which they happened. `held`: somebody works on the run now. */
export function deviationsOf(history: History, stored: readonly Stored[], held: boolean): readonly Deviation[] {
  return [
    ...ofBeginning(history),
    ...history.steps.flatMap((step) => ofStep(step)),
    ...ofInterruptions(history),
    ...ofSigners(history.gate),
    ...overridesOf(history, stored),
    ...ofSittings(history),
    ...stored.flatMap((entry) => ofEvent(entry)),
    ...ofEnd(history, held),
  ].toSorted((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
}

/** What was insisted on when the run began. */
function ofBeginning({facts, begun}: History): readonly Deviation[] {
  const {again, forced, faults} = facts;
  return [
    ...(isObject(again) && typeof again['run'] === 'string'
      ? [{at: begun, kind: 'again', says: `although ${again['run']} had rebuilt the host`} as const]
      : []),
    ...(typeof faults === 'string' ? [{at: begun, kind: 'faults', says: struckBy(faults)} as const] : []),
    ...(isObject(forced)
      ? Object.entries(forced).map(
          ([step, why]) =>
            ({at: begun, kind: 'forced', step: step as StepId, says: typeof why === 'string' ? why : ''}) as const,
        )
      : []),
  ];
}

/** The lab's own doing: what breaks in on such a run is not the machine's. */
const struckBy = (file: string): string => `the lab was struck as ${file} says`;

function ofStep(step: StepHistory): readonly Deviation[] {
  const {id} = step.heading;
  return [
    ...step.attempts.flatMap(({number, ended, begun, end, fault}): Deviation[] => {
      const at = ended ?? begun;
      if (end === 'failed')
        return [{at, kind: 'failed', step: id, says: `attempt ${number}: ${fault?.code}: ${fault?.says}`}];
      return end === 'left' ? [{at, kind: 'left', step: id, says: `attempt ${number} has no recorded outcome`}] : [];
    }),
    ...step.checks.flatMap(({at, held, fault}): Deviation[] =>
      held ? [] : [{at, kind: 'lapsed', step: id, says: `no longer true: ${fault?.says ?? ''}`}],
    ),
    ...step.effects.flatMap(({at, effect, is}): Deviation[] =>
      is === 'present' || is === 'absent'
        ? [{at, kind: 'doubt', step: id, says: `${effect} had no recorded outcome; found ${is}`}]
        : [],
    ),
    ...ofChecks(step),
  ];
}

/** What a done step could not look at: nothing is known of it. */
function ofChecks({heading, status, attempts}: StepHistory): readonly Deviation[] {
  if (status.is !== 'done') return [];
  const at = attempts.findLast(({end}) => end === 'done')?.ended ?? status.at;
  return checksIn(status.proof.data).flatMap(({check, verdict, says}): Deviation[] =>
    verdict === 'not made' ? [{at, kind: 'not made', step: heading.id, says: `${check}: ${says}`}] : [],
  );
}

function ofInterruptions({ledger}: History): readonly Deviation[] {
  return interruptionsOf(ledger).flatMap(({at, cause, step, says, attempts}): Deviation[] => {
    const met = {at, says, ...(step !== null && {step})};
    if (cause === 'medium lost' || cause === 'medium unread') return [{...met, kind: 'medium lost'}];
    if (cause === 'target restarted' || cause === 'isolation lost') return [{...met, kind: cause}];
    // One that failed a step is told as that.
    return cause === 'link cut' && attempts > 0 ? [{...met, kind: cause}] : [];
  });
}

/** The list of those who may sign is not in the runbook's digest: that it changed while a run depended on it is told. */
function ofSigners(gate: History['gate']): readonly Deviation[] {
  let known = gate?.terms.signers;
  return (gate?.approvals ?? []).flatMap(({at, signers}): Deviation[] => {
    const changed = signers !== known;
    known = signers;
    return changed ? [{at, kind: 'signers', says: 'the list of allowed signers is not the one it was before'}] : [];
  });
}

const afters = {
  nothing: '',
  'a stop': '',
  'no word': '; the controller before had gone without a word',
  'a hand-over': '; on another machine than before',
} as const;

const ofSittings = ({sittings}: History): readonly Deviation[] =>
  sittings.slice(1).map(({at, by, after}) => ({at, kind: 'resumed', says: `by ${by}${afters[after]}`}));

const whys = {
  asked: 'asked to, after a step',
  until: 'by --until, after a step',
  interrupted: 'asked to, inside a step',
} as const;

/** Decisions of people while it ran. */
function ofEvent({at, event}: Stored): readonly Deviation[] {
  // A failure is told with its step, and a wait for people was planned.
  if (event.type === 'run.stopped' && event.why !== 'failed' && event.why !== 'gate')
    return [{at, kind: 'stopped', says: whys[event.why]}];
  if (event.type === 'run.resumed')
    return [
      ...(event.iso ? [{at, kind: 'iso made anew', says: 'the light ISO, on this machine'} as const] : []),
      ...(event.faults === undefined ? [] : [{at, kind: 'faults', says: struckBy(event.faults)} as const]),
    ];
  if (event.type === 'run.handed-over') return [{at, kind: 'handed over', says: `to another machine, by ${event.by}`}];
  if (event.type === 'run.taken-over') return [{at, kind: 'handed over', says: `taken over by ${event.by}`}];
  if (event.type === 'disk.forgone')
    return [{at, kind: 'disk left out', says: `${event.disk} is not erased, by ${event.by}: ${event.why}`}];
  if (event.type === 'run.abandoned') return [{at, kind: 'abandoned', says: `by ${event.by}: ${event.why}`}];
  return [];
}

function ofEnd({end, last, steps}: History, held: boolean): readonly Deviation[] {
  if (end.is === 'open')
    return held
      ? []
      : [{at: last, kind: 'left', says: 'the record ends here and nobody works on the run: its controller died'}];
  if (end.is !== 'abandoned') return [];
  return steps
    .filter(({attempts}) => attempts.length === 0)
    .map(({heading}) => ({at: end.at, kind: 'skipped', step: heading.id, says: 'never begun'}));
}
