import {canonical, type Json} from '../json.ts';
import type {Plan} from './plan.ts';

export interface Difference {
  /** Step id and fact, `wipe.models`. */
  readonly fact: string;
  readonly before: Json;
  readonly now: Json;
}

/** What has changed among the facts a plan relies on. Empty: it still fits. */
export function differences(then: Plan, now: Plan): readonly Difference[] {
  const names = [...new Set([...Object.keys(then.facts), ...Object.keys(now.facts)])];
  const found = names.flatMap((step) => {
    const before = then.facts[step] ?? {};
    const after = now.facts[step] ?? {};
    return [...new Set([...Object.keys(before), ...Object.keys(after)])].map((fact) => ({
      fact: `${step}.${fact}`,
      before: before[fact] ?? null,
      now: after[fact] ?? null,
    }));
  });
  const runbook = {fact: 'runbook', before: then.runbook, now: now.runbook};
  return [runbook, ...found].filter((pair) => canonical(pair.before) !== canonical(pair.now));
}
