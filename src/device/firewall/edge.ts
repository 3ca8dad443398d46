import {ok, type Result} from '../../result.ts';
import type {Edge, EdgePolicy} from '../../step/world.ts';
import {nftGateway, type Login} from './gateway.ts';
import {essence, readRefused, readRules, type Listing} from './reading.ts';
import {render, renderLift} from './render.ts';
import {policyOf, rulesOf} from './rules.ts';
import {tableName, type Site} from './site.ts';

export interface NftablesEdge extends Site, Login {}

/**
 * A gateway whose nftables carry the host's policy in tables of our own. What is in force is proved, not believed: the
 * policy is read out of the tables' sets, rendered again, loaded into a fresh network namespace on the gateway itself,
 * which touches nothing, and the two listings must be the same. Faults: `edge.unreachable`, `edge.not-as-set`.
 */
export function nftablesEdge({exec, privilege = [], ...site}: NftablesEdge): Edge {
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
      const found = await gateway.inForce();
      if (!found.ok) return found;
      if (found.value.length === 0) return ok(undefined);
      const rules = readRules(found.value);
      if (rules === undefined) return wrong(`the tables ${name} do not hold rules of ours`);
      const normal = rulesOf(policyOf(rules));
      if (normal === undefined) return wrong(`the tables ${name} admit what is no address`);
      const sound = await isMadeBy(render(normal, site), found.value);
      if (!sound.ok) return sound;
      return sound.value ? ok(policyOf(normal)) : wrong(`the tables ${name} were changed`);
    },

    refused: async () => {
      const found = await gateway.inForce();
      return found.ok ? ok({packets: readRefused(found.value)}) : found;
    },

    enforce: async (policy: EdgePolicy) => {
      const rules = rulesOf(policy);
      if (rules === undefined) return wrong(`only IPv4 addresses can be admitted, not ${namedIn(policy)}`);
      const script = render(rules, site);
      const rehearsed = await gateway.rehearse(script);
      if (!rehearsed.ok) return rehearsed;
      made.set(script, essence(rehearsed.value));
      const found = await gateway.inForce(script);
      if (!found.ok) return found;
      const sound = await isMadeBy(script, found.value);
      if (!sound.ok) return sound;
      return sound.value ? ok(undefined) : wrong('what is in force is not what was set');
    },

    lift: async () => {
      const left = await gateway.inForce(renderLift(site));
      if (!left.ok) return left;
      return left.value.length === 0 ? ok(undefined) : wrong(`the tables ${name} are still there`);
    },
  };
}

/** The addresses that a policy names. */
const namedIn = (policy: EdgePolicy): string =>
  [...policy.admit, ...((policy.mode === 'quarantine' && policy.reach) || [])].join(', ');
