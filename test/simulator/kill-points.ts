import {join} from 'node:path';
import {expect} from 'vitest';
import {loadRunbook, runbookPlaces} from '../../src/command/runbook-file.ts';
import type {Runbook} from '../../src/runbook/runbook.ts';
import {kinds} from '../../src/step/registry.ts';
import {rebuildThrough, type Outcome, type Point} from './kill-point.ts';

/** An undisturbed rebuild, and every moment of it at which a controller can die. */
export interface Calm {
  readonly runbook: Runbook;
  readonly outcome: Outcome;
  readonly points: readonly Point[];
}

const count = (length: number) => Array.from({length}, (_, index) => index + 1);

export async function calm(): Promise<Calm> {
  const runbook = await exampleRunbook();
  const outcome = await rebuildThrough(runbook, []);
  expect(outcome.sittings.map(({code}) => code)).toEqual([0]);
  // The last line is the summary; every other is an event.
  const events = (outcome.sittings[0]?.lines.length ?? 0) - 1;
  const both = ['before', 'after'] as const;
  return {
    runbook,
    outcome,
    points: [
      ...count(events).flatMap((event) => both.map((side) => ({side, event}))),
      ...count(outcome.effects.length).flatMap((effect) => both.map((side) => ({side, effect}))),
    ],
  };
}

/** Dies at the points in turn, resumes, and holds what the machine was given against the undisturbed rebuild. */
export async function survives({runbook, outcome: {machine, effects}}: Calm, points: readonly Point[]): Promise<void> {
  const broken = await rebuildThrough(runbook, points);
  const where = points.map((point) => pointText(point, effects)).join(', then ');
  const told = `${where}\n${broken.sittings.map(({said, lines}) => `${said}${lines.at(-1) ?? ''}`).join('\n')}`;
  expect(broken.ended, told).toBe(true);
  expect(broken.machine.end(), where).toEqual(machine.end());
  const {wipes, chunks, enforced, inserts, starts} = broken.machine.counts;
  expect({wipes, chunks, enforced, inserts}, where).toEqual({
    wipes: 1,
    chunks: machine.counts.chunks,
    enforced: machine.counts.enforced,
    inserts: 1,
  });
  // A controller that died while the host started may have to start it anew.
  expect(starts, where).toBeLessThanOrEqual(machine.counts.starts + points.length);
}

export const pointText = (point: Point, effects: readonly string[]): string =>
  'event' in point ? `${point.side} event ${point.event}` : `${point.side} ${effects[point.effect - 1] ?? 'nothing'}`;

async function exampleRunbook(): Promise<Runbook> {
  const loaded = await loadRunbook(join(import.meta.dirname, '../../runbooks/marruuk.yaml'), runbookPlaces(), kinds);
  if (!loaded.ok) throw new Error(loaded.fault.says);
  return loaded.runbook;
}
