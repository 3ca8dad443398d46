import type {Journal} from '../journal/journal.ts';
import {pathOf} from '../plan/path.ts';
import type {Runbook} from '../runbook/runbook.ts';
import type {MediumWatch} from '../step/interruption.ts';
import type {EarlierRun, HostRecord} from '../step/world.ts';
import {secondsOf} from '../view/elapsed.ts';
import {read, type History} from '../view/history.ts';
import type {StepHistory} from '../view/step-history.ts';

// Links change: losses of a year ago say nothing of tonight's.
const recentRuns = 10;

/**
 * What this host's last runs saw, and what the runbook says of it. A run whose record cannot be read is passed over: a
 * forecast is no reason to refuse anything.
 */
export async function hostRecord(journal: Journal, {host, bmc}: Runbook): Promise<HostRecord> {
  const runs = await journal.runs(host.name);
  const watched: MediumWatch[] = [];
  const earlier: EarlierRun[] = [];
  for (const run of runs.ok ? runs.value.slice(0, recentRuns).toReversed() : []) {
    const stored = await journal.read(run);
    if (!stored.ok) continue;
    for (const {event} of stored.value) if (event.type === 'medium.watched') watched.push(event);
    const history = read(stored.value);
    if (history?.end.is === 'done') earlier.push(earlierRun(history));
  }
  return {path: pathOf(bmc.path, watched), runs: earlier};
}

function earlierRun({run, facts, steps, last}: History): EarlierRun {
  const {image} = facts;
  return {
    run,
    ...(typeof image === 'string' && {image}),
    steps: Object.fromEntries(
      steps.flatMap((step) => {
        const seconds = secondsOf(step, last);
        if (seconds === undefined) return [];
        return [[step.heading.id, {kind: step.heading.kind, seconds, ...rateOf(step)}]];
      }),
    ),
  };
}

/** What a step's proof says of its transfer: bytes over this controller's line, and the seconds they took. */
function rateOf({status}: StepHistory): {readonly bytesPerSecond?: number} {
  const {bytesSent, seconds} = status.is === 'done' ? status.proof.data : {};
  const measured = typeof bytesSent === 'number' && typeof seconds === 'number' && bytesSent > 0 && seconds > 0;
  return measured ? {bytesPerSecond: bytesSent / seconds} : {};
}
