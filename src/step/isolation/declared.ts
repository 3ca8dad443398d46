import {edgePolicy} from './edge-policy.ts';
import {sealed} from '../transfer/reach.ts';
import {placeOf, sourcesNamed} from '../transfer/source.ts';
import type {Look} from '../world.ts';
import type {EdgePolicy} from '../world/edge.ts';

/** A transfer that was cut off may have left the way to its own sources open; that to any other place is not ours. */
export function asDeclared(policy: EdgePolicy | undefined, {runbook}: Look): EdgePolicy | undefined {
  if (policy?.mode !== 'quarantine') return policy;
  const named = new Set(sourcesNamed(runbook).map(placeOf));
  return policy.reach?.every((place) => named.has(place)) ? sealed(policy) : policy;
}

export const withSources = (policy: EdgePolicy, {runbook}: Look): EdgePolicy =>
  policy.mode === 'quarantine' ? {...policy, reach: sourcesNamed(runbook).map(placeOf)} : policy;

/** The isolation that this run has put in force, as `port.isolate` has left it on record; undefined where it put none. */
export const isolationInForce = (look: Look): EdgePolicy | undefined =>
  edgePolicy.safeParse(look.earlier('port.isolate')?.data['policy']).data;
