import {expect, test} from 'vitest';
import {undoable} from '../../src/command/undo.ts';
import {fold} from '../../src/engine/evolve.ts';
import {portIsolate} from '../../src/step/port-isolate.ts';
import {VirtualClock} from '../simulator/clock.ts';
import {memoryJournal} from '../simulator/journal.ts';
import {Killed, Machine} from '../simulator/machine.ts';
import {runbook} from '../simulator/runbook.ts';
import {sit, type Stand} from '../simulator/sitting.ts';

const stand = (): Stand => {
  const clock = new VirtualClock();
  return {clock, machine: new Machine(runbook, clock), journal: memoryJournal(clock)};
};
const stepsOf = ({journal}: Stand) => {
  const state = fold(journal.entries);
  return state.phase === 'unborn' ? [] : state.steps;
};
/** A rebuild whose controller dies once the step is done. */
async function until(step: string): Promise<Stand> {
  const one = stand();
  const observe = ({event}: {event: {type: string; step?: string}}): void => {
    if (event.type === 'step.done' && event.step === step) throw new Killed();
  };
  expect(await sit(one, undefined, {observe})).toBe('killed');
  return one;
}

test('an isolation that is done can be taken back, and a resume does it again', async () => {
  const one = await until('isolate');
  const found = undoable(stepsOf(one), 'isolate');
  expect(found).toMatchObject({ok: true, value: {record: {heading: {id: 'isolate'}}}});
  if (!found.ok) return;
  const world = {...one.machine.world(), earlier: () => undefined, forgone: () => false};
  const undone = await portIsolate.undo!(world, {} as never, found.value.proof);
  expect(undone).toMatchObject({ok: true});
  expect(one.machine.policy).toBeUndefined();
  expect(await sit(one)).toEqual({end: 'done'});
});

test.each([
  ['isolate', 'network', 'step.not-undoable'],
  ['mount', 'isolate', 'step.not-undoable'],
  ['nothing', 'isolate', 'step.missing'],
])('%s cannot, once %s is done', async (name, done, code) => {
  expect(undoable(stepsOf(await until(done)), name)).toMatchObject({ok: false, fault: {code}});
});

test('one that is not done cannot', () => {
  const one = stand();
  expect(undoable(stepsOf(one), 'isolate')).toMatchObject({ok: false, fault: {code: 'step.missing'}});
});
