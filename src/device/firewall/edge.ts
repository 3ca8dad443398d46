import {randomUUID} from 'node:crypto';
import {systemClock, type Clock} from '../../clock.ts';
import {fault} from '../../fault.ts';
import {failed, ok, type Result} from '../../result.ts';
import type {Edge, EdgePolicy} from '../../step/world/edge.ts';
import {confirmed} from './confirmed.ts';
import type {Anew} from './exec.ts';
import {readFlows} from './flows.ts';
import {nftGateway, type Login} from './gateway.ts';
import {essence, readRefused, readRules, type Listing} from './reading.ts';
import {render, renderLift} from './render.ts';
import {policyOf, rulesOf} from './rules.ts';
import {tableName, type Site} from './site.ts';

export interface NftablesEdge extends Site, Login {
  /** A connection made now: what a change has cut off is shown by none being had. */
  readonly anew: Anew;
  /** After how long the gateway takes back what nobody has confirmed. */
  readonly revertSeconds?: number;
  readonly clock?: Clock;
}

/** Time for a connection to be lost (30 s of silence) and for some attempts at another. */
const usualRevertSeconds = 60;

/**
 * A gateway whose nftables carry the host's policy in tables of our own. What is in force is proved, not believed: the
 * policy is read out of the tables' sets, rendered again, loaded into a fresh network namespace on the gateway itself,
 * which touches nothing, and the two listings must be the same. A change is confirmed over a new connection, or the
 * gateway takes it back (`dead-man.ts`). Faults: `edge.unreachable`, `edge.not-as-set`, `edge.reverted`.
 */
export function nftablesEdge({
  exec,
  privilege = [],
  anew,
  revertSeconds = usualRevertSeconds,
  clock = systemClock,
  ...site
}: NftablesEdge): Edge {
  const name = tableName(site);
  const {wrong, ...gateway} = nftGateway(site, {exec, privilege});

  // What scripts made of an empty ruleset there.
  const made = new Map<string, string>();

  /** Whether what was found is all that the script makes of an empty ruleset, and nothing else. */
  const isMadeBy = async (script: string, found: Listing): Promise<Result<boolean>> => {
    const text = essence(found);
    if (made.get(script) === text) return ok(true);
    // Asked again on a difference: an nft replaced meanwhile may list the same rules in another way.
    const reference = await gateway.reference(script);
    if (!reference.ok) return reference;
    made.set(script, essence(reference.value));
    return ok(made.get(script) === text);
  };

  return {
    policy: async () => {
      const inForce = await gateway.inForce();
      if (!inForce.ok) return inForce;
      const {listing, armed} = inForce.value;
      if (armed) return wrong('a change there was never confirmed, and is about to be taken back');
      if (listing.length === 0) return ok(undefined);
      const rules = readRules(listing);
      if (rules === undefined) return wrong(`the tables ${name} do not hold rules of ours`);
      const normal = rulesOf(policyOf(rules));
      if (normal === undefined) return wrong(`the tables ${name} admit what is no address`);
      const sound = await isMadeBy(render(normal, site), listing);
      if (!sound.ok) return sound;
      return sound.value ? ok(policyOf(normal)) : wrong(`the tables ${name} were changed`);
    },

    refused: async () => {
      const found = await gateway.inForce();
      return found.ok ? ok({packets: readRefused(found.value.listing)}) : found;
    },

    flows: async () => {
      const seen = await gateway.seen();
      if (!seen.ok || seen.value.length === 0) return seen.ok ? ok(undefined) : seen;
      const flows = readFlows(seen.value);
      return flows ? ok(flows) : wrong('the tables that remember what the host begins hold something else');
    },

    digest: () => gateway.digest(),

    enforce: async (policy: EdgePolicy) => {
      const rules = rulesOf(policy);
      if (rules === undefined) return wrong(`only IPv4 addresses can be admitted, not ${namedIn(policy)}`);
      const script = render(rules, site);
      const rehearsed = await gateway.rehearse(script);
      if (!rehearsed.ok) return rehearsed;
      made.set(script, essence(rehearsed.value));
      const armed = {token: randomUUID(), seconds: revertSeconds};
      const loaded = await gateway.load(script, armed);
      // Its answer may be what the change itself has cut off.
      if (!loaded.ok && loaded.fault.code !== 'edge.unreachable') return loaded;
      const settled = await confirmed(armed, {
        clock,
        anew,
        gateway: (over) => nftGateway(site, {exec: over, privilege}),
      });
      if (!settled.ok) return settled;
      const {outcome, listing} = settled.value;
      switch (outcome) {
        case 'confirmed':
          break;
        case 'reverted':
          return failed(
            fault(
              'edge.reverted',
              `the change at ${site.interface} cut this controller off from the gateway, which took it back after ` +
                `${revertSeconds} s; its rules are again what they were`,
            ),
          );
        case 'differs':
        case 'failed':
          return wrong(`a change that cut this controller off was taken back, and the rules are not what they were`);
        case 'reverting':
          return wrong('a change that cut this controller off is being taken back, and that has not come to its end');
        case 'lost':
          return wrong('it no longer knows of the change that it was to make: was it started anew?');
        default:
          return outcome satisfies never;
      }
      const sound = await isMadeBy(script, listing);
      if (!sound.ok) return sound;
      return sound.value ? ok(undefined) : wrong('what is in force is not what was set');
    },

    lift: async () => {
      const left = await gateway.inForce(renderLift(site));
      if (!left.ok) return left;
      return left.value.listing.length === 0 ? ok(undefined) : wrong(`the tables ${name} are still there`);
    },
  };
}

/** The addresses that a policy names. */
const namedIn = (policy: EdgePolicy): string =>
  [policy.admit, ...(policy.mode === 'quarantine' ? [policy.reach ?? [], policy.resolver ?? []] : [])]
    .flat()
    .join(', ');
