import {ok, type Result} from '../../result.ts';
import {durationSeconds} from '../../runbook/duration.ts';
import {judged, notMade, type Check} from '../check.ts';
import {interrupted} from '../interrupted.ts';
import type {Indicator} from '../indicator/indicator.ts';
import {inFlows} from '../indicator/match.ts';
import type {Hand} from '../step.ts';
import type {Look} from '../world.ts';

export const contactCheck = 'contacts';

const everyMs = 30_000;

/**
 * Watches the gateway for what the host sends, or tries to, to an address among the indicators. The gateway counts from
 * the moment it let the new system out, so that nothing is missed before the watch began; a resumed watch goes on where
 * it was.
 */
export async function watchContacts(
  look: Look,
  {watch}: {readonly watch?: string | undefined},
  indicators: readonly Indicator[],
  hand: Hand,
): Promise<Result<readonly Check[]>> {
  if (watch === undefined) return ok([]);
  const seconds = durationSeconds(watch) ?? 0;
  const since = await sinceWhen(look, hand);
  const until = Date.parse(since) + seconds * 1000;
  for (;;) {
    const flows = await look.edge.flows();
    if (!flows.ok) return flows;
    if (flows.value === undefined) return ok([notMade(contactCheck, 'this edge does not tell what the host sends')]);
    const contacts = inFlows(indicators, flows.value.tried);
    const leftMs = until - Date.parse(look.clock.now());
    if (contacts.length > 0 || leftMs <= 0) {
      return ok([verdict(contacts, flows.value.full, `none with ${addresses(indicators)} addresses`, watch)]);
    }
    const done = Math.max(0, Math.floor(seconds - leftMs / 1000));
    hand.progress({says: 'watching for contact', done, of: seconds, unit: 'seconds'});
    await look.clock.sleep(Math.min(leftMs, everyMs), hand.signal);
    if (hand.signal.aborted) return interrupted();
  }
}

/** Of a gateway whose memory is full nobody knows where else the host went. */
const verdict = (contacts: readonly string[], full: boolean, none: string, watch: string): Check =>
  full && contacts.length === 0
    ? notMade(
        contactCheck,
        `the host tried more places in ${watch} than the gateway has room for; ${none} among those it has`,
      )
    : judged(contactCheck, contacts, `${none} in ${watch}`);

const addresses = (indicators: readonly Indicator[]): number =>
  indicators.filter(({kind}) => kind === 'address').length;

async function sinceWhen({clock}: Look, hand: Hand): Promise<string> {
  const kept = hand.at?.['watchSince'];
  if (typeof kept === 'string' && Number.isFinite(Date.parse(kept))) return kept;
  const now = clock.now();
  await hand.save({watchSince: now});
  return now;
}
