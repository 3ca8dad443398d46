import {fault} from '../../fault.ts';
import {failed, ok, type Result} from '../../result.ts';
import {notMade, type Check} from '../check.ts';
import type {Look} from '../world.ts';
import {readCsv} from './csv.ts';
import type {Indicator, Indicators} from './indicator.ts';
import {readStix} from './stix.ts';

export interface Gathered {
  readonly usable: readonly Indicator[];
  /** One for each entry that cannot be looked for. */
  readonly checks: readonly Check[];
}

/** All that the runbook's lists name, and the addresses that it gives itself. */
export async function readIndicators(
  look: Look,
  {indicators, contacts}: {readonly indicators: readonly string[]; readonly contacts: readonly string[]},
): Promise<Result<Gathered>> {
  const usable: Indicator[] = contacts.map((value) => ({kind: 'address', value: value.toLowerCase()}));
  const checks: Check[] = [];
  for (const file of indicators) {
    const text = await look.shelf.document(file);
    if (!text.ok) return text;
    const read = indicatorsIn(text.value);
    if (read === undefined) return failed(fault('document.unreadable', `${file} is neither CSV nor a STIX 2.1 bundle`));
    usable.push(...read.usable);
    checks.push(
      ...read.unsupported.map(({text: entry, because}) => notMade(`indicator ${entry.slice(0, 200)}`, because)),
    );
  }
  return ok({usable, checks});
}

const indicatorsIn = (text: string): Indicators | undefined =>
  text.trimStart().startsWith('{') ? readStix(text) : readCsv(text);
