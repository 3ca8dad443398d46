import type {Journal} from '../journal/journal.ts';
import type {JsonObject} from '../json.ts';
import {linkOf, rateOf, type Carried, type Moved} from '../plan/link.ts';
import {pathOf} from '../plan/path.ts';
import type {Runbook} from '../runbook/runbook.ts';
import {amount, isObject} from '../shape.ts';
import type {MediumWatch} from '../step/interruption.ts';
import {mediaStage} from '../step/media-stage.ts';
import {osInstall} from '../step/os-install.ts';
import type {EarlierRun, HostRecord} from '../step/world.ts';
import {secondsOf} from '../view/elapsed.ts';
import {read, type History} from '../view/history.ts';
import {interruptionsOf} from '../view/interruptions.ts';
import type {StepHistory} from '../view/step-history.ts';

// Links change: losses of a year ago say nothing of tonight's.
const recentRuns = 10;

/**
 * What this host's last runs saw, the one under way among them, and what the runbook says of it. A run whose record
 * cannot be read is passed over: a forecast is no reason to refuse anything.
 */
export async function hostRecord(journal: Journal, {host, bmc, link}: Runbook): Promise<HostRecord> {
  const runs = await journal.runs(host.name);
  const watched: MediumWatch[] = [];
  const carried: Carried[] = [];
  const earlier: EarlierRun[] = [];
  for (const run of runs.ok ? runs.value.slice(0, recentRuns).toReversed() : []) {
    const stored = await journal.read(run);
    if (!stored.ok) continue;
    for (const {event} of stored.value) if (event.type === 'medium.watched') watched.push(event);
    const history = read(stored.value);
    if (!history) continue;
    carried.push(...carriedIn(history));
    if (history.end.is === 'done') earlier.push(earlierRun(history));
  }
  return {path: pathOf(bmc.path, watched), link: linkOf(link, carried), runs: earlier};
}

const bringing: ReadonlySet<string> = new Set([mediaStage.kind, osInstall.kind]);

function carriedIn(history: History): readonly Carried[] {
  const cuts = interruptionsOf(history.ledger).filter(({cause}) => cause === 'link cut');
  return history.steps
    .filter(({heading}) => bringing.has(heading.kind))
    .flatMap((step): Carried[] => {
      const seconds = secondsOf(step, history.last);
      if (seconds === undefined) return [];
      const moved = movedIn(proofOf(step));
      const met = cuts.filter(({step: id}) => id === step.heading.id).length;
      return [{seconds, cuts: met, ...(moved && {moved})}];
    });
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
        // With what it takes besides: what was read back, and what broke in.
        const {bytesSent} = proofOf(step);
        const rate = amount(bytesSent) ? rateOf({bytes: bytesSent, seconds}) : undefined;
        const {kind} = step.heading;
        return [[step.heading.id, {kind, seconds, ...(rate !== undefined && {bytesPerSecond: rate})}]];
      }),
    ),
  };
}

const proofOf = ({status}: StepHistory): JsonObject => (status.is === 'done' ? status.proof.data : {});

function movedIn({moved}: JsonObject): Moved | undefined {
  if (!isObject(moved)) return undefined;
  const {bytes, seconds} = moved;
  return amount(bytes) && amount(seconds) ? {bytes, seconds} : undefined;
}
