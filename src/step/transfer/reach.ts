import {ok, type Result} from '../../result.ts';
import {admittedBy} from '../isolation/admit.ts';
import {readPolicy} from '../isolation/edge-policy.ts';
import type {Hand} from '../step.ts';
import {placeOf} from './source.ts';
import type {World} from '../world.ts';
import type {EdgePolicy} from '../world/edge.ts';
import type {ImageSource} from '../world/image.ts';

type Quarantine = Extract<EdgePolicy, {mode: 'quarantine'}>;

/**
 * Opens the host's quarantine towards the sources while `work` fetches from them, and closes it again: the old system
 * never had this way. Where the edge does not open it, `work` is given no source, and the controller sends.
 */
export async function reaching<T>(
  world: World,
  from: readonly ImageSource[],
  hand: Hand,
  work: (from: readonly ImageSource[]) => Promise<Result<T>>,
): Promise<Result<T>> {
  if (from.length === 0) return work([]);
  const policy = await readPolicy(world);
  if (!policy.ok || policy.value?.mode !== 'quarantine') {
    if (!policy.ok) await hand.note(`no source is used: ${policy.fault.says}`);
    return work(policy.ok ? from : []);
  }
  const opened = await world.edge.enforce({...sealed(policy.value), reach: from.map(placeOf)});
  if (!opened.ok) await hand.note(`no source is used: ${opened.fault.says}`);
  const done = await work(opened.ok ? from : []);
  // As the edge holds it by then: a controller that moved was let in meanwhile. Rules that others changed are replaced.
  const now = await readPolicy(world);
  const held = now.ok && now.value?.mode === 'quarantine' ? now.value : policy.value;
  const closed = await world.edge.enforce(sealed({...held, admit: admittedBy(world, held)}));
  return done.ok && !closed.ok ? closed : done;
}

/** Closes what an attempt that died has left open. */
export async function closeReach(world: World): Promise<Result<void>> {
  const policy = await readPolicy(world);
  if (!policy.ok || policy.value?.mode !== 'quarantine' || !policy.value.reach?.length)
    return policy.ok ? ok(undefined) : policy;
  return world.edge.enforce(sealed(policy.value));
}

/** The quarantine without any way to a source. */
export const sealed = ({mode, admit, resolver}: Quarantine): Quarantine => ({
  mode,
  admit,
  ...(resolver && {resolver}),
});
