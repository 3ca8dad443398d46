import {ok, type Result} from '../../result.ts';
import type {Port} from '../../runbook/runbook.ts';
import {judged, notMade, passed, type Check} from '../check.ts';
import {declaredTree} from './declared-tree.ts';
import {isGenerated} from './generated.ts';
import type {Indicator} from '../indicator/indicator.ts';
import {inFiles} from '../indicator/match.ts';
import {byPath, differences, useOf, type TreeEntry} from './tree.ts';
import type {Look} from '../world.ts';
import type {Inventory} from '../world/renewed.ts';

/**
 * What is on the running system that would let somebody stay, against the golden list: that of the image, made from
 * its own bytes, and this run's own files. And what is listed so, against the indicators.
 */
export async function goldenCheck(
  look: Look,
  {golden, expect}: {readonly golden: boolean; readonly expect: readonly Port[]},
  indicators: readonly Indicator[],
): Promise<Result<readonly Check[]>> {
  const looking = indicators.filter(({kind}) => kind !== 'address').length;
  if (!golden) return ok(looking > 0 ? [notMade('indicators', 'files are looked at with `golden: true` alone')] : []);
  const declared = await declaredTree(look);
  if (!declared.ok) return declared;
  const found = await look.renewed.inventory();
  if (!found.ok) return found;
  return ok([
    ...useChecks(declared.value, found.value.entries),
    listenerCheck(found.value, expect),
    ...(looking > 0
      ? [judged('indicators', inFiles(indicators, found.value.entries), `none of ${looking} ${among(found.value)}`)]
      : []),
  ]);
}

/** What indicators are looked for among: a file of no such use is read by files.verify alone, before the start. */
const among = ({entries}: Inventory): string =>
  `among ${entries.length} units, timers, cron tables, keys, preloads and SUID files; no others were looked at`;

const uses = ['unit', 'timer', 'cron', 'key', 'suid', 'preload'] as const;

/** One check for each way to stay. */
export function useChecks(golden: readonly TreeEntry[], found: readonly TreeEntry[]): readonly Check[] {
  const listed = byPath(golden);
  const made = found.filter((entry) => !isGenerated(entry, listed));
  return uses.map((use) => {
    const of = (entries: readonly TreeEntry[]) =>
      entries.filter((entry) => entry.type !== 'folder' && useOf(entry) === use);
    const wanted = of(golden);
    return judged(use, differences(byPath(wanted), of(made)), `the ${wanted.length} of the golden list`);
  });
}

/** What listens to more than the host itself is what is declared. */
export function listenerCheck({listeners}: Pick<Inventory, 'listeners'>, expect: readonly Port[]): Check {
  const outside = listeners.filter(({address}) => !isLoopback(address));
  const open = [...new Set(outside.map(({port}) => port))];
  const wrong = [
    ...open.filter((port) => !expect.includes(port)).map((port) => `it listens on ${port}`),
    ...expect.filter((port) => !open.includes(port)).map((port) => `nothing listens on ${port}`),
  ];
  return wrong.length > 0 ? judged('listeners', wrong, '') : passed('listeners', open.join(', ') || 'none');
}

const isLoopback = (address: string): boolean => address.startsWith('127.') || address === '::1';
