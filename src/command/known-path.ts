import type {Journal} from '../journal/journal.ts';
import {pathOf, type MediumPath} from '../plan/path.ts';
import type {Runbook} from '../runbook/runbook.ts';
import type {MediumWatch} from '../step/interruption.ts';

// Links change: losses of a year ago say nothing of tonight's.
const recentRuns = 10;

/**
 * What is known of the way over which this host's BMC reads a medium: the runbook's word, and what the host's last runs
 * saw. A run whose record cannot be read is passed over: a forecast is no reason to refuse anything.
 */
export async function knownPath(journal: Journal, {host, bmc}: Runbook): Promise<MediumPath> {
  const runs = await journal.runs(host.name);
  const watched: MediumWatch[] = [];
  for (const run of runs.ok ? runs.value.slice(0, recentRuns).toReversed() : []) {
    const stored = await journal.read(run);
    if (!stored.ok) continue;
    for (const {event} of stored.value) if (event.type === 'medium.watched') watched.push(event);
  }
  return pathOf(bmc.path, watched);
}
