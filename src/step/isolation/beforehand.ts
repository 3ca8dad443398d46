import type {JsonObject} from '../../json.ts';
import {ok, type Result} from '../../result.ts';
import {openPaths, pathText} from '../port/leak.ts';
import {onlySeen, withoutMark} from '../only-seen.ts';
import {bare} from '../port/port.ts';
import type {Hand} from '../step.ts';
import {tryPaths} from '../port/try-paths.ts';
import type {Look} from '../world.ts';
import type {EdgePolicy} from '../world/edge.ts';
import type {Vantage} from '../world/vantage.ts';

/**
 * What was there before the host was isolated: the gateway's rules, for putting them back; the old system's key, for
 * showing in the end that another one answers; the paths that were open, without which "closed" says little. Only the
 * first time that it is seen counts: by the time the step is applied again, some of it is the step's own doing.
 */
export async function beforehand(
  look: Look,
  outside: readonly Vantage[],
  policy: EdgePolicy | undefined,
  hand: Hand,
): Promise<Result<JsonObject>> {
  if (typeof hand.at?.['rulesBefore'] === 'string') return ok(withoutMark(hand.at));
  const [rules, tried, oldHostKey] = await Promise.all([
    look.edge.digest(),
    tryPaths(look, outside),
    keyBefore(look, hand.at),
  ]);
  if (!rules.ok) return rules;
  if (!tried.ok) return tried;
  const seen: JsonObject = {
    ...(oldHostKey !== undefined && {oldHostKey}),
    ...(policy && {policyBefore: {...policy}}),
    rulesBefore: rules.value,
    openBefore: openPaths(tried.value).map(pathText),
  };
  await hand.save(onlySeen(seen));
  return ok(seen);
}

async function keyBefore({run, runbook, vantages}: Look, at: JsonObject | undefined): Promise<string | undefined> {
  const kept = at?.['oldHostKey'];
  if (typeof kept === 'string') return kept;
  const seen = await vantages[0]?.hostKey(bare(runbook.network.address), 22);
  return seen?.ok && seen.value && seen.value !== run.lightPin && seen.value !== run.hostPin ? seen.value : undefined;
}
