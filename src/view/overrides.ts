import type {Stored} from '../engine/event.ts';
import {objection} from '../gate/judge.ts';
import {verdictsIn} from '../step/evidence/verdict.ts';
import type {Deviation} from './deviations.ts';
import {askedBy} from './gate.ts';
import type {History} from './history.ts';

/** Decisions of people against what rebuild would have done, and approvals that did not count. */
export const overridesOf = (history: History, stored: readonly Stored[]): readonly Deviation[] => [
  ...answeredFor(history),
  ...voidApprovals(history),
  ...stored.flatMap(({at, event}): Deviation[] =>
    event.type === 'hold.released'
      ? [{at, kind: 'hold ended', step: event.step, says: `before its time, by ${event.by}: ${event.why}`}]
      : [],
  ),
];

/** Evidence that somebody answers for not having been kept, or not whole. A later capture carries the verdicts of those before it. */
function answeredFor({steps}: History): readonly Deviation[] {
  const told = new Set<string>();
  return steps.flatMap(({heading, status}) => {
    if (heading.kind !== 'evidence.capture' || status.is !== 'done') return [];
    return verdictsIn(status.proof).flatMap(({disk, standing}): Deviation[] => {
      if (standing.is !== 'waived' && standing.is !== 'accepted') return [];
      const of = disk === undefined ? 'of the host' : `of disk ${disk}`;
      const part = standing.is === 'accepted' ? `, ${standing.says}` : '';
      const says = `${of}${part}, by ${standing.by}: ${standing.reason}`;
      if (told.has(says)) return [];
      told.add(says);
      return [{at: status.at, kind: `evidence ${standing.is}`, step: heading.id, says}];
    });
  });
}

/** Each with the first moment at which it did not count: when it was brought, or when the gate was counted later. */
function voidApprovals(history: History): readonly Deviation[] {
  const asked = askedBy(history);
  if (!asked) return [];
  const counted = history.steps.flatMap(({gates = []}) => gates.map(({opened}) => opened ?? history.last));
  return (history.gate?.approvals ?? []).flatMap(({at, approval}): Deviation[] => {
    for (const moment of [at, ...counted.filter((then) => then > at)]) {
      const because = objection(approval, asked, moment);
      if (because) return [{at: moment, kind: 'approval void', says: `of ${approval.principal}: ${because.says}`}];
      // It was counted, and what it was given for has begun.
      if (moment !== at) return [];
    }
    return [];
  });
}
