import type {Instant} from '../../brand.ts';
import {fault} from '../../fault.ts';
import type {JsonObject} from '../../json.ts';
import {failed, ok, type Result} from '../../result.ts';
import {judged, notMade, passed, type Check} from '../check.ts';
import {readPolicy, samePolicy} from './edge-policy.ts';
import {secondsBetween} from '../interruption.ts';
import {asDeclared, isolationInForce, withSources} from './declared.ts';
import {few, flowData, flowText, leaks, refused as refusedFlows} from '../port/leak.ts';
import type {Hand} from '../step.ts';
import type {World} from '../world.ts';
import type {EdgePolicy, Flows} from '../world/edge.ts';

/** What the gateway told on one look. */
interface Seen {
  readonly at: Instant;
  readonly policy: EdgePolicy | undefined;
  readonly refused: number | undefined;
  readonly flows: Flows | undefined;
}

export interface IsolationWatch {
  /**
   * Looks once. Rules that the gateway has lost are put back: they are what the plan has in force all this while. A
   * gateway that cannot be asked is noted and ends nothing, but on the `last` look, where it is known to have lost them.
   * Faults: `isolation.leaks`, and those of putting them back.
   */
  look(which?: 'last'): Promise<Result<void>>;
  /** What was seen, for the proof. */
  data(): JsonObject;
  checks(): readonly Check[];
}

/** A gateway keeps its rules in memory: one that is started anew opens the host, and nothing on the host would tell. */
export function watchIsolation(
  world: World,
  hand: Hand,
  {lost: lostBefore, saveLost}: {readonly lost: number; readonly saveLost: (lost: number) => Promise<void>},
): IsolationWatch {
  const {clock, edge} = world;
  const wanted = isolationInForce(world);
  let last: Seen | undefined;
  let looks = 0;
  let lost = lostBefore;
  /** Of a loss that is not made good yet: when it was noticed, and tries at it. */
  let open: {readonly ticks: number; readonly since: Instant | undefined; tries: number} | undefined;
  let mute = false;

  const noticed = async (): Promise<NonNullable<typeof open>> => {
    if (open) return open;
    open = {ticks: clock.ticks(), since: last?.at, tries: 0};
    await saveLost(++lost);
    await hand.note(
      'the gateway no longer holds the isolation of the host: putting it back',
      last ? {lastSeen: last.at, ...seenData(last, world)} : {},
    );
    return open;
  };

  const putBack = async (policy: EdgePolicy): Promise<Result<void>> => {
    const loss = await noticed();
    loss.tries++;
    const back = await edge.enforce(policy);
    if (!back.ok) return back;
    const since = loss.since === undefined ? '' : `, which it held when last seen at ${loss.since.slice(0, 19)}Z`;
    await hand.interrupted({
      cause: 'isolation lost',
      says: `the gateway had lost the isolation of the host${since}; it was put back`,
      seconds: secondsBetween(loss.ticks, clock.ticks()),
      bytesAgain: 0,
      attempts: loss.tries,
      over: true,
    });
    open = undefined;
    return ok(undefined);
  };

  return {
    async look(which) {
      if (wanted === undefined) return ok(undefined);
      const seen = await see(world);
      if (!seen.ok) {
        if (open && which === 'last') return seen;
        if (!mute) await hand.note(`whether the host is isolated is not known: ${seen.fault.says}`);
        mute = true;
        return ok(undefined);
      }
      mute = false;
      if (!samePolicy(asDeclared(seen.value.policy, world), wanted)) {
        const back = await putBack(wanted);
        return !back.ok && back.fault.code === 'edge.unreachable' && which === undefined ? ok(undefined) : back;
      }
      looks++;
      last = seen.value;
      const through = last.flows
        ? leaks(last.flows, withSources(wanted, world), world.runbook.network.gateway).map(flowText)
        : [];
      return through.length === 0
        ? ok(undefined)
        : failed(fault('isolation.leaks', `${few(through)} got through`, {detail: {through, open: []}}));
    },

    data: () => (last ? seenData(last, world) : {}),

    checks() {
      const name = 'isolation held';
      if (wanted === undefined) return [notMade(name, 'no port.isolate step of this run has isolated the host')];
      if (lost > 0)
        return [judged(name, [`the gateway lost it ${lost === 1 ? 'once' : `${lost} times`}; it was put back`], '')];
      return [
        looks > 0
          ? passed(name, `in force whenever the gateway was asked, ${looks} times`)
          : notMade(name, 'the gateway could not be asked'),
      ];
    },
  };
}

async function see(world: World): Promise<Result<Seen>> {
  const [policy, refused, flows] = await Promise.all([readPolicy(world), world.edge.refused(), world.edge.flows()]);
  if (!policy.ok) return policy;
  return ok({
    at: world.clock.now(),
    policy: policy.value,
    refused: refused.ok ? refused.value.packets : undefined,
    flows: flows.ok ? flows.value : undefined,
  });
}

// A worm tries thousands of places; what is kept of a whole hold may be more than a proof of isolation needs.
const most = 256;

const seenData = ({at, refused, flows}: Seen, {runbook}: World): JsonObject => ({
  counted: at,
  ...(refused !== undefined && {refusedPackets: refused}),
  ...(flows && {
    refused: refusedFlows(flows, runbook.network.gateway).slice(0, most).map(flowData),
    passed: flows.passed.slice(0, most).map(flowData),
    more: flows.full || flows.tried.length > most,
  }),
});
