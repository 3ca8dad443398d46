import type {RunId, StepId} from '../../brand.ts';
import {drive, type RunEnd} from '../../engine/drive.ts';
import type {Event} from '../../engine/event.ts';
import type {Fault} from '../../fault.ts';
import type {Journal, Lease} from '../../journal/journal.ts';
import type {Runbook} from '../../runbook/runbook.ts';
import {mediaWatch} from '../../step/medium/watch.ts';
import {outages} from '../../step/outage.ts';
import {kinds} from '../../step/registry.ts';
import type {Outside} from '../../step/world.ts';
import type {Clock} from '../../clock.ts';
import type {Reporter} from '../../view/reporter.ts';
import {gatekeeper} from './gatekeeper.ts';
import {onInterrupt} from './interrupt.ts';
import {keepLease} from './lease-keeper.ts';
import {releases} from './releases.ts';
import {hearStopRequests, type StopRequests} from './stop-requests.ts';

export interface Sitting {
  readonly run: RunId;
  readonly runbook: Runbook;
  readonly journal: Journal;
  readonly lease: Lease;
  readonly clock: Clock;
  readonly world: Outside;
  readonly reporter: Reporter;
  /** The event that opens the sitting: `run.begun` or `run.resumed`. */
  readonly first: Event;
  readonly until?: StepId;
  /** Where the run's runbook keeps its list of allowed signers; only asked for where the run has a gate. */
  readonly signers: string;
}

/** One sitting at a run: drives it until it ends, with the lease kept and Ctrl-C heard. */
export async function sit(sitting: Sitting): Promise<RunEnd> {
  const {journal, lease, clock, reporter, run, runbook, until} = sitting;
  const {steps} = runbook;
  const say = (line: string): void => reporter.say(line);
  const interrupt = onInterrupt(reporter);
  const keeper = keepLease(journal, lease, clock);
  let requests: StopRequests | undefined;
  try {
    const opened = await journal.append(run, sitting.first, lease);
    if (!opened.ok) return {end: 'cut', fault: opened.fault, state: {phase: 'unborn'}};
    reporter.event(opened.value);
    requests = hearStopRequests(journal, run, opened.value.seq, {clock, interrupt, say});
    const stops = requests;
    const end = await drive(run, {
      journal,
      lease,
      clock,
      kinds,
      steps,
      world: sitting.world,
      watch: mediaWatch(),
      outages: outages(),
      observe: (stored) => reporter.event(stored),
      progress: (step, progress) => reporter.progress(step, progress),
      pause: async (next) => {
        await stops.look();
        return interrupt.asked() ? 'asked' : isBeyond(next, until, steps) ? 'until' : undefined;
      },
      gate: gatekeeper(journal, run, {file: sitting.signers, clock, say}),
      released: releases(journal, run),
      signal: AbortSignal.any([interrupt.now, keeper.lost]),
    });
    return keeper.lost.aborted ? {end: 'cut', fault: keeper.lost.reason as Fault, state: {phase: 'unborn'}} : end;
  } finally {
    interrupt.end();
    await requests?.end();
    await keeper.stop();
    reporter.end();
  }
}

/**
 * Whether a step comes after the one to stop at. Judged by place, not by that step's end: on resume it may have been
 * reached in an earlier sitting, and what follows it may be an erasure.
 */
export function isBeyond(next: StepId, until: StepId | undefined, steps: readonly {readonly id: StepId}[]): boolean {
  const place = (wanted: StepId): number => steps.findIndex(({id}) => id === wanted);
  return until !== undefined && place(next) > place(until);
}
