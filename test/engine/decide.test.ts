import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import type {HostName, Instant, RunId, Sha256, StepId} from '../../src/brand.ts';
import {decide} from '../../src/engine/decide.ts';
import type {Event, StepHeading} from '../../src/engine/event.ts';
import {evolve, unborn} from '../../src/engine/evolve.ts';
import type {RunState} from '../../src/engine/state.ts';
import {fault} from '../../src/fault.ts';

const at = '2026-11-21T09:00:00.000Z' as Instant;
const digest = 'a'.repeat(64) as Sha256;
const after = (state: RunState, ...events: Event[]): RunState =>
  events.reduce((now, event) => evolve(now, {event, at}), state);

const headings = fc
  .array(fc.record({irreversible: fc.boolean(), until: fc.nat(4)}), {minLength: 1, maxLength: 5})
  .map((list) =>
    list.map(({irreversible, until}, index): StepHeading => ({
      id: `s${index}` as StepId,
      kind: `k${index}`,
      irreversible,
      heldUntil: until > index ? [`k${until}`] : [],
      place: {file: 'r.yaml', line: index + 1, column: 1},
    })),
  );

const begun = (steps: readonly StepHeading[]): Event => ({
  type: 'run.begun',
  run: 'h-1' as RunId,
  host: 'h' as HostName,
  by: 'a@b',
  rebuild: '0',
  plan: digest,
  runbook: digest,
  lab: false,
  steps,
  facts: {},
});
const resumed: Event = {type: 'run.resumed', by: 'a@b', pid: 1};
const proof = {says: 'so', data: {}};
const trouble = fault('ssh.lost', 'gone');

/** What the world answers to one action: the outcomes a step or a check can have, or a death in the middle. */
const answer = fc.constantFrom('well', 'fault', 'death');

/** Plays a run against a list of answers, then against a world where all goes well. */
function play(steps: readonly StepHeading[], answers: readonly string[]) {
  let state = after(unborn, begun(steps));
  const applied: StepId[] = [];
  const ended: StepId[] = [];
  const queue = [...answers];
  for (let turn = 0; turn < 200; turn++) {
    const action = decide(state);
    const reply = queue.shift() ?? 'well';
    switch (action.do) {
      case 'rest':
        return {state, applied, ended, turns: turn};
      case 'finish':
        state = after(state, {type: 'run.done'});
        break;
      case 'stop':
        state = after(state, {type: 'run.stopped', why: 'failed'}, resumed);
        break;
      case 'check':
        state =
          reply === 'fault' && !action.step.irreversible
            ? after(state, {type: 'step.lapsed', step: action.step.id, fault: trouble})
            : after(state, {type: 'step.kept', step: action.step.id, proof});
        break;
      case 'apply': {
        applied.push(action.step.id);
        state = after(state, {type: 'step.started', step: action.step.id, attempt: action.attempt});
        if (reply === 'death') state = after(state, resumed);
        else if (reply === 'fault') state = after(state, {type: 'step.failed', step: action.step.id, fault: trouble});
        else {
          ended.push(action.step.id);
          state = after(state, {type: 'step.done', step: action.step.id, proof});
        }
        break;
      }
      default:
        action satisfies never;
    }
  }
  throw new Error('the run never came to rest');
}

describe('decide and evolve', () => {
  it('reach the end of every run once the world lets them, whatever happened before', () => {
    fc.assert(
      fc.property(headings, fc.array(answer, {maxLength: 40}), (steps, answers) => {
        const {state} = play(steps, answers);
        expect(state.phase).toBe('done');
        expect(state.phase === 'done' && state.steps.every(({status}) => status.is === 'done')).toBe(true);
      }),
    );
  });

  it('end an irreversible step once and never begin it again after that', () => {
    fc.assert(
      fc.property(headings, fc.array(answer, {maxLength: 40}), (steps, answers) => {
        const {applied, ended} = play(steps, answers);
        for (const {id} of steps.filter(({irreversible}) => irreversible)) {
          expect(ended.filter((each) => each === id)).toHaveLength(1);
          expect(applied.lastIndexOf(id)).toBeLessThanOrEqual(applied.length);
        }
      }),
    );
  });

  it('take steps in order: none begins while an earlier one is not done', () => {
    fc.assert(
      fc.property(headings, fc.array(answer, {maxLength: 40}), (steps, answers) => {
        const {ended} = play(steps, answers);
        const first = steps.map(({id}) => ended.indexOf(id));
        expect(first).toEqual([...first].toSorted((a, b) => a - b));
      }),
    );
  });

  it('give the same next action for a history folded at once and resumed at any prefix', () => {
    fc.assert(
      fc.property(headings, fc.nat(6), (steps, done) => {
        const events = steps.slice(0, done).flatMap(({id}): Event[] => [
          {type: 'step.started', step: id, attempt: 1},
          {type: 'step.done', step: id, proof},
        ]);
        for (let cut = 0; cut <= events.length; cut++) {
          const action = decide(after(unborn, begun(steps), ...events.slice(0, cut), resumed));
          const open = steps[Math.floor(cut / 2)];
          const expected = cut < 2 ? 'apply' : 'check';
          expect(action.do === 'check' || action.do === 'apply' || action.do === 'finish').toBe(true);
          if (action.do === 'apply' && cut < 2) expect([expected, action.step.id]).toEqual(['apply', open?.id]);
        }
      }),
    );
  });

  it('leave an irreversible step that no longer shows for a person', () => {
    const step: StepHeading = {
      id: 's' as StepId,
      kind: 'disk.wipe',
      irreversible: true,
      heldUntil: [],
      place: {file: 'r', line: 1, column: 1},
    };
    const state = after(
      unborn,
      begun([step]),
      {type: 'step.started', step: step.id, attempt: 1},
      {type: 'step.done', step: step.id, proof},
      resumed,
      {type: 'step.lapsed', step: step.id, fault: trouble},
    );
    expect(decide(state)).toMatchObject({do: 'stop', fault: {code: 'ssh.lost'}});
  });

  it('ignore events that do not fit, so that a damaged history can still be read', () => {
    expect(after(unborn, {type: 'run.done'})).toEqual(unborn);
    const open = after(unborn, begun([]));
    expect(after(open, {type: 'step.done', step: 'nowhere' as StepId, proof})).toEqual(open);
  });
});
