import {describe, expect, test} from 'vitest';
import type {Ports} from '../../src/engine/drive.ts';
import {isGated} from '../../src/gate/judge.ts';
import {ok} from '../../src/result.ts';
import type {StepId} from '../../src/brand.ts';
import {Machine} from '../simulator/machine.ts';
import {memoryJournal} from '../simulator/journal.ts';
import {runbook} from '../simulator/runbook.ts';
import {sit, types, type Stand} from '../simulator/sitting.ts';
import {VirtualClock} from '../simulator/clock.ts';
import {terms} from './sample.ts';

const stand = (): Stand => {
  const clock = new VirtualClock();
  return {clock, machine: new Machine(runbook, clock), journal: memoryJournal(clock)};
};

/** A gate before the erasure and the install, which `has` opens with two. */
const gate =
  (has: () => readonly string[]): NonNullable<Ports['gate']> =>
  async (step) => {
    const by = has();
    return ok(
      isGated(step, {...terms, steps: ['wipe', 'install'] as StepId[]})
        ? {open: by.length >= 2, by, needs: 2}
        : undefined,
    );
  };
const nobody = {gate: gate(() => [])};
const one = {gate: gate(() => ['omar'])};
const both = {gate: gate(() => ['omar', 'vera'])};

describe('a run with a gate', () => {
  test('stops before the first step it guards, on record, and touches nothing behind it', async () => {
    const s = stand();
    expect(await sit(s, undefined, one)).toEqual({end: 'stopped', why: 'gate'});
    expect(types(s.journal.entries).slice(-2)).toEqual(['wipe gate.reached', 'run.stopped']);
    expect(s.journal.entries.at(-2)?.event).toEqual({type: 'gate.reached', step: 'wipe', has: 1, needs: 2});
    expect(s.machine.counts.wipes).toBe(0);
    expect(s.machine.disk('S3Z8NB0K412345').content.get(0)).toBe('old');
  });

  test('waits once, however often it is resumed too early, and goes on when enough agree', async () => {
    const s = stand();
    for (const still of [nobody, one, one])
      expect(await sit(s, undefined, still)).toEqual({end: 'stopped', why: 'gate'});
    expect(types(s.journal.entries).filter((type) => type === 'wipe gate.reached')).toHaveLength(1);
    expect(await sit(s, undefined, both)).toEqual({end: 'done'});
    const told = types(s.journal.entries);
    expect(told.indexOf('wipe gate.opened')).toBe(told.indexOf('wipe step.started') - 1);
    expect(told.indexOf('install gate.opened')).toBe(told.indexOf('install step.started') - 1);
  });

  test('stops again where approvals have run out between two guarded steps', async () => {
    const s = stand();
    let people = ['omar', 'vera'];
    const observe: Ports['observe'] = ({event}) => {
      if (event.type === 'step.done' && event.step === 'wipe') people = ['vera'];
    };
    expect(await sit(s, undefined, {gate: gate(() => people), observe})).toEqual({end: 'stopped', why: 'gate'});
    expect(types(s.journal.entries).slice(-2)).toEqual(['install gate.reached', 'run.stopped']);
    expect(s.machine.counts.chunks.size).toBe(0);
    people = ['omar', 'vera'];
    expect(await sit(s, undefined, both)).toEqual({end: 'done'});
  });

  test('killed anywhere before it is approved, nothing is erased; killed anywhere after, it ends the same, erased once', async () => {
    const calm = stand();
    await sit(calm, undefined, both);
    const whole = calm.machine.end();
    for (let at = 1; ; at++) {
      const s = stand();
      const died = await sit(s, at, nobody);
      await sit(s, undefined, nobody);
      const where = `killed at #${at} before approval`;
      expect(s.machine.counts.wipes, where).toBe(0);
      expect(await sit(s, undefined, both), where).toEqual({end: 'done'});
      expect(s.machine.end(), where).toEqual(whole);
      if (died !== 'killed') break;
    }
    for (let at = 1; ; at++) {
      const s = stand();
      await sit(s, undefined, nobody);
      const died = await sit(s, at, both);
      const where = `killed at #${at} after approval`;
      // What was approved and has begun is finished, though nobody agrees any more; what has not begun waits.
      const begun = s.machine.counts.wipes;
      await sit(s, undefined, nobody);
      expect(s.machine.counts.wipes, where).toBe(begun);
      expect(await sit(s, undefined, both), where).toEqual({end: 'done'});
      expect(s.machine.end(), where).toEqual(whole);
      expect(s.machine.counts.wipes, where).toBe(1);
      if (died !== 'killed') break;
    }
  });
});
