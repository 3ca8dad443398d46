import type {Stored} from '../engine/event.ts';
import type {Journal} from '../journal/journal.ts';
import {pathOf} from '../plan/path.ts';
import type {Runbook} from '../runbook/runbook.ts';
import type {MediumWatch} from '../step/interruption.ts';
import type {HostRecord} from '../step/world.ts';
import {secondsOf} from '../view/elapsed.ts';
import {read} from '../view/history.ts';

// Links change: losses of a year ago say nothing of tonight's.
const recentRuns = 10;

/**
 * What this host's last runs saw, and what the runbook says of it. A run whose record cannot be read is passed over: a
 * forecast is no reason to refuse anything.
 */
export async function hostRecord(journal: Journal, {host, bmc}: Runbook): Promise<HostRecord> {
  const runs = await journal.runs(host.name);
  const watched: MediumWatch[] = [];
  let took: HostRecord['took'] = {};
  for (const run of runs.ok ? runs.value.slice(0, recentRuns).toReversed() : []) {
    const stored = await journal.read(run);
    if (!stored.ok) continue;
    for (const {event} of stored.value) if (event.type === 'medium.watched') watched.push(event);
    took = tookOf(stored.value) ?? took;
  }
  return {path: pathOf(bmc.path, watched), took};
}

/** Of a run that reached its end; a step that was left and taken up again took what all its attempts took. */
function tookOf(stored: readonly Stored[]): HostRecord['took'] | undefined {
  const history = read(stored);
  if (history?.end.is !== 'done') return undefined;
  return Object.fromEntries(
    history.steps.flatMap((step) => {
      const seconds = secondsOf(step, history.last);
      return seconds === undefined ? [] : [[step.heading.id, seconds]];
    }),
  );
}
