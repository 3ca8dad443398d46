import {join} from 'node:path';
import {expect} from 'vitest';
import {loadRunbook, runbookPlaces} from '../../src/command/runbook-file.ts';
import type {Runbook} from '../../src/runbook/runbook.ts';
import {kinds} from '../../src/step/registry.ts';
import {rebuildThrough, type Outcome} from './kill-point.ts';
import {inChains, pointText, type Point} from './point.ts';

/** An undisturbed rebuild, and every moment of it at which a controller can die. */
export interface Calm {
  readonly runbook: Runbook;
  readonly outcome: Outcome;
  readonly steps: readonly string[];
  /** Before and after each commit of the journal, and each effect on the machine. */
  readonly points: readonly Point[];
}

export async function calm(): Promise<Calm> {
  const runbook = await exampleRunbook();
  const outcome = await rebuildThrough(runbook, []);
  expect(outcome.sittings.map(({code}) => code)).toEqual([0]);
  const steps = runbook.steps.map(({id}) => id);
  return {runbook, outcome, steps, points: pointsOf(outcome)};
}

function pointsOf({events, effects}: Outcome): readonly Point[] {
  const seen = new Map<string, number>();
  const nth = (key: string): number => {
    seen.set(key, (seen.get(key) ?? 0) + 1);
    return seen.get(key)!;
  };
  const sides = ['before', 'after'] as const;
  return [
    ...events.flatMap((event): readonly Point[] => {
      const step = 'step' in event ? event.step : undefined;
      const place = nth(`event ${step}`);
      return sides.map((side) => ({is: 'event', side, step, nth: place}));
    }),
    ...effects.flatMap(({what, step}): readonly Point[] => {
      const place = nth(`effect ${step} ${what}`);
      return sides.map((side) => ({is: 'effect', side, step, what, nth: place}));
    }),
  ];
}

/** Dies at the points in turn, resumes, and holds what the machine was given against the undisturbed rebuild. */
async function survives({runbook, outcome: {machine}}: Calm, points: readonly Point[], slow = false): Promise<Outcome> {
  const broken = await rebuildThrough(runbook, points, slow);
  const where = points.map(pointText).join(', then ');
  const told = `${where}\n${broken.sittings.map(({said, lines}) => `${said}${lines.at(-1) ?? ''}`).join('\n')}`;
  expect(broken.events.at(-1)?.type, told).toBe('run.done');
  expect(broken.machine.end(), where).toEqual(machine.end());
  const {wipes, chunks, enforced, inserts, starts} = broken.machine.counts;
  expect({wipes, chunks, enforced}, where).toEqual({
    wipes: 1,
    chunks: machine.counts.chunks,
    enforced: machine.counts.enforced,
  });
  // A controller that died while the host read the medium from it has to start it anew, and to mount it anew.
  const inBoot = points.filter(({is, step}) => is === 'time' && step === 'boot').length;
  expect(inserts, where).toBeLessThanOrEqual(1 + inBoot);
  expect(starts, where).toBeLessThanOrEqual(machine.counts.starts + points.length);
  return broken;
}

/** The same for all of the points, in as few rebuilds as may be, some at once. Every point has to come. */
export async function survivesAll(calm: Calm, points: readonly Point[], slow = false): Promise<readonly Outcome[]> {
  const rebuilds = [...inChains(points, calm.steps)];
  const outcomes: Outcome[] = [];
  const worker = async (): Promise<void> => {
    for (let chain = rebuilds.shift(); chain; chain = rebuilds.shift())
      outcomes.push(await survives(calm, chain, slow));
  };
  await Promise.all([worker(), worker(), worker()]);
  expect(outcomes.flatMap(({missed}) => missed.map(pointText))).toEqual([]);
  return outcomes;
}

async function exampleRunbook(): Promise<Runbook> {
  const loaded = await loadRunbook(join(import.meta.dirname, '../../runbooks/marruuk.yaml'), runbookPlaces(), kinds);
  if (!loaded.ok) throw new Error(loaded.fault.says);
  return loaded.runbook;
}
